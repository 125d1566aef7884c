// Watchers, while every program, Redis and they themselves are killed: each
// acknowledged change arrives, once and in order, and nothing else does.
//
// All callers are administrators here, who see everything; what others are told
// is tested in libs/live/watch_test.cc.
#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "libs/testing/matchers.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "tests/journeys/event_reader.h"
#include "tests/journeys/system.h"

namespace mostove::journeys {
namespace {

namespace v1 = organizations::v1;
using ::mostove::testing::IsOk;

constexpr int kWriters = 4;
constexpr int kCopies = 2;
// A watcher keeps its place after so many changes: killed, it is told again of
// some that it has taken.
constexpr int kChangesPerSave = 7;
// Nothing is measured: whoever takes so long stands still.
constexpr absl::Duration kLimit = absl::Seconds(90);

// What happened, by name and revision.
using Changes = std::map<std::pair<std::string, int64_t>, std::string>;

// Callers who write until they are told to stop. Each write that may succeed has
// a key, and is repeated until it does: what they know is all that happened.
class Writers {
 public:
  explicit Writers(const System& system) : system_(system) {
    Accept(client_, "POST", "/v1/organizations?organizationId=shared", "CREATED", Body("shared"));
    for (int i = 0; i < kWriters; ++i) threads_.emplace_back([this, i] { Run(i); });
  }
  ~Writers() { Stop(); }

  void Stop() {
    stopping_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  // Returns when so many more were accepted.
  void Await(int more) {
    const absl::Time limit = absl::Now() + kLimit;
    for (const size_t before = accepted().size(); accepted().size() < before + more;) {
      ASSERT_LT(absl::Now(), limit);
      absl::SleepFor(absl::Milliseconds(1));
    }
  }
  // After Stop: a last change, of a resource of its own.
  std::pair<std::string, int64_t> WriteLast() {
    client_.reset();
    Accept(client_, "POST", "/v1/organizations?organizationId=last", "CREATED", Body("last"));
    return {"organizations/last", 1};
  }

  Changes accepted() {
    const std::lock_guard lock(mutex_);
    return accepted_;
  }
  int refused() const { return refused_; }

 private:
  using ClientPtr = std::unique_ptr<http::Client>;

  static std::string Body(const std::string& name) {
    return absl::StrCat(R"({"legalName": ")", name, R"("})");
  }

  void Run(int writer) {
    ClientPtr client;
    for (int i = 0; !stopping_; ++i) {
      const std::string id = absl::StrCat("writer-", writer, "x", i);
      const std::string create = "/v1/organizations?organizationId=" + id;
      const std::string target = "/v1/organizations/" + id;
      Accept(client, "POST", create, "CREATED", Body(id));
      Accept(client, "PATCH", target, "UPDATED", Body(id + " 2"));
      Accept(client, "PATCH", "/v1/organizations/shared", "UPDATED", Body(id));
      Refuse(client, 412, "PATCH", target, Body("stale"), {{"If-Match", "\"1\""}});
      Refuse(client, 409, "POST", create, Body("again"));
      Refuse(client, 200, "POST", "/v1/organizations?validateOnly=true&organizationId=never-" + id,
             Body("never"));
      // The first of them is good, and rolled back with the second.
      Refuse(client, 409, "POST", "/v1/organizations:batchCreate",
             absl::StrCat(R"({"requests": [{"organizationId": "rolled-back-)", id,
                          R"(", "organization": {"legalName": "x"}}, {"organizationId": ")", id,
                          R"(", "organization": {"legalName": "x"}}]})"));
      if (i % 2 == 0) Accept(client, "DELETE", target, "DELETED");
      if (i % 4 == 0) Accept(client, "POST", target + ":undelete", "UNDELETED", "{}");
    }
  }

  // Whatever way the programs are: an answer that is not to come again.
  http::ClientResponse Send(ClientPtr& client, const http::ClientRequest& request) {
    for (const absl::Time limit = absl::Now() + kLimit; absl::Now() < limit;) {
      if (client == nullptr) client = system_.NewClient();
      auto response = client->Send(request);
      if (!response.ok()) {
        client.reset();  // the next one knows where the gateway is now
      } else if (response->status != 503 &&
                 response->body.find("IDEMPOTENCY_IN_PROGRESS") == std::string::npos) {
        return *std::move(response);
      }
      absl::SleepFor(absl::Milliseconds(5));
    }
    ADD_FAILURE() << request.method << " " << request.target << " was never answered";
    return {};
  }

  void Accept(ClientPtr& client, const std::string& method, const std::string& target,
              const std::string& kind, const std::string& body = "") {
    http::HeaderList headers = {{"Idempotency-Key", absl::StrCat("key-", ++keys_)}};
    if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
    const auto organization =
        As<v1::Organization>(Send(client, {method, target, std::move(headers), body}));
    absl::string_view etag = organization.etag();
    int64_t revision = 0;
    EXPECT_TRUE(absl::ConsumePrefix(&etag, "\"") && absl::ConsumeSuffix(&etag, "\"") &&
                absl::SimpleAtoi(etag, &revision))
        << organization.etag();
    const std::lock_guard lock(mutex_);
    EXPECT_TRUE(accepted_.try_emplace({organization.name(), revision}, kind).second)
        << organization.name() << " " << revision << " was acknowledged twice";
  }

  void Refuse(ClientPtr& client, int status, const std::string& method, const std::string& target,
              const std::string& body, http::HeaderList headers = {}) {
    headers.emplace_back("Content-Type", "application/json");
    const auto response = Send(client, {method, target, std::move(headers), body});
    EXPECT_EQ(response.status, status) << method << " " << target << ": " << response.body;
    ++refused_;
  }

