#include "libs/rpc/grpc_remote_call.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/rpc/caller_metadata.h"
#include "libs/rpc/grpc_bytes.h"
#include "libs/rpc/grpc_status.h"
#include "libs/rpc/idempotency_key.h"
#include "libs/rpc/request_id.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::rpc {
namespace {

constexpr absl::Duration kRetryAfter = absl::Seconds(1);

// gRPC ends the process over other text. Leaves out what is empty.
void AddText(grpc::ClientContext& context, const char* key, const std::string& text) {
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isprint(c); });
  if (!text.empty() && printable) context.AddMetadata(key, text);
}

}  // namespace

RemoteCall::RemoteCall(GrpcClient& client, const RemoteMethod& method, call::Call call)
    : client_(client), method_(method), call_(std::move(call)) {
  call_.request_id = RequestIdOrNew(call_.request_id);
  if (!method.method.descriptor->server_streaming()) {
    call_.deadline = std::min(call_.deadline, absl::Now() + client.options().deadline_max);
  }
}

void RemoteCall::Begin(call::MessagePtr request) {
  if (const absl::Status status = Serialize(*request); !status.ok()) return Fail(status);
  const Copy* const copy = client_.Pick(nullptr);
  if (copy != nullptr) {
    copy_ = copy;
    context_ = MakeContext();
    sent_ = true;
  } else {
    WaitFrom(absl::Now());
  }
  // The queue's thread sees it from here on.
  if (const absl::Status added = client_.Add(shared_from_this()); !added.ok()) return Fail(added);
  if (copy != nullptr) Send(*copy);
}

void RemoteCall::Tick(absl::Time now, bool stopping) {
  if (sent_) {
    if (stopping || cancelled()) CancelSent();
    return;
  }
  if (const absl::Status reason = WhyNotWait(now, stopping); !reason.ok()) {
    Fail(reason);
    return client_.Remove(this);
  }
  if (now < resume_) return;
  const Copy* const copy = client_.Pick(copy_);
  if (copy == nullptr) return;
  copy_ = copy;
  context_ = MakeContext();
  sent_ = true;
  Send(*copy);
}

void RemoteCall::SendAgain(absl::Duration pause) {
  context_ = nullptr;
  sent_ = false;
  WaitFrom(absl::Now() + pause);
}

void RemoteCall::WaitFrom(absl::Time time) {
  resume_ = time;
  give_up_ = std::min(call_.deadline, time + client_.options().wait_max);
}

absl::Status RemoteCall::WhyNotWait(absl::Time now, bool stopping) const {
  const std::string& service = method_.method.descriptor->service()->full_name();
  if (cancelled()) {
    return status::Make(absl::StatusCode::kCancelled, "CANCELLED", "the caller went away");
  }
  if (stopping) {
    return status::Unavailable("STOPPING", "the program stops; try again", kRetryAfter);
  }
  if (now >= give_up_) {
    return status::Unavailable("SERVICE_AWAY",
                               absl::StrCat(service, " is not there; try again soon"), kRetryAfter);
  }
  return absl::OkStatus();
}

absl::Status RemoteCall::Explain(const grpc::Status& status) const {
  const std::string& service = method_.method.descriptor->service()->full_name();
  absl::Status error = FromGrpc(status);
  if (!status::Reason(error).empty()) return error;  // the service's own
  switch (error.code()) {
    case absl::StatusCode::kDeadlineExceeded:
      return status::Make(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                          absl::StrCat(service, " did not answer before the deadline"));
    case absl::StatusCode::kCancelled:
      if (cancelled()) {
        return status::Make(absl::StatusCode::kCancelled, "CANCELLED", "the caller went away");
      }
      [[fallthrough]];  // a server that stops says so too
    case absl::StatusCode::kUnavailable:
      return status::Unavailable(
          "CONNECTION_LOST",
          absl::StrCat(service, " went away; whether the call was run is not known"), kRetryAfter);
    default:
      return error;
  }
}

absl::StatusOr<call::MessagePtr> RemoteCall::Parse(grpc::ByteBuffer& bytes) const {
  call::MessagePtr message(method_.response->New());
  if (FromBytes(bytes, *message)) return message;
  return status::Internal(absl::StrCat(method_.method.full_name,
                                       " answered with bytes that are no ",
                                       message->GetDescriptor()->full_name()));
}

bool RemoteCall::repeatable() const {
  return method_.method.is_repeatable || !call_.idempotency_key.empty();
}

bool RemoteCall::cancelled() const {
  return call_.cancelled != nullptr && call_.cancelled->load(std::memory_order_relaxed);
}

// The idempotency key travels in the request.
absl::Status RemoteCall::Serialize(google::protobuf::Message& request) {
  RETURN_IF_ERROR(TakeIdempotencyKey(method_.method, call_, request));
  ASSIGN_OR_RETURN(request_, ToBytes(request));
  return absl::OkStatus();
}

std::unique_ptr<grpc::ClientContext> RemoteCall::MakeContext() const {
  auto context = std::make_unique<grpc::ClientContext>();
  if (call_.deadline != absl::InfiniteFuture()) {
    context->set_deadline(absl::ToChronoTime(call_.deadline));
  }
  AddText(*context, "x-request-id", call_.request_id);
  AddText(*context, "traceparent", call_.traceparent);
  AddText(*context, "accept-language", call_.language);
  context->AddMetadata(kCallerMetadata, EncodeCaller(call_.caller));
  return context;
}

}  // namespace mostove::rpc
