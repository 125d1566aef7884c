// A call of an invoker from its request to its end. Private to it.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "libs/h2/session.h"
#include "libs/rpc/remote_client.h"
#include "libs/rpc/wire.h"
#include "libs/rpc/wire_status.h"

namespace mostove::rpc {

// A method as the invoker needs it.
struct RemoteMethod {
  Method method;
  std::string path;  // "/mostove.organizations.v1.OrganizationsService/GetOrganization"
  const google::protobuf::Message* response = nullptr;  // makes empty ones: response->New()
};

// How a sending ended.
struct RemoteEnd {
  absl::Status status;
  bool unsent = false;  // the server did nothing with it
};

class RemoteCall;

// One sending of a call: the events of its stream.
class RemoteSending final : public h2::Listener {
 public:
  RemoteSending(RemoteCall* call, std::shared_ptr<RemoteCopy> copy, int64_t response_bytes_max)
      : copy(std::move(copy)), reader(response_bytes_max), call_(call) {}

  // The call hears no more of it, and the server is told to stop.
  void Drop();
  void Consume();  // lets the server send as much again as came

  void OnField(absl::string_view name, absl::string_view value) override;
  void OnFields(bool too_large) override;
  void OnData(absl::string_view bytes) override;
  void OnEnd() override {}
  void OnClose(uint32_t error) override;

  const std::shared_ptr<RemoteCopy> copy;
  std::weak_ptr<h2::Connection> connection;
  h2::StreamId id = 0;
  MessageReader reader;

 private:
  // Ends it with an error that was found here.
  void Break(absl::Status error);
  absl::Status StatusOf(uint32_t error) const;

  RemoteCall* call_;  // null when it was dropped
  int http_status_ = 0;
  bool is_grpc_ = false;
  std::optional<int> code_;
  WireStatus wire_;
  absl::Status broken_;
  size_t unconsumed_ = 0;
};

// Waits until a copy is connected, is sent, and ends. Lives on one loop's thread
// from Begin on.
class RemoteCall : public std::enable_shared_from_this<RemoteCall> {
 public:
  // Both outlive it.
  RemoteCall(RemoteShared& shared, const RemoteMethod& method, call::Call call);
  virtual ~RemoteCall() = default;

  // On any thread, before Begin.
  absl::Status Prepare(google::protobuf::Message& request);
  void Begin(RemoteClient& client);
  void Tick(absl::Time now, bool stopping);

  // ---- on the loop's thread

  virtual void OnBegun() {}
  // A whole message, or a part of another one, has come.
  virtual void OnBytes() {}
  virtual void OnSendingEnd(RemoteEnd end) = 0;
  // Comes before the end.
  void OnPosition(absl::string_view position) {
    if (call_.outcome != nullptr) call_.outcome->position = std::string(position);
  }
  // Answers the caller of a call that will not be sent, or was given up.
  virtual void Fail(absl::Status error) = 0;

 protected:
  // Waits and sends it again.
  void SendAgain(absl::Duration pause);
  // The error of a call that was sent, as its caller is to see it.
  absl::Status Explain(absl::Status error) const;
  // An idempotency key or its method make a repetition harmless.
  bool repeatable() const;
  // The caller is gone.
  virtual bool cancelled() const;

  RemoteClient& client() const { return *client_; }
  RemoteSending* sending() const { return sending_.get(); }
  const RemoteMethod& method() const { return method_; }
  absl::Time deadline() const { return call_.deadline; }

 private:
  void Send(std::shared_ptr<RemoteCopy> copy);
  void WaitFrom(absl::Time time);
  absl::Status WhyEnd(absl::Time now, bool stopping) const;

  RemoteShared& shared_;
  const RemoteMethod& method_;
  call::Call call_;
  std::string request_;                     // framed
  std::shared_ptr<RemoteClient> client_;    // set by Begin
  std::shared_ptr<RemoteSending> sending_;  // null while it waits
  std::shared_ptr<RemoteCopy> copy_;        // that it was last sent to
  // While it waits: when it may be sent, and until when it waits for a copy.
  absl::Time resume_;
  absl::Time give_up_;
};

// INTERNAL if the bytes are no such message.
absl::StatusOr<call::MessagePtr> ParseAnswer(const RemoteMethod& method, absl::string_view bytes);

// Gets the bytes of the answer.
using BytesDone = std::function<void(absl::StatusOr<std::string>)>;
std::shared_ptr<RemoteCall> MakeRemoteUnary(RemoteShared& shared, const RemoteMethod& method,
                                            call::Call call, BytesDone done);
// Returns the same object twice: what begins it and what the caller pulls.
struct RemoteStream {
  std::shared_ptr<RemoteCall> call;
  std::shared_ptr<Stream> stream;
};
RemoteStream MakeRemoteStream(RemoteShared& shared, const RemoteMethod& method, call::Call call);

}  // namespace mostove::rpc
