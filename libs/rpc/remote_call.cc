#include "libs/rpc/remote_call.h"

#include <algorithm>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "libs/rpc/idempotency_key.h"
#include "libs/rpc/metadata_keys.h"
#include "libs/rpc/request_id.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::rpc {
namespace {

constexpr absl::Duration kRetryAfter = absl::Seconds(1);

using Fields = absl::InlinedVector<h2::Field, 16>;

// HTTP/2 takes no other text. Leaves out what is empty.
void AddText(Fields& fields, absl::string_view name, absl::string_view value, bool indexed) {
  const bool printable = std::all_of(value.begin(), value.end(),
                                     [](unsigned char c) { return absl::ascii_isprint(c); });
  if (!value.empty() && printable) fields.push_back({name, value, indexed});
}

// An answer of something that is no gRPC server (gRPC's http-grpc-status-mapping).
absl::Status FromHttp(int code) {
  const std::string message = absl::StrCat("the server answered with the HTTP status ", code);
  switch (code) {
    case 400:
      return absl::InternalError(message);
    case 401:
      return absl::UnauthenticatedError(message);
    case 403:
      return absl::PermissionDeniedError(message);
    case 404:
      return absl::UnimplementedError(message);
    case 429:
    case 502:
    case 503:
    case 504:
      return absl::UnavailableError(message);
    default:
      return absl::UnknownError(message);
  }
}

absl::Status FromReset(uint32_t error) {
  switch (error) {
    case h2::kConnectionLost:
    case h2::kRefusedStream:
      return absl::UnavailableError("");
    case h2::kCancel:
      return absl::CancelledError();
    case h2::kEnhanceYourCalm:
      return absl::ResourceExhaustedError("the server has had enough of this connection");
    default:
      return absl::InternalError(
          absl::StrCat("the server ended the call without a status, HTTP/2 code ", error));
  }
}

}  // namespace

// ---- RemoteSending

void RemoteSending::Drop() {
  call_ = nullptr;
  if (const auto live = connection.lock()) {
    live->session().Reset(id, h2::kCancel);
    live->FlushSoon();
  }
}

void RemoteSending::Consume() {
  if (unconsumed_ == 0) return;
  if (const auto live = connection.lock()) {
    live->session().Consume(id, std::exchange(unconsumed_, 0));
    live->FlushSoon();
  }
}

void RemoteSending::OnField(absl::string_view name, absl::string_view value) {
  if (name == ":status") {
    if (!absl::SimpleAtoi(value, &http_status_)) http_status_ = 500;
  } else if (name == "content-type") {
    is_grpc_ = absl::StartsWith(value, "application/grpc");
  } else if (name == "grpc-status") {
    int code = static_cast<int>(absl::StatusCode::kUnknown);
    code_ = absl::SimpleAtoi(value, &code) ? code : static_cast<int>(absl::StatusCode::kUnknown);
  } else if (name == "grpc-message") {
    wire_.message = PercentDecode(value);
  } else if (name == "grpc-status-details-bin") {
    wire_.details = DecodeBinary(value).value_or("");
  } else if (name == kPositionMetadata && call_ != nullptr) {
    call_->OnPosition(value);
  }
}

void RemoteSending::OnFields(bool too_large) {
  if (too_large) Break(absl::ResourceExhaustedError("the answer's metadata are too large"));
}

void RemoteSending::OnData(absl::string_view bytes) {
  unconsumed_ += bytes.size();
  if (call_ == nullptr || !broken_.ok()) return;
  if (const absl::Status fed = reader.Feed(bytes); !fed.ok()) return Break(fed);
  if (!reader.HasWhole()) return Consume();
  call_->OnBytes();
}

void RemoteSending::Break(absl::Status error) {
  if (broken_.ok()) broken_ = std::move(error);
  if (const auto live = connection.lock()) {
    live->session().Reset(id, h2::kCancel);
    live->FlushSoon();
  }
}

void RemoteSending::OnClose(uint32_t error) {
  --copy->under_way;
  if (call_ == nullptr) return;
  const bool unsent = error == h2::kRefusedStream && !code_.has_value();
  std::exchange(call_, nullptr)->OnSendingEnd({StatusOf(error), unsent});
}

absl::Status RemoteSending::StatusOf(uint32_t error) const {
  if (!broken_.ok()) return broken_;
  if (code_.has_value()) {
    WireStatus wire = wire_;
    wire.code = *code_;
    return FromWire(wire);
  }
  if (http_status_ != 0 && http_status_ != 200) return FromHttp(http_status_);
  if (http_status_ == 200 && !is_grpc_) {
    return absl::UnknownError("the server's answer is no gRPC");
  }
  return FromReset(error);
}

// ---- RemoteCall

