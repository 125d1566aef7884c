// A call of the h2 server from its arrival to its end. Private to the server.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "libs/h2/session.h"
#include "libs/loop/loop.h"
#include "libs/rpc/grpc_server.h"
#include "libs/rpc/invoker.h"
#include "libs/rpc/wire.h"

namespace mostove::rpc {

class ServerCall;

// What a call needs of its connection. For the loop's thread.
class ServerPeer {
 public:
  virtual ~ServerPeer() = default;
  virtual h2::Session& session() = 0;
  virtual void FlushSoon() = 0;
  // Whom its certificate names: "services/funding"; "" without TLS.
  virtual absl::string_view name() const { return ""; }
};

// What the calls of one server share.
class ServerRuntime {
 public:
  struct Entry {
    Method method;
    Invoker* invoker;
  };

  // `loop` null: everything happens on the caller's thread.
  ServerRuntime(const GrpcServerOptions& options, loop::Loop* loop);

  const GrpcServerOptions& options() const { return options_; }
  const Entry* Find(absl::string_view path) const;  // "/package.Service/Method"

  // Runs it on the loop's thread, at once if this is it. The loop ends after the
  // last call.
  void OnLoop(std::function<void()> work);

  // Functions that run: the server ends after them.
  void CountRunning() { running_.fetch_add(1, std::memory_order_relaxed); }
  void ForgetRunning();
  // False when there are some at that time still.
  bool WaitUntilNoneRuns(absl::Time until);

  // ---- on the loop's thread

  // Calls that may wait: to be told of a drain or of their deadline.
  void Add(ServerCall* call) { waiting_.insert(call); }
  void Remove(ServerCall* call) { waiting_.erase(call); }
  void ForEachWaiting(const std::function<void(ServerCall&)>& visit) const;
  // Ends those whose deadline is over.
  void EndLate(absl::Time now) const;
  // Bytes of requests that are arriving.
  int64_t request_bytes = 0;
  bool draining = false;

 private:
  const GrpcServerOptions options_;
  loop::Loop* const loop_;
  absl::flat_hash_map<std::string, Entry> entries_;
  absl::flat_hash_set<ServerCall*> waiting_;
  std::atomic<int> running_ = 0;
  std::mutex mutex_;
  std::condition_variable none_;
};

// The first value of each name; those of names that end with -bin as bytes.
class ServerMetadata {
 public:
  void Add(absl::string_view name, absl::string_view value);
  absl::string_view Find(absl::string_view name) const;  // "" if there is none

 private:
  struct Field {
    uint32_t name, value, end;  // places in text_
  };
  std::string text_;
  absl::InlinedVector<Field, 16> fields_;
};

class ServerCall final : public h2::Listener, public std::enable_shared_from_this<ServerCall> {
 public:
  // The runtime outlives it.
  ServerCall(ServerRuntime& runtime, std::weak_ptr<ServerPeer> peer, h2::StreamId id);
  ~ServerCall() override;

  void OnField(absl::string_view name, absl::string_view value) override;
  void OnFields(bool too_large) override;
  void OnData(absl::string_view bytes) override;
  void OnEnd() override;
  void OnSent() override;
  void OnClose(uint32_t error) override;

  // Ends it if it is a stream.
  void Drain();
  absl::Time deadline() const { return deadline_; }
  // Ends it because that is over.
  void EndLate();
  // Ends it, whatever it does.
  void GiveUp();

 private:
  void Cancel();
  void EndWith(const absl::Status& status);
  void CheckHead();
  absl::string_view MetadataOf(absl::string_view name) const;
  void RefuseHttp(absl::string_view http_status);
  void Refuse(const absl::Status& status);
  void ForgetRequest();
  void RunUnary(call::Call call);
  void Answer(absl::StatusOr<std::string> body);
  void AnswerError(const absl::Status& status);

  void RunStream(call::Call call);
  void Pull();
  void OnPulled(absl::StatusOr<std::string> body);
  void EndStream(const absl::Status& status);

  ServerRuntime& runtime_;
  const std::weak_ptr<ServerPeer> peer_;
  const h2::StreamId id_;
  ServerMetadata metadata_;
  MessageReader reader_;
  size_t request_bytes_ = 0;  // counted in the runtime
  const ServerRuntime::Entry* entry_ = nullptr;
  std::string request_id_;
  absl::Time deadline_ = absl::InfiniteFuture();
  std::shared_ptr<std::atomic<bool>> cancelled_;  // null for what runs inline
  std::shared_ptr<const call::Outcome> outcome_;  // of a write
  std::shared_ptr<Stream> stream_;
  bool has_head_ = false;
  bool answered_ = false;  // or closed: nothing more is said
  bool head_sent_ = false;
  bool pulling_ = false;
};

}  // namespace mostove::rpc
