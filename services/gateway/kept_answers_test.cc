// Kept answers between readers and writers, over HTTP and as bytes, on both
// engines: nobody who asks after an acknowledged write gets what was before it,
// and nobody gets what they may not see any more.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <random>
#include <thread>

#include "absl/strings/match.h"
#include "libs/service/host.h"
#include "libs/telemetry/metrics.h"
#include "libs/testing/databases.h"
#include "libs/testing/matchers.h"
#include "libs/transcoding/json_reader.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "services/coalitions/definition.h"
#include "services/funding/definition.h"
#include "services/gateway/gateway.h"
#include "services/gateway/test_peer.h"
#include "services/organizations/definition.h"
#include "services/trainings/definition.h"

namespace mostove::gateway {
namespace {

namespace v1 = organizations::v1;
using ::mostove::testing::IsOk;

constexpr char kService[] = "mostove.organizations.v1.OrganizationsService";
constexpr int kOrganizations = 6;
constexpr int kWriters = 2;
constexpr int kWritesEach = 120;

enum class Who { kAdministrator, kOwner, kMember, kAnybody };
constexpr const char* kNames[] = {"administrator", "owner", "member", "anybody"};

// The owner is one of organization 0.
call::Caller CallerOf(Who who) {
  switch (who) {
    case Who::kAdministrator:
      return call::LocalAdministrator();
    case Who::kOwner:
      return {.name = "users/o", .network = true, .organizations = {"organizations/o-0"}};
    case Who::kMember:
      return {.name = "users/m", .network = true};
    case Who::kAnybody:
      return {};
  }
  return {};
}

absl::StatusOr<call::Caller> CallerOfHeader(absl::string_view authorization) {
  for (int who = 0; who < 4; ++who) {
    if (authorization == kNames[who]) return CallerOf(static_cast<Who>(who));
  }
  return call::LocalAdministrator();
}

// A reader that can be held up when it has read.
class LingeringReader : public sql::Connection {
 public:
  LingeringReader(sql::Database::Reader inner, std::function<void()> linger)
      : inner_(std::move(inner)), linger_(std::move(linger)) {}

  sql::Engine engine() const override { return inner_->engine(); }
  absl::Status Query(absl::string_view statement, absl::Span<const sql::Value> values,
                     absl::FunctionRef<bool(const sql::Row&)> each) override {
    absl::Status status = inner_->Query(statement, values, each);
    linger_();
    return status;
  }
  absl::StatusOr<int64_t> Execute(absl::string_view statement,
                                  absl::Span<const sql::Value> values) override {
    return inner_->Execute(statement, values);
  }
  absl::Status Queue(absl::string_view statement, absl::Span<const sql::Value> values,
                     Explain explain) override {
    return inner_->Queue(statement, values, std::move(explain));
  }
  absl::Status Flush() override { return inner_->Flush(); }
  absl::Status Script(absl::string_view statements) override { return inner_->Script(statements); }
  void SetDeadline(absl::Time deadline) override { inner_->SetDeadline(deadline); }
  bool healthy() const override { return inner_->healthy(); }

 private:
  const sql::Database::Reader inner_;
  const std::function<void()> linger_;
};

// Counts the readers that calls of this deadline took, and can hold them back. Can hold up every
// fourth query until something is committed, between what it read and what is made of it: where
// reads are quick nobody would write there.
class WatchedDatabase : public sql::Database {
 public:
  explicit WatchedDatabase(std::unique_ptr<sql::Database> inner) : inner_(std::move(inner)) {}

  void LetReadersLinger(bool linger) { lingers_ = linger; }

  void Watch(absl::Time deadline) {
    const std::lock_guard<std::mutex> lock(mutex_);
    watched_ = deadline;
    held_ = true;
  }
  void Release() {
    const std::lock_guard<std::mutex> lock(mutex_);
    held_ = false;
    released_.notify_all();
  }
  int reads() const { return reads_; }

