// Streams whose callers may not go on.
#include "libs/rpc/stream_watch.h"

#include <gmock/gmock.h>

#include <future>
#include <string>
#include <thread>

#include "libs/rpc/fake_shelves.h"
#include "libs/rpc/invoker.h"
#include "libs/status/status.h"
#include "libs/testing/matchers.h"

namespace mostove::rpc {
namespace {

using testing::HasReason;
using testing::IsOk;
using testing::StatusIs;
using testing::v1::Shelf;
using testing::v1::WatchShelvesRequest;

class StreamWatchTest : public ::testing::Test {
 protected:
  using Answer = absl::StatusOr<call::MessagePtr>;

  std::shared_ptr<Stream> Open(const std::string& session) {
    auto request = std::make_unique<WatchShelvesRequest>();
    request->set_parent("organizations/reading-room");
    call::Call call;
    call.caller = {.name = "users/1", .session = session, .network = true};
    return invoker_->Open(table_->descriptor()->FindMethodByName("WatchShelves"), std::move(call),
                          std::move(request));
  }
  static std::future<Answer> Pull(Stream& stream) {
    auto answer = std::make_shared<std::promise<Answer>>();
    stream.Pull([answer](Answer next) { answer->set_value(std::move(next)); });
    return answer->get_future();
  }
  void EndSession(const std::string& session) {
    const std::lock_guard lock(mutex_);
    ended_ = session;
  }
  absl::Status Check(const call::Caller& caller) {
    const std::lock_guard lock(mutex_);
    ++checks_;
    if (caller.session != ended_) return absl::OkStatus();
    return status::Make(absl::StatusCode::kUnauthenticated, "SESSION_ENDED", "sign in again");
  }
  int checks() {
    const std::lock_guard lock(mutex_);
    return checks_;
  }

  FakeShelves shelves_;
  std::unique_ptr<WorkerPool> pool_ = WorkerPool::Start({.threads = 2});
  std::unique_ptr<const ServiceTable> table_ = shelves_.Bind();
  std::mutex mutex_;
  std::string ended_ = "none";  // guarded by mutex_
  int checks_ = 0;              // guarded by mutex_
  StreamWatch watch_{[this](const call::Caller& caller) { return Check(caller); },
                     absl::Milliseconds(1)};
  std::unique_ptr<Invoker> invoker_ =
      MakeLocalInvoker({table_.get()}, pool_.get(), nullptr, &watch_);
};

TEST_F(StreamWatchTest, AWaitingStreamEndsWithItsSession) {
  const auto stream = Open("sessions/1");
  std::future<Answer> waiting = Pull(*stream);
  EndSession("sessions/1");
  EXPECT_THAT(waiting.get(),
              StatusIs(absl::StatusCode::kUnauthenticated, HasReason("SESSION_ENDED")));
  EXPECT_THAT(Pull(*stream).get(), HasReason("SESSION_ENDED")) << "and tells no more";
}

TEST_F(StreamWatchTest, AStreamThatNobodyPullsEndsWithThePullThatComes) {
  const auto stream = Open("sessions/1");
  shelves_.feed().Push({});
  EXPECT_THAT(Pull(*stream).get(), IsOk());
  EndSession("sessions/1");
  const int before = checks();
  while (checks() < before + 1) std::this_thread::yield();
  // The watch has forgotten it: it is asked about no more.
  EXPECT_THAT(Pull(*stream).get(), HasReason("SESSION_ENDED"));
}

TEST_F(StreamWatchTest, OthersGoOn) {
  const auto stream = Open("sessions/1");
  const auto other = Open("sessions/2");
  std::future<Answer> ends = Pull(*stream);
  EndSession("sessions/1");
  EXPECT_THAT(ends.get(), HasReason("SESSION_ENDED"));
  const int before = checks();
  while (checks() < before + 3) std::this_thread::yield();
  std::future<Answer> goes_on = Pull(*other);
  shelves_.feed().Push({});
  EXPECT_THAT(goes_on.get(), IsOk());
}

TEST_F(StreamWatchTest, NobodyAsksAboutStreamsWithoutASessionOrThatAreGone) {
  const auto anonymous = Open("");
  Open("sessions/1");  // dropped at once
  const auto stream = Open("sessions/2");
  const int before = checks();
  while (checks() < before + 3) std::this_thread::yield();
  EndSession("");
  std::future<Answer> goes_on = Pull(*anonymous);
  shelves_.feed().Push({});
  EXPECT_THAT(goes_on.get(), IsOk());
}

}  // namespace
}  // namespace mostove::rpc
