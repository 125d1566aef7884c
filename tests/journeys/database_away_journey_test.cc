// PostgreSQL is stopped, or falls silent, under load and comes back: callers are told to come
// again, the programs live on, and nothing is lost or doubled.
#include <algorithm>
#include <atomic>
#include <functional>
#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "libs/testing/matchers.h"
#include "libs/testing/postgres_server.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "tests/journeys/system.h"

namespace mostove::journeys {
namespace {

namespace v1 = organizations::v1;
using ::mostove::testing::IsOk;
using ::mostove::testing::PostgresServer;

constexpr int kWriters = 8;
constexpr absl::Duration kRecoveryLimit = absl::Seconds(60);

// Callers who make organizations until they are told to stop, each with a key
// which they repeat until it is accepted.
class Writers {
 public:
  explicit Writers(const System& system) {
    for (int writer = 0; writer < kWriters; ++writer) {
      threads_.emplace_back([this, client = system.NewClient(), writer] { Run(*client, writer); });
    }
  }
  ~Writers() {
    if (!stop_) Finish();
  }

  void Finish() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
  }
  int accepted() {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(names_.size());
  }
  int refused() const { return refused_; }
  // By key.
  const std::map<std::string, std::string>& names() const { return names_; }

 private:
  void Run(http::Client& client, int writer) {
    for (int i = 0; !stop_; ++i) {
      const std::string key = absl::StrCat("writer-", writer, "x", i);
      const absl::Time limit = absl::Now() + kRecoveryLimit;
      while (!Try(client, key)) ASSERT_LT(absl::Now(), limit) << key << " was never accepted";
    }
  }

  bool Try(http::Client& client, const std::string& key) {
    const auto response =
        client.Send({"POST",
                     "/v1/organizations",
                     {{"Content-Type", "application/json"}, {"Idempotency-Key", key}},
                     absl::StrCat("{\"legalName\": \"", key, "\"}")});
    if (!response.ok()) {
      ADD_FAILURE() << "the gateway went away: " << response.status();
      return true;
    }
    if (response->status == 200) {
      const std::lock_guard lock(mutex_);
      names_[key] = As<v1::Organization>(*response).name();
      return true;
    }
    ++refused_;
    // 409: what the caller gave up still runs under this key.
    EXPECT_THAT(response->status, ::testing::AnyOf(503, 409)) << response->body;
    EXPECT_NE(response->Header("Retry-After"), "") << response->body;
    absl::SleepFor(absl::Milliseconds(50));
    return false;
  }

  std::atomic<bool> stop_ = false;
  std::atomic<int> refused_ = 0;
  std::mutex mutex_;
  std::map<std::string, std::string> names_;
  std::vector<std::thread> threads_;
};

class DatabaseAwayJourney : public JourneyTest {
 protected:
  // Tries until `done`, or for long.
  static void Await(const std::string& what, const std::function<bool()>& done) {
    const absl::Time limit = absl::Now() + kRecoveryLimit;
    while (!done()) {
      ASSERT_LT(absl::Now(), limit) << what;
      absl::SleepFor(absl::Milliseconds(20));
    }
  }
};
INSTANTIATE_TEST_SUITE_P(In, DatabaseAwayJourney, ::testing::Values(Home::kSeparate), HomeName);

TEST_P(DatabaseAwayJourney, WhenItComesBackAllGoesOnAndNothingIsLostOrDoubled) {
  const auto server = PostgresServer::Get();
  ASSERT_THAT(server, IsOk());
  Writers writers(*system_);
  for (const bool stops : {true, false}) {
    const int before = writers.accepted();
    Await("writes are accepted", [&] { return writers.accepted() >= before + 100; });
    stops ? (*server)->Stop() : (*server)->Pause();
    const int refused = writers.refused();
    absl::Duration slowest = absl::ZeroDuration();
    // Those that nobody has asked before: a kept answer is good for as long as a service has not
    // noticed.
    for (const std::string path :
         {"/v1/organizations", "/v1/organizations/none", "/v1/topics?pageSize=7"}) {
      const absl::Time begin = absl::Now();
      const http::ClientResponse answer = Ask("GET", path);
      slowest = std::max(slowest, absl::Now() - begin);
      EXPECT_EQ(answer.status, 503) << answer.body;
      EXPECT_NE(answer.Header("Retry-After"), "") << answer.body;
      // Nobody has waited for a deadline: that would be a 504, or a timeout.
      EXPECT_THAT(answer.body, ::testing::AnyOf(::testing::HasSubstr("DATABASE_UNAVAILABLE"),
                                                ::testing::HasSubstr("QUEUE_FULL")));
    }
    EXPECT_EQ(Ask("GET", "/healthz").status, 200);
    Await("every writer is refused", [&] { return writers.refused() >= refused + kWriters; });
    std::cout << (stops ? "stopped" : "silent") << ": the slowest read was refused after "
              << slowest << "\n";
    if (stops) {
      ASSERT_THAT((*server)->StartAgain(), IsOk());
    } else {
      (*server)->Resume();
    }
    Await("reads are answered", [&] { return Ask("GET", "/v1/organizations").status == 200; });
  }
  const int before = writers.accepted();
  Await("writes are accepted", [&] { return writers.accepted() >= before + 100; });
  writers.Finish();

  std::map<std::string, int> rows;  // how often each key is there
  std::string token;
  do {
    const auto page = As<v1::ListOrganizationsResponse>(
        Ask("GET", "/v1/organizations?pageSize=1000&pageToken=" + token));
    for (const auto& organization : page.organizations()) ++rows[organization.legal_name()];
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_EQ(rows.size(), writers.names().size());
  for (const auto& [key, name] : writers.names()) EXPECT_EQ(rows[key], 1) << key << " " << name;
}

}  // namespace
}  // namespace mostove::journeys