  const System& system_;
  ClientPtr client_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> keys_ = 0, refused_ = 0;
  std::mutex mutex_;
  Changes accepted_;  // guarded by mutex_
  std::vector<std::thread> threads_;
};

class Watcher {
 public:
  Watcher(const System& system, std::string target)
      : system_(system), target_(std::move(target)), thread_([this] { Run(); }) {}
  ~Watcher() {
    stopping_ = true;
    Kill();
    thread_.join();
  }

  // As if its process was killed: it comes back where it has saved its place.
  void Kill() {
    const std::lock_guard lock(mutex_);
    killed_ = true;
    if (reader_ != nullptr) reader_->Break();
  }

  bool AwaitPlace() {
    return Await([this] { return !saved_.empty(); });
  }
  bool Await(const std::pair<std::string, int64_t>& change) {
    return Await([&] { return told_.contains(change); });
  }
  Changes told() {
    const std::lock_guard lock(mutex_);
    return told_;
  }
  int streams() const { return streams_; }
  int repeated() const { return repeated_; }

 private:
  bool Await(const std::function<bool()>& done) {
    for (const absl::Time limit = absl::Now() + kLimit; absl::Now() < limit;) {
      {
        const std::lock_guard lock(mutex_);
        if (done()) return true;
      }
      absl::SleepFor(absl::Milliseconds(1));
    }
    return false;
  }

  void Run() {
    std::string place;
    while (!stopping_) {
      auto reader =
          EventReader::Open(system_.http_address(), target_, system_.administrator(), place);
      if (reader.ok()) {
        Follow(**reader, place);
      } else if (!absl::IsUnavailable(reader.status()) && !place.empty()) {
        ADD_FAILURE() << target_ << ": " << reader.status();
      }
      {
        const std::lock_guard lock(mutex_);
        reader_ = nullptr;
        if (std::exchange(killed_, false)) place = saved_;
      }
      absl::SleepFor(absl::Milliseconds(5));
    }
  }

  // To the end of the stream.
  void Follow(EventReader& reader, std::string& place) {
    {
      const std::lock_guard lock(mutex_);
      if (killed_) return;
      reader_ = &reader;
    }
    ++streams_;
    std::map<std::string, int64_t> latest;  // revision, in this stream
    while (const auto event = reader.Next()) {
      const std::lock_guard lock(mutex_);
      if (killed_) return;
      EXPECT_EQ(event->type, "") << event->data;
      if (event->type.empty() && !event->data.empty()) Take(event->data, latest);
      place = event->id;
      if (saved_.empty() || told_.size() % kChangesPerSave == 0) saved_ = place;
    }
  }

  // Under mutex_.
  void Take(const std::string& data, std::map<std::string, int64_t>& latest) {
    changes::v1::WatchChangesResponse change;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(data, &change).ok()) << data;
    const std::string& name = change.resource_name();
    EXPECT_GT(change.revision(), latest[name]) << name << ": twice or out of order in one stream";
    latest[name] = change.revision();
    if (!told_.try_emplace({name, change.revision()}, changes::v1::Kind_Name(change.kind()))
             .second) {
      ++repeated_;
      return;
    }
    EXPECT_EQ(change.revision(), ++first_told_[name]) << name << ": out of order over all streams";
  }

  const System& system_;
  const std::string target_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> streams_ = 0, repeated_ = 0;
  std::mutex mutex_;
  EventReader* reader_ = nullptr;  // guarded by mutex_, as all that follows
  bool killed_ = false;
  std::string saved_;                          // id
  Changes told_;                               // without those told again
  std::map<std::string, int64_t> first_told_;  // the latest revision
  std::thread thread_;
};

class WatchJourney : public JourneyTest {
 protected:
  WatchJourney() : JourneyTest(kCopies) {}
};
INSTANTIATE_IN_BOTH_HOMES(WatchJourney);

TEST_P(WatchJourney, EveryAcknowledgedChangeArrivesOnceAndInOrderWhateverIsKilled) {
  Watcher one_service(*system_, "/v1/organizations:watch");
  Watcher all_services(*system_, "/v1/changes:watch");
  ASSERT_TRUE(one_service.AwaitPlace() && all_services.AwaitPlace());
  Writers writers(*system_);
  writers.Await(50);
  int kills = 0;
  for (int round = 0; round < (GetParam() == Home::kOneProcess ? 5 : 1); ++round) {
    for (const std::string& program : system_->programs()) {
      system_->process(program).Kill();
      ASSERT_THAT(system_->Relaunch(program), IsOk());
      writers.Await(20);
      one_service.Kill();
      writers.Await(20);
      all_services.Kill();
      ++kills;
    }
  }
  if (system_->redis() != nullptr) {
    system_->redis()->Kill();
    writers.Await(100);
    one_service.Kill();
    ASSERT_THAT(system_->redis()->Restart(), IsOk());
    writers.Await(100);
  }
  writers.Stop();
  const auto last = writers.WriteLast();
  const Changes accepted = writers.accepted();
  for (Watcher* watcher : {&one_service, &all_services}) {
    EXPECT_TRUE(watcher->Await(last));
    EXPECT_EQ(watcher->told(), accepted);
    EXPECT_GT(watcher->streams(), kills);
    EXPECT_GT(watcher->repeated(), 0) << "no killed watcher was told again: nothing was shown";
  }
  EXPECT_GT(writers.refused(), 0);
  RecordProperty("accepted", static_cast<int>(accepted.size()));
  RecordProperty("refused", writers.refused());
  RecordProperty("streams", one_service.streams());
  RecordProperty("told_again", one_service.repeated());
}

}  // namespace
}  // namespace mostove::journeys
