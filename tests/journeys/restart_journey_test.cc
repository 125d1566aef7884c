// Every program is started anew, one after the other, under load: no request
// fails for clients that try once more, and every acknowledged write is there.
#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "tests/journeys/system.h"

namespace mostove::journeys {
namespace {

using ::testing::IsEmpty;

namespace v1 = organizations::v1;

constexpr int kClients = 10;
constexpr absl::Duration kPause = absl::Milliseconds(20);  // 500 requests/s in all

// Clients that create organizations, and read and list what they created.
class Load {
 public:
  explicit Load(const System& system) : system_(system) {
    for (int i = 0; i < kClients; ++i) clients_.emplace_back([this, i] { Run(i); });
  }
  ~Load() { Stop(); }

  void Stop() {
    stopping_ = true;
    for (std::thread& client : clients_) client.join();
    clients_.clear();
  }

  int answered() const { return answered_; }
  int retried() const { return retried_; }
  std::vector<std::string> failures() const { return failures_; }                 // after Stop
  const std::map<std::string, std::string>& created() const { return created_; }  // after Stop

 private:
  void Run(int number) {
    const auto client = system_.NewClient();
    std::string name;
    absl::Time next = absl::Now();
    for (int i = 0; !stopping_; ++i) {
      if (i % 4 == 0) {
        const std::string key = absl::StrCat("client-", number, "x", i);
        const auto response =
            Try(*client, {"POST",
                          "/v1/organizations",
                          {{"Content-Type", "application/json"}, {"Idempotency-Key", key}},
                          absl::StrCat("{\"legalName\": \"", key, "\"}")});
        if (response.status != 200) continue;
        name = As<v1::Organization>(response).name();
        std::lock_guard<std::mutex> lock(mutex_);
        created_[name] = key;
      } else {
        Try(*client, {"GET", i % 4 == 1 ? "/v1/organizations?pageSize=5" : "/v1/" + name, {}, ""});
      }
      next = std::max(next + kPause, absl::Now() - kPause);
      absl::SleepFor(next - absl::Now());
    }
  }

  // Once more after an answer that says to come back. When there was none, the
  // client has already tried once more by itself.
  http::ClientResponse Try(http::Client& client, const http::ClientRequest& request) {
    auto response = client.Send(request);
    if (response.ok() && response->status == 503) {
      ++retried_;
      response = client.Send(request);
    }
    ++answered_;
    if (response.ok() && response->status == 200) return *std::move(response);
    std::lock_guard<std::mutex> lock(mutex_);
    failures_.push_back(absl::StrCat(request.method, " ", request.target, ": ",
                                     response.ok()
                                         ? absl::StrCat(response->status, " ", response->body)
                                         : response.status().ToString()));
    return {};
  }

  const System& system_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> answered_ = 0, retried_ = 0;
  std::mutex mutex_;
  std::vector<std::string> failures_;           // guarded by mutex_
  std::map<std::string, std::string> created_;  // guarded by mutex_; name to key
  std::vector<std::thread> clients_;
};

class RestartJourney : public JourneyTest {};
INSTANTIATE_IN_BOTH_HOMES(RestartJourney);

TEST_P(RestartJourney, NoRequestFailsWhileEveryProgramStartsAnew) {
  Load load(*system_);
  const auto await = [&](int more) {
    const int before = load.answered();
    while (load.answered() < before + more) absl::SleepFor(absl::Milliseconds(1));
  };
  await(100);
  for (int round = 0; round < 2; ++round) {
    for (const std::string& program : system_->programs()) {
      const absl::Status renewed = system_->process(program).Renew();
      ASSERT_TRUE(renewed.ok()) << renewed;
      await(100);
    }
  }
  load.Stop();
  EXPECT_THAT(load.failures(), IsEmpty());
  RecordProperty("answered", load.answered());
  RecordProperty("retried", load.retried());
  ASSERT_FALSE(load.created().empty());
  for (const auto& [name, key] : load.created()) {
    EXPECT_EQ(As<v1::Organization>(Ask("GET", "/v1/" + name)).legal_name(), key);
  }
  EXPECT_EQ(system_->Stop(), 0);
}

}  // namespace
}  // namespace mostove::journeys
