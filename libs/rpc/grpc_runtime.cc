#include "libs/rpc/grpc_runtime.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/rpc/call_record.h"
#include "libs/rpc/caller_metadata.h"
#include "libs/rpc/grpc_bytes.h"
#include "libs/rpc/request_id.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/telemetry/trace.h"

namespace mostove::rpc {
namespace {

constexpr size_t kLanguageBytesMax = 35;

absl::string_view FindMetadata(const grpc::ServerContext& context, absl::string_view key) {
  const auto& all = context.client_metadata();
  const auto found = all.find(grpc::string_ref(key.data(), key.size()));
  if (found == all.end()) return "";
  return {found->second.data(), found->second.size()};
}

// "bg-BG,bg;q=0.9" -> "bg-BG"; "en" when there is nothing usable.
std::string FirstLanguage(absl::string_view accept) {
  const absl::string_view tag =
      absl::StripAsciiWhitespace(accept.substr(0, accept.find_first_of(",;")));
  const bool usable = !tag.empty() && tag.size() <= kLanguageBytesMax &&
                      std::all_of(tag.begin(), tag.end(), [](char c) {
                        return c == '-' || absl::ascii_isalnum(static_cast<unsigned char>(c));
                      });
  return usable ? std::string(tag) : "en";
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
  call::Call call;
  call.request_id = RequestIdOrNew("");
  CallRecord(method, call, metrics_).Finish(status);
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
  call::Call call;
  call.request_id = RequestIdOrNew(FindMetadata(context, "x-request-id"));
  context.AddInitialMetadata("x-request-id", call.request_id);
  ASSIGN_OR_RETURN(call.caller, runtime.caller_of([&](absl::string_view key) {
    return FindMetadata(context, key);
  }));
  call.deadline = Deadline(context);
  if (!method.descriptor->server_streaming()) {
    call.deadline = std::min(call.deadline, absl::Now() + runtime.deadline_max);
  }
  call.traceparent = telemetry::ContinueTrace(FindMetadata(context, "traceparent"));
  call.idempotency_key = std::string(FindMetadata(context, "idempotency-key"));
  call.language = FirstLanguage(FindMetadata(context, "accept-language"));
  call.min_position = std::string(FindMetadata(context, kPositionMetadata));
  if (method.is_write) call.outcome = std::make_shared<call::Outcome>();
  call.cancelled = std::move(cancelled);
  return call;
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