  sql::Engine engine() const override { return inner_->engine(); }
  absl::StatusOr<Reader> Read(absl::Time deadline) override {
    std::unique_lock<std::mutex> lock(mutex_);
    if (deadline == watched_) {
      ++reads_;
      released_.wait(lock, [this] { return !held_; });
    }
    lock.unlock();
    absl::StatusOr<Reader> reader = inner_->Read(deadline);
    if (!reader.ok() || !lingers_) return reader;
    return Reader(this,
                  std::make_unique<LingeringReader>(*std::move(reader), [this] { Linger(); }));
  }
  absl::Status Write(absl::Time deadline, const sql::Change& change, sql::Extent extent) override {
    absl::Status status = inner_->Write(deadline, change, extent);
    const std::lock_guard<std::mutex> lock(mutex_);
    ++writes_;
    written_.notify_all();
    return status;
  }
  absl::Status Migrate(absl::string_view space,
                       const std::vector<sql::Migration>& migrations) override {
    return inner_->Migrate(space, migrations);
  }
  absl::StatusOr<std::vector<Column>> Columns() override { return inner_->Columns(); }

 private:
  void GiveBack(std::unique_ptr<sql::Connection>) override {}  // readers are of the inner one

  // Not for ever: on the loop's thread it holds up the writers' requests too.
  void Linger() {
    if (++queries_ % 4 != 0) return;
    std::unique_lock<std::mutex> lock(mutex_);
    written_.wait_for(lock, std::chrono::milliseconds(5),
                      [this, before = writes_] { return writes_ > before; });
  }

