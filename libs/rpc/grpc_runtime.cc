#include "libs/rpc/grpc_runtime.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "libs/rpc/call_metadata.h"
#include "libs/rpc/grpc_bytes.h"
#include "libs/rpc/request_id.h"
#include "libs/status/status.h"

namespace mostove::rpc {
namespace {

absl::string_view FindMetadata(const grpc::ServerContext& context, absl::string_view key) {
  const auto& all = context.client_metadata();
  const auto found = all.find(grpc::string_ref(key.data(), key.size()));
  if (found == all.end()) return "";
  return {found->second.data(), found->second.size()};
}

// "ipv4:192.0.2.7:53412" -> "192.0.2.7", "ipv6:%5B::1%5D:53412" -> "::1"
std::string AddressOf(absl::string_view peer) {
  peer.remove_prefix(std::min(peer.find(':') + 1, peer.size()));
  peer = peer.substr(0, peer.rfind(':'));
  for (const absl::string_view open : {"[", "%5B"}) absl::ConsumePrefix(&peer, open);
  for (const absl::string_view close : {"]", "%5D"}) absl::ConsumeSuffix(&peer, close);
  return std::string(peer);
}

absl::Time Deadline(const grpc::ServerContext& context) {
  const auto deadline = context.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) return absl::InfiniteFuture();
  return absl::FromChrono(deadline);
}

}  // namespace

void GrpcRuntime::CountCall() {
  std::lock_guard lock(mutex_);
  ++calls_;
}

void GrpcRuntime::ForgetCall() {
  std::lock_guard lock(mutex_);
  if (--calls_ == 0) none_.notify_all();
}

void GrpcRuntime::WaitUntilNoCalls() {
  std::unique_lock lock(mutex_);
  none_.wait(lock, [this] { return calls_ == 0; });
}

void GrpcRuntime::StartDraining() {
  draining_ = true;
  std::map<const void*, std::shared_ptr<Stream>> streams;
  {
    std::lock_guard lock(mutex_);
    streams = streams_;
  }
  for (const auto& [call, stream] : streams) stream->Cancel();
}

void GrpcRuntime::AddStream(const void* call, std::shared_ptr<Stream> stream) {
  std::lock_guard lock(mutex_);
  streams_[call] = std::move(stream);
}

void GrpcRuntime::RemoveStream(const void* call) {
  std::lock_guard lock(mutex_);
  streams_.erase(call);
}

void GrpcRuntime::CountRefusal(const Method& method, const absl::Status& status) const {
  rpc::CountRefusal(method, status, metrics_);
}

GrpcService::GrpcService(const google::protobuf::ServiceDescriptor& descriptor, Invoker* invoker)
    : invoker_(invoker) {
  using grpc::internal::RpcMethod;
  const int count = descriptor.method_count();
  paths_.reserve(count);  // short paths would move with their string
  for (int i = 0; i < count; ++i) {
    methods_.push_back(DescribeMethod(*descriptor.method(i)));
    paths_.push_back(absl::StrCat("/", methods_.back().full_name));
    const auto type = descriptor.method(i)->server_streaming() ? RpcMethod::SERVER_STREAMING
                                                               : RpcMethod::NORMAL_RPC;
    AddMethod(new grpc::internal::RpcServiceMethod(paths_.back().c_str(), type, nullptr));
    MarkMethodRaw(i);
  }
}

absl::StatusOr<call::Call> MakeCall(const GrpcRuntime& runtime, const Method& method,
                                    grpc::ServerContext& context,
                                    std::shared_ptr<const std::atomic<bool>> cancelled) {
  CallOrigin origin = {.request_id = RequestIdOrNew(FindMetadata(context, "x-request-id")),
                       .deadline = Deadline(context),
                       .deadline_max = runtime.deadline_max,
                       .cancelled = std::move(cancelled)};
  context.AddInitialMetadata("x-request-id", origin.request_id);
  std::string peer;
  const auto metadata = [&](absl::string_view key) -> absl::string_view {
    if (key == kMethodNameKey) return method.full_name;
    if (key != kPeerAddressKey) return FindMetadata(context, key);
    peer = AddressOf(context.peer());
    return peer;
  };
  return MakeCall(method, runtime.caller_of, metadata, std::move(origin));
}

std::string ErrorLanguage(const GrpcRuntime& runtime, const grpc::ServerContext& context) {
  return runtime.localizes_errors ? FirstLanguage(FindMetadata(context, "accept-language")) : "en";
}

absl::StatusOr<call::MessagePtr> ParseRequest(const Method& method, grpc::ByteBuffer& bytes) {
  call::MessagePtr request(method.request->New());
  if (!FromBytes(bytes, *request)) {
    return status::Make(
        absl::StatusCode::kInvalidArgument, "MALFORMED_REQUEST",
        absl::StrCat("the request's bytes are no ", request->GetDescriptor()->full_name()));
  }
  return request;
}

}  // namespace mostove::rpc
