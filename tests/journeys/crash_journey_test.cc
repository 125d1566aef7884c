// A power cut in the middle of writes: nothing acknowledged is missing, nothing
// doubled, change log and rows agree.
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "tests/journeys/system.h"

namespace mostove::journeys {
namespace {

namespace v1 = organizations::v1;

constexpr int kWrites = 2000;
constexpr int kWriters = 16;

// Sends the creates of one writer until the server is gone; remembers what was
// acknowledged: key -> name.
class Writers {
 public:
  // Each of the keys that is not acknowledged yet, once.
  void Run(const System& system, const std::function<void(int acknowledged)>& progress) {
    std::vector<std::thread> threads;
    for (int writer = 0; writer < kWriters; ++writer) {
      threads.emplace_back([&, writer] {
        const auto client = system.NewClient();
        for (int i = writer; i < kWrites; i += kWriters) {
          const std::string key = absl::StrCat("write-", i);
          if (Acknowledged(key)) continue;
          const auto response =
              client->Send({"POST",
                            "/v1/organizations",
                            {{"Content-Type", "application/json"}, {"Idempotency-Key", key}},
                            absl::StrCat("{\"legalName\": \"", key, "\"}")});
          if (!response.ok() || response->status != 200) return;  // gone
          progress(Acknowledge(key, As<v1::Organization>(*response).name()));
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  std::map<std::string, std::string> names() const { return names_; }

 private:
  bool Acknowledged(const std::string& key) {
    std::lock_guard<std::mutex> lock(mutex_);
    return names_.contains(key);
  }
  int Acknowledge(const std::string& key, const std::string& name) {
    std::lock_guard<std::mutex> lock(mutex_);
    names_[key] = name;
    return static_cast<int>(names_.size());
  }

  std::mutex mutex_;
  std::map<std::string, std::string> names_;
};

class CrashJourney : public JourneyTest {};
INSTANTIATE_IN_BOTH_HOMES(CrashJourney);

TEST_P(CrashJourney, NothingAcknowledgedIsLostAndNothingIsDoubled) {
  System& system = *system_;
  Writers writers;
  std::atomic<bool> killed = false;
  writers.Run(system, [&](int acknowledged) {
    if (acknowledged >= kWrites / 2 && !killed.exchange(true)) system.Kill();
  });
  ASSERT_TRUE(killed);
  const auto before = writers.names();
  ASSERT_LT(before.size(), static_cast<size_t>(kWrites));

  ASSERT_TRUE(system.Restart().ok());
  const auto client = system.NewClient();
  for (const auto& [key, name] : before) {
    const auto organization = As<v1::Organization>(journeys::Ask(*client, "GET", "/v1/" + name));
    ASSERT_EQ(organization.legal_name(), key);
  }
  writers.Run(system, [](int) {});
  EXPECT_EQ(writers.names().size(), static_cast<size_t>(kWrites));

  std::map<std::string, int> rows;  // how often each key is there
  std::set<std::string> names;
  std::string token;
  do {
    const auto page = As<v1::ListOrganizationsResponse>(
        journeys::Ask(*client, "GET", "/v1/organizations?pageSize=1000&pageToken=" + token));
    for (const auto& organization : page.organizations()) {
      ++rows[organization.legal_name()];
      names.insert(organization.name());
    }
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_EQ(rows.size(), static_cast<size_t>(kWrites));
  for (const auto& [key, count] : rows) EXPECT_EQ(count, 1) << key;

  std::set<std::string> logged;
  std::string position;
  while (true) {
    const auto page = As<changes::v1::ListChangesResponse>(
        journeys::Ask(*client, "GET", "/v1/organizations:changes?pageSize=1000&after=" + position));
    if (page.changes_size() == 0) break;
    for (const auto& change : page.changes()) {
      // Else it is of what every installation begins with.
      if (!absl::StartsWith(change.resource_name(), "organizations/")) continue;
      EXPECT_EQ(change.revision(), 1);
      EXPECT_TRUE(logged.insert(change.resource_name()).second) << change.resource_name();
    }
    position = page.next_position();
  }
  EXPECT_EQ(logged, names);
}

}  // namespace
}  // namespace mostove::journeys