RemoteCall::RemoteCall(RemoteShared& shared, const RemoteMethod& method, call::Call call)
    : shared_(shared), method_(method), call_(std::move(call)) {
  call_.request_id = RequestIdOrNew(call_.request_id);
  if (!method.method.descriptor->server_streaming()) {
    call_.deadline = std::min(call_.deadline, absl::Now() + shared.options.deadline_max);
  }
}

// The idempotency key travels in the request.
absl::Status RemoteCall::Prepare(google::protobuf::Message& request) {
  RETURN_IF_ERROR(TakeIdempotencyKey(method_.method, call_, request));
  ASSIGN_OR_RETURN(request_, FrameMessage(request, shared_.options.request_bytes_max));
  return absl::OkStatus();
}

void RemoteCall::Begin(RemoteClient& client) {
  client_ = client.shared_from_this();
  client.Add(shared_from_this());
  WaitFrom(absl::Now());
  if (auto copy = client.Pick(nullptr)) Send(std::move(copy));
  OnBegun();
}

void RemoteCall::Tick(absl::Time now, bool stopping) {
  const auto self = shared_from_this();
  if (const absl::Status reason = WhyEnd(now, stopping); !reason.ok()) {
    if (sending_ != nullptr) sending_->Drop();
    client_->Remove(this);
    return Fail(reason);
  }
  if (sending_ != nullptr || now < resume_) return;
  if (auto copy = client_->Pick(copy_.get())) Send(std::move(copy));
}

void RemoteCall::Send(std::shared_ptr<RemoteCopy> copy) {
  const std::string timeout =
      call_.deadline == absl::InfiniteFuture() ? "" : EncodeTimeout(call_.deadline - absl::Now());
  Fields fields = {{":method", "POST"},
                   {":scheme", "http"},
                   {":path", method_.path},
                   {":authority", copy->authority()},
                   {"content-type", "application/grpc"},
                   {"te", "trailers"}};
  AddText(fields, "grpc-timeout", timeout, false);
  AddText(fields, "x-request-id", call_.request_id, false);
  AddText(fields, "traceparent", call_.traceparent, false);
  AddText(fields, "accept-language", call_.language, true);
  AddText(fields, kPositionMetadata, call_.min_position, false);
  if (call_.caller.service) {
    AddText(fields, kServiceMetadata, absl::StripPrefix(call_.caller.name, "services/"), true);
  } else {
    AddText(fields, kAuthorizationMetadata, call_.authorization, true);
  }

  copy_ = std::move(copy);
  const std::shared_ptr<h2::Connection> connection = copy_->connection();
  sending_ = std::make_shared<RemoteSending>(this, copy_, shared_.options.response_bytes_max);
  sending_->connection = connection;
  ++copy_->under_way;
  sending_->id = connection->session().Open(fields, request_, sending_);
  connection->FlushSoon();
  if (method_.method.descriptor->server_streaming()) client_->OnStreamSent(this);
}

void RemoteCall::SendAgain(absl::Duration pause) {
  sending_ = nullptr;
  shared_.sent_again->Add();
  WaitFrom(absl::Now() + pause);
}

void RemoteCall::WaitFrom(absl::Time time) {
  resume_ = time;
  give_up_ = std::min(call_.deadline, time + shared_.options.wait_max);
}

absl::Status RemoteCall::WhyEnd(absl::Time now, bool stopping) const {
  if (cancelled()) {
    return status::Make(absl::StatusCode::kCancelled, "CANCELLED", "the caller went away");
  }
  if (stopping) {
    return status::Unavailable("STOPPING", "the program stops; try again", kRetryAfter);
  }
  if (sending_ != nullptr) {
    return now < call_.deadline ? absl::OkStatus() : Explain(absl::DeadlineExceededError(""));
  }
  if (now < give_up_) return absl::OkStatus();
  shared_.found_nobody->Add();
  return status::Unavailable("SERVICE_AWAY",
                             absl::StrCat(method_.method.descriptor->service()->full_name(),
                                          " is not there; try again soon"),
                             kRetryAfter);
}

absl::Status RemoteCall::Explain(absl::Status error) const {
  const std::string& service = method_.method.descriptor->service()->full_name();
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

bool RemoteCall::repeatable() const {
  return method_.method.is_repeatable || !call_.idempotency_key.empty();
}

bool RemoteCall::cancelled() const {
  return call_.cancelled != nullptr && call_.cancelled->load(std::memory_order_relaxed);
}

absl::StatusOr<call::MessagePtr> ParseAnswer(const RemoteMethod& method, absl::string_view bytes) {
  call::MessagePtr message(method.response->New());
  if (message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return message;
  return status::Internal(absl::StrCat(method.method.full_name, " answered with bytes that are no ",
                                       message->GetDescriptor()->full_name()));
}

}  // namespace mostove::rpc