  const std::unique_ptr<sql::Database> inner_;
  std::mutex mutex_;
  std::condition_variable released_;
  absl::Time watched_ = absl::InfinitePast();
  bool held_ = false;
  std::atomic<int> reads_ = 0;
  std::condition_variable written_;
  int writes_ = 0;  // under mutex_
  std::atomic<bool> lingers_ = false;
  std::atomic<int> queries_ = 0;
};

// What a writer makes of an organization, revision by revision. One thread
// writes; readers may look at what is up to `begun`.
struct Story {
  struct State {
    resource::Audience audience = resource::v1::PUBLIC;
    bool deleted = false;
  };
  std::array<State, 2 * kWritesEach + 10> states;  // by revision
  std::atomic<int> begun = 1;                      // what a reader may get already
  std::atomic<int> acknowledged = 1;               // what a reader gets at least
};

// What an answer says of an organization.
struct Sighting {
  int revision = 0;  // 0: not there
};

class KeptAnswersTest : public ::mostove::testing::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    Close();  // the host opens it
    auto host = service::Host::Open(
        {.definitions = {organizations::Define(), trainings::Define(), funding::Define(),
                         coalitions::Define()},
         .open_database = [this](const std::string& name) { return OpenDatabase(name); },
         .metrics = metrics_.get()});
    ASSERT_THAT(host.status(), IsOk());
    host_ = *std::move(host);
    // This is the only process that writes.
    host_->services()[0]->store().versions().CaughtUp(absl::Now() + absl::Hours(24));
    auto gateway = Gateway::Start(
        {.address = "127.0.0.1:0", .request_time = absl::Minutes(10), .entrance = {.tokens = true}},
        {&host_->invoker()}, CallerOfHeader, metrics_.get(), nullptr);
    ASSERT_THAT(gateway.status(), IsOk());
    gateway_ = *std::move(gateway);
    TestPeer peer(gateway_->endpoint());
    for (int i = 0; i < kOrganizations; ++i) {
      const Answer created = peer.Ask(
          "POST", absl::StrCat("/v1/organizations?organizationId=o-", i), kJson,
          R"({"legalName": "n", "kind": "LOCAL", "state": "LISTED", "seat": {"countryCode": "BG"}})");
      ASSERT_EQ(created.status, 200) << created.body;
      const Answer below = peer.Ask(
          "POST", absl::StrCat("/v1/organizations/o-", i, "/activities?activityId=a"), kJson,
          R"({"sector": {"scheme": "DAC-5", "code": "72010"}, "place": {"countryCode": "BG"},
                       "startDate": {"year": 2026}})");
      ASSERT_EQ(below.status, 200) << below.body;
    }
  }
  void TearDown() override {
    if (gateway_ != nullptr) gateway_->Stop(absl::ZeroDuration());
    gateway_.reset();
    host_.reset();
  }

  absl::StatusOr<std::unique_ptr<sql::Database>> OpenDatabase(const std::string& service) {
    if (service != "organizations") {
      auto other = ::mostove::testing::FreshDatabase::Make(engine());
      if (!other.ok()) return other.status();
      others_.push_back(*std::move(other));
      return sql::Database::Open({.url = others_.back()->url()});
    }
    auto inner = sql::Database::Open({.url = url(), .readers_max = 100});
    if (!inner.ok()) return inner.status();
    auto watched = std::make_unique<WatchedDatabase>(*std::move(inner));
    watched_ = watched.get();
    return watched;
  }

  double Figure(absl::string_view name) {
    const std::string text = metrics_->Text();
    const size_t at = text.find(absl::StrCat("\n", name, " "));
    return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
  }

  // --- reading, in two forms

  absl::StatusOr<answers::AnswerPtr> ReadBytes(const std::string& method, Who who,
                                               const google::protobuf::Message& request) {
    const auto* descriptor =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(kService);
    std::promise<absl::StatusOr<answers::AnswerPtr>> answer;
    const auto* found = descriptor->FindMethodByName(method);
    const std::string bytes = request.SerializeAsString();
    call::Call call;
    call.caller = CallerOf(who);
    host_->invoker().Read(
        found, call, rpc::KeyOfBytes(found, bytes),
        rpc::ReadingOfBytes(found, bytes, [&](auto got) { answer.set_value(std::move(got)); }));
    return answer.get_future().get();
  }

  static int RevisionOf(const std::string& etag) { return std::stoi(etag.substr(1)); }

  Sighting Get(TestPeer& peer, bool http, Who who, const std::string& name) {
    if (http) {
      const Answer answer = peer.Ask("GET", "/v1/" + name, Header(who));
      EXPECT_TRUE(answer.status == 200 || answer.status == 404) << answer.body;
      return {answer.status == 200 ? RevisionOf(answer.Header("etag")) : 0};
    }
    v1::GetOrganizationRequest request;
    request.set_name(name);
    const auto answer = ReadBytes("GetOrganization", who, request);
    v1::Organization organization;
    if (!answer.ok()) return {};
    EXPECT_TRUE(organization.ParseFromString((*answer)->bytes));
    return {RevisionOf(organization.etag())};
  }

  std::vector<Sighting> List(TestPeer& peer, bool http, Who who) {
    v1::ListOrganizationsResponse list;
    if (http) {
      const Answer answer = peer.Ask("GET", "/v1/organizations", Header(who));
      EXPECT_EQ(answer.status, 200) << answer.body;
      EXPECT_THAT(transcoding::ReadJson(answer.body, list), IsOk());
    } else {
      const auto answer = ReadBytes("ListOrganizations", who, v1::ListOrganizationsRequest());
      EXPECT_THAT(answer.status(), IsOk());
      EXPECT_TRUE(answer.ok() && list.ParseFromString((*answer)->bytes));
    }
    std::vector<Sighting> sightings(kOrganizations);
    for (const v1::Organization& organization : list.organizations()) {
      sightings[organization.name().back() - '0'].revision = RevisionOf(organization.etag());
    }
    return sightings;
  }

  static std::string Header(Who who) {
    return absl::StrCat("Authorization: ", kNames[static_cast<int>(who)], "\r\n");
  }

  // --- judging

  static bool Sees(Who who, int organization, const Story::State& state, bool in_list) {
    const bool owns = who == Who::kAdministrator || (who == Who::kOwner && organization == 0);
    if (owns) return !in_list || !state.deleted;
    if (state.deleted) return false;
    const auto level = who == Who::kAnybody ? resource::v1::PUBLIC : resource::v1::NETWORK;
    return state.audience >= level;
  }

  // Whether one of the states that the organization had while it was read gives
  // this answer; `child`: of one below it, whose revision says nothing.
  bool Possible(Who who, int organization, int from, int to, bool in_list, bool child,
                const Sighting& sighting) {
    for (int revision = from; revision <= to; ++revision) {
      const bool sees = Sees(who, organization, stories_[organization].states[revision], in_list);
      if (sees != (sighting.revision > 0)) continue;
      if (!sees || child || sighting.revision == revision) return true;
    }
    return false;
  }

  // Asks twice: the second time what the first has kept.
  void ReadTwice(TestPeer& peer, std::mt19937& random) {
    const bool http = random() % 2 == 0;
    const Who who = static_cast<Who>(random() % 4);
    const int organization = static_cast<int>(random() % kOrganizations);
    const int what = static_cast<int>(random() % 4);  // 0, 1: get; 2: child; 3: list
    for (int i = 0; i < 2; ++i) Read(peer, http, who, organization, what);
  }

  void Read(TestPeer& peer, bool http, Who who, int organization, int what) {
    std::array<int, kOrganizations> from;
    for (int i = 0; i < kOrganizations; ++i) from[i] = stories_[i].acknowledged;
    std::vector<Sighting> sightings(kOrganizations);
    const std::string name = absl::StrCat("organizations/o-", organization);
    if (what == 3) {
      sightings = List(peer, http, who);
    } else if (what == 2) {
      sightings[organization] = Get(peer, /*http=*/true, who, name + "/activities/a");
    } else {
      sightings[organization] = Get(peer, http, who, name);
    }
    for (int i = 0; i < kOrganizations; ++i) {
      if (what != 3 && i != organization) continue;
      const int to = stories_[i].begun;
      EXPECT_TRUE(Possible(who, i, from[i], to, what == 3, what == 2, sightings[i]))
          << kNames[static_cast<int>(who)] << " got revision " << sightings[i].revision << " of "
          << i
          << (what == 3   ? " in a list"
              : what == 2 ? " (below it)"
                          : "")
          << ", between " << from[i] << " and " << to;
    }
  }

  // --- writing

  void WriteOnce(TestPeer& peer, std::mt19937& random, int organization) {
    Story& story = stories_[organization];
    const int next = story.acknowledged + 1;
    Story::State state = story.states[next - 1];
    const std::string target = absl::StrCat("/v1/organizations/o-", organization);
    std::string method = "PATCH", verb, body;
    if (state.deleted) {
      state.deleted = false;
      method = "POST", verb = ":undelete", body = "{}";
    } else if (random() % 4 == 0) {
      state.deleted = true;
      method = "DELETE";
    } else {
      constexpr std::pair<const char*, resource::Audience> kStates[] = {
          {"LISTED", resource::v1::PUBLIC},
          {"ARCHIVED", resource::v1::NETWORK},
          {"DRAFT", resource::v1::OWNER}};
      const auto& [word, audience] = kStates[random() % 3];
      state.audience = audience;
      body = absl::StrCat(R"({"legalName": "n )", next, R"(", "state": ")", word, R"("})");
    }
    story.states[next] = state;
    story.begun = next;
    const Answer answer = peer.Ask(method, target + verb, body.empty() ? "" : kJson, body);
    ASSERT_EQ(answer.status, 200) << method << " " << body << ": " << answer.body;
    ASSERT_EQ(answer.Header("etag"), absl::StrCat("\"", next, "\"")) << method;
    story.acknowledged = next;
  }

  static constexpr char kJson[] = "Content-Type: application/json\r\n";
  const std::unique_ptr<telemetry::Metrics> metrics_ = telemetry::Metrics::Make();
  std::vector<std::unique_ptr<::mostove::testing::FreshDatabase>> others_;  // of other services
  WatchedDatabase* watched_ = nullptr;
  std::unique_ptr<service::Host> host_;
  std::unique_ptr<Gateway> gateway_;
  std::array<Story, kOrganizations> stories_;
};

INSTANTIATE_ON_BOTH_ENGINES(KeptAnswersTest);

TEST_P(KeptAnswersTest, NobodyReadsWhatWasBeforeAnAcknowledgedWriteOrWhatTheyMayNotSee) {
  watched_->LetReadersLinger(true);
  std::atomic<int> writing = kWriters;
  std::vector<std::thread> threads;
  threads.reserve(kWriters + 3);
  for (int writer = 0; writer < kWriters; ++writer) {
    threads.emplace_back([&, writer] {
      TestPeer peer(gateway_->endpoint());
      std::mt19937 random(writer);
      for (int i = 0; i < kWritesEach && !HasFatalFailure(); ++i) {
        // Each has organizations of its own.
        WriteOnce(peer, random,
                  static_cast<int>(random() % (kOrganizations / kWriters)) * kWriters + writer);
      }
      --writing;
    });
  }
  for (int reader = 0; reader < 3; ++reader) {
    threads.emplace_back([&, reader] {
      TestPeer peer(gateway_->endpoint());
      std::mt19937 random(100 + reader);
      while (writing > 0 && !HasFailure()) ReadTwice(peer, random);
      for (int i = 0; i < 100 && !HasFailure(); ++i) ReadTwice(peer, random);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(Figure("mostove_answers_lookups_total{result=\"hit\"}"), 100);
}

TEST_P(KeptAnswersTest, OwnersWhoChangeAndParentsThatGoTakeTheAnswersWithThem) {
  TestPeer peer(gateway_->endpoint());
  const std::string below = "/v1/organizations/o-1/activities";
  const auto status = [&](const std::string& target, Who who) {
    return peer.Ask("GET", target, Header(who)).status;
  };
  const auto listed = [&](Who who) {
    return absl::StrContains(peer.Ask("GET", below, Header(who)).body, "o-1/activities/a");
  };
  for (const Who who : {Who::kMember, Who::kAnybody}) {
    EXPECT_EQ(status(below + "/a", who), 200);
    EXPECT_TRUE(listed(who));
  }
  ASSERT_EQ(peer.Ask("PATCH", "/v1/organizations/o-1", kJson, R"({"state": "ARCHIVED"})").status,
            200);
  EXPECT_EQ(status(below + "/a", Who::kMember), 200);
  EXPECT_EQ(status(below + "/a", Who::kAnybody), 404);
  EXPECT_FALSE(listed(Who::kAnybody));
  ASSERT_EQ(peer.Ask("DELETE", "/v1/organizations/o-1").status, 200);
  EXPECT_EQ(status(below + "/a", Who::kMember), 404);
  EXPECT_FALSE(listed(Who::kMember));
  EXPECT_EQ(status(below + "/a", Who::kAdministrator), 200);
  ASSERT_EQ(peer.Ask("POST", "/v1/organizations/o-1:undelete", kJson, "{}").status, 200);
  EXPECT_EQ(status(below + "/a", Who::kMember), 200);
  EXPECT_TRUE(listed(Who::kMember));
}

TEST_P(KeptAnswersTest, FieldsThatACallerMayNotSeeAreInNoKeptAnswerOfTheirs) {
  TestPeer peer(gateway_->endpoint());
  const std::string target = "/v1/organizations/o-0";
  ASSERT_EQ(peer.Ask("PATCH", target, kJson, R"({"internalNote": "secret"})").status, 200);
  for (int round = 0; round < 3; ++round) {
    for (const Who who : {Who::kAdministrator, Who::kOwner, Who::kMember, Who::kAnybody}) {
      const bool has = absl::StrContains(peer.Ask("GET", target, Header(who)).body, "secret");
      EXPECT_EQ(has, who <= Who::kOwner) << kNames[static_cast<int>(who)];
    }
  }
}

TEST_P(KeptAnswersTest, AKeptAnswerIsCountedLikeAnyOther) {
  TestPeer peer(gateway_->endpoint());
  const std::string counted = absl::StrCat("mostove_rpc_requests_total{code=\"OK\",method=\"",
                                           kService, "/GetOrganization\"}");
  for (int i = 1; i <= 5; ++i) {
    ASSERT_EQ(peer.Ask("GET", "/v1/organizations/o-2").status, 200);
    EXPECT_EQ(Figure(counted), i);
  }
  EXPECT_EQ(Figure("mostove_answers_lookups_total{result=\"hit\"}"), 4);
}

TEST_P(KeptAnswersTest, TwoHundredEqualColdReadsAskTheDatabaseAtMostTwice) {
  constexpr int kReads = 200;
  const auto* method = google::protobuf::DescriptorPool::generated_pool()
                           ->FindServiceByName(kService)
                           ->FindMethodByName("ListOrganizations");
  call::Call call;
  call.caller = call::LocalAdministrator();
  call.deadline = absl::Now() + absl::Hours(1);
  watched_->Watch(call.deadline);
  std::atomic<int> answered = 0;
  std::promise<void> all;
  for (int i = 0; i < kReads; ++i) {
    host_->invoker().Read(method, call, rpc::KeyOfBytes(method, ""),
                          rpc::ReadingOfBytes(method, "", [&](auto answer) {
                            EXPECT_THAT(answer.status(), IsOk());
                            if (++answered == kReads) all.set_value();
                          }));
  }
  watched_->Release();
  all.get_future().wait();
  EXPECT_GE(watched_->reads(), 1);
  EXPECT_LE(watched_->reads(), 2);
}

}  // namespace
}  // namespace mostove::gateway
