#include "libs/rpc/h2_server_call.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/rpc/call_metadata.h"
#include "libs/rpc/metadata_keys.h"
#include "libs/rpc/reading.h"
#include "libs/rpc/request_id.h"
#include "libs/rpc/wire_status.h"
#include "libs/status/status.h"

namespace mostove::rpc {
namespace {

constexpr h2::Field kStatus200 = {":status", "200"};
constexpr h2::Field kContentType = {"content-type", "application/grpc"};

// What ends a call. The message and details of an error fit into the metadata
// that clients take.
h2::Trailers ToTrailers(const absl::Status& status) {
  WireStatus wire = ToWire(status);
  h2::Trailers trailers = {{"grpc-status", absl::StrCat(wire.code)}};
  if (!wire.message.empty()) trailers.emplace_back("grpc-message", PercentEncode(wire.message));
  if (!wire.details.empty()) {
    trailers.emplace_back("grpc-status-details-bin", EncodeBinary(wire.details));
  }
  return trailers;
}

std::string Framed(absl::string_view message) {
  std::string framed = FramePrefix(message.size());
  framed.append(message.data(), message.size());
  return framed;
}

}  // namespace

// ---- ServerRuntime

ServerRuntime::ServerRuntime(const GrpcServerOptions& options, loop::Loop* loop)
    : options_(options), loop_(loop) {
  for (Invoker* invoker : options.invokers) {
    for (const auto* service : invoker->services()) {
      for (int i = 0; i < service->method_count(); ++i) {
        Method method = DescribeMethod(*service->method(i));
        std::string path = absl::StrCat("/", method.full_name);
        entries_[std::move(path)] = {std::move(method), invoker};
      }
    }
  }
}

const ServerRuntime::Entry* ServerRuntime::Find(absl::string_view path) const {
  const auto found = entries_.find(path);
  return found == entries_.end() ? nullptr : &found->second;
}

void ServerRuntime::OnLoop(std::function<void()> work) {
  if (loop_ == nullptr || loop_->OnThisThread()) return work();
  loop_->Post(std::move(work));
}

void ServerRuntime::ForgetRunning() {
  if (running_.fetch_sub(1) > 1) return;
  std::lock_guard lock(mutex_);
  none_.notify_all();
}

bool ServerRuntime::WaitUntilNoneRuns(absl::Time until) {
  std::unique_lock lock(mutex_);
  const auto none = [this] { return running_ == 0; };
  if (until == absl::InfiniteFuture()) {
    none_.wait(lock, none);
    return true;
  }
  return none_.wait_until(lock, absl::ToChronoTime(until), none);
}

void ServerRuntime::ForEachWaiting(const std::function<void(ServerCall&)>& visit) const {
  std::vector<std::shared_ptr<ServerCall>> calls;
  for (ServerCall* const call : waiting_) calls.push_back(call->shared_from_this());
  for (const auto& call : calls) visit(*call);
}

void ServerRuntime::EndLate(absl::Time now) const {
  std::vector<std::shared_ptr<ServerCall>> late;
  for (ServerCall* const call : waiting_) {
    if (call->deadline() <= now) late.push_back(call->shared_from_this());
  }
  for (const auto& call : late) call->EndLate();
}

// ---- ServerMetadata

void ServerMetadata::Add(absl::string_view name, absl::string_view value) {
  Field field = {.name = static_cast<uint32_t>(text_.size())};
  text_.append(name.data(), name.size());
  field.value = static_cast<uint32_t>(text_.size());
  if (absl::EndsWith(name, "-bin")) {
    text_ += DecodeBinary(value).value_or("");
  } else {
    text_.append(value.data(), value.size());
  }
  field.end = static_cast<uint32_t>(text_.size());
  fields_.push_back(field);
}

absl::string_view ServerMetadata::Find(absl::string_view name) const {
  const absl::string_view text = text_;
  for (const Field& field : fields_) {
    if (text.substr(field.name, field.value - field.name) == name) {
      return text.substr(field.value, field.end - field.value);
    }
  }
  return "";
}

// ---- ServerCall: the request

ServerCall::ServerCall(ServerRuntime& runtime, std::weak_ptr<ServerPeer> peer, h2::StreamId id)
    : runtime_(runtime),
      peer_(std::move(peer)),
      id_(id),
      reader_(runtime.options().limits.request_bytes_max) {}

ServerCall::~ServerCall() = default;

void ServerCall::OnField(absl::string_view name, absl::string_view value) {
  if (!has_head_) metadata_.Add(name, value);
}

void ServerCall::OnFields(bool too_large) {
  if (std::exchange(has_head_, true)) return;  // a request's trailers say nothing
  if (too_large) {
    return Refuse(absl::ResourceExhaustedError(
        absl::StrCat("the metadata are too large; at most ",
                     runtime_.options().limits.metadata_bytes_max, " bytes pass")));
  }
  CheckHead();
}

void ServerCall::CheckHead() {
  if (metadata_.Find(":method") != "POST") return RefuseHttp("405");
  if (!absl::StartsWith(metadata_.Find("content-type"), "application/grpc")) {
    return RefuseHttp("415");
  }
  const absl::string_view path = metadata_.Find(":path");
  entry_ = runtime_.Find(path);
  if (entry_ == nullptr) {
    return Refuse(status::Make(absl::StatusCode::kUnimplemented, "METHOD_UNKNOWN",
                               absl::StrCat(path, " cannot be called here")));
  }
  const absl::string_view encoding = metadata_.Find("grpc-encoding");
  if (!encoding.empty() && encoding != "identity") {
    return Refuse(
        absl::UnimplementedError("compressed messages are not taken; send them as they are"));
  }
  const absl::string_view timeout = metadata_.Find("grpc-timeout");
  if (timeout.empty()) return;
  const auto duration = DecodeTimeout(timeout);
  if (!duration.has_value()) {
    return Refuse(absl::InternalError(absl::StrCat("grpc-timeout is no time: ", timeout)));
  }
  deadline_ = absl::Now() + *duration;
}

void ServerCall::OnData(absl::string_view bytes) {
  if (const auto peer = peer_.lock()) {
    peer->session().Consume(id_, bytes.size());
    peer->FlushSoon();
  }
  if (answered_) return;
  if (const absl::Status fed = reader_.Feed(bytes); !fed.ok()) return Refuse(fed);
  request_bytes_ += bytes.size();
  runtime_.request_bytes += static_cast<int64_t>(bytes.size());
  if (runtime_.request_bytes > runtime_.options().limits.memory_bytes_max) {
    Refuse(status::Unavailable("QUEUE_FULL", "the system is busy; try again", absl::Seconds(1)));
  }
}

void ServerCall::ForgetRequest() {
  runtime_.request_bytes -= static_cast<int64_t>(std::exchange(request_bytes_, 0));
}

void ServerCall::OnEnd() {
  if (answered_) return;
  if (!has_head_ || !reader_.HasWhole() ||
      reader_.size() != kPrefixBytes + reader_.Front().size()) {
    return Refuse(absl::InvalidArgumentError("a call brings one message"));
  }
  const Method& method = entry_->method;
  request_id_ = RequestIdOrNew(metadata_.Find("x-request-id"));
  const bool is_stream = method.descriptor->server_streaming();
  cancelled_ = std::make_shared<std::atomic<bool>>(false);
  runtime_.Add(this);
  auto call = MakeCall(method, runtime_.options().caller_of,
                       [this](absl::string_view name) { return MetadataOf(name); },
                       {.request_id = request_id_,
                        .deadline = deadline_,
                        .deadline_max = runtime_.options().limits.deadline_max,
                        .cancelled = cancelled_});
  if (!call.ok()) {
    CountRefusal(method, call.status(), runtime_.options().metrics);
    return AnswerError(call.status());
  }
  deadline_ = call->deadline;
  outcome_ = call->outcome;
  if (is_stream) return RunStream(*std::move(call));
  RunUnary(*std::move(call));
}

absl::string_view ServerCall::MetadataOf(absl::string_view name) const {
  if (name != kPeerKey) return metadata_.Find(name);
  const auto peer = peer_.lock();
  return peer == nullptr ? "" : peer->name();
}

void ServerCall::RefuseHttp(absl::string_view http_status) {
  answered_ = true;
  const auto peer = peer_.lock();
  if (peer == nullptr) return;
  const h2::Field head[] = {{":status", http_status}};
  peer->session().AnswerHead(id_, head);
  peer->FlushSoon();
}

void ServerCall::Refuse(const absl::Status& status) {
  if (entry_ != nullptr) CountRefusal(entry_->method, status, runtime_.options().metrics);
  AnswerError(status);
}

// ---- a unary call

void ServerCall::RunUnary(call::Call call) {
  const auto* const descriptor = entry_->method.descriptor;
  const absl::string_view bytes = reader_.Front();
  // On whatever thread the answer is made.
  auto done = [self = shared_from_this()](const absl::StatusOr<answers::AnswerPtr>& answer) {
    absl::StatusOr<std::string> body =
        answer.ok() ? absl::StatusOr<std::string>(Framed((*answer)->bytes)) : answer.status();
    self->runtime_.OnLoop([self, body = std::move(body)]() mutable {
      self->Answer(std::move(body));
      self->runtime_.ForgetRunning();
    });
  };
  auto reading = ReadingOfBytes(descriptor, std::string(bytes), std::move(done));
  const std::string key = KeyOfBytes(descriptor, bytes);
  ForgetRequest();
  runtime_.CountRunning();
  entry_->invoker->Read(descriptor, std::move(call), key, std::move(reading));
}

void ServerCall::Answer(absl::StatusOr<std::string> body) {
  if (answered_) return;
  if (!body.ok()) return AnswerError(body.status());
  answered_ = true;
  runtime_.Remove(this);
  const auto peer = peer_.lock();
  if (peer == nullptr) return;
  const h2::Field head[] = {kStatus200, kContentType, {"x-request-id", request_id_, false}};
  h2::Trailers trailers = {{"grpc-status", "0"}};
  if (outcome_ != nullptr && !outcome_->position.empty()) {
    trailers.emplace_back(kPositionMetadata, outcome_->position);
  }
  peer->session().Answer(id_, head, *std::move(body), std::move(trailers));
  peer->FlushSoon();
}

void ServerCall::AnswerError(const absl::Status& status) {
  if (std::exchange(answered_, true)) return;
  ForgetRequest();
  runtime_.Remove(this);
  const auto peer = peer_.lock();
  if (peer == nullptr) return;
  const h2::Trailers trailers = ToTrailers(status);
  std::vector<h2::Field> head = {kStatus200, kContentType};
  if (!request_id_.empty()) head.push_back({"x-request-id", request_id_, false});
  for (const auto& [name, value] : trailers) head.push_back({name, value, false});
  peer->session().AnswerHead(id_, head);
  peer->FlushSoon();
}

// ---- a server stream: pulled one message at a time, and pulled again when the
// last one is on its way

void ServerCall::RunStream(call::Call call) {
  const Method& method = entry_->method;
  call::MessagePtr request(method.request->New());
  const absl::string_view bytes = reader_.Front();
  const bool parsed = request->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  ForgetRequest();
  if (!parsed) {
    return Refuse(status::Make(
        absl::StatusCode::kInvalidArgument, "MALFORMED_REQUEST",
        absl::StrCat("the request's bytes are no ", request->GetDescriptor()->full_name())));
  }
  stream_ = entry_->invoker->Open(method.descriptor, std::move(call), std::move(request));
  Pull();
  if (runtime_.draining) Drain();
}

void ServerCall::Pull() {
  pulling_ = true;
  runtime_.CountRunning();
  stream_->Pull([self = shared_from_this()](const absl::StatusOr<call::MessagePtr>& next) {
    absl::StatusOr<std::string> body =
        next.ok() ? FrameMessage(**next, INT32_MAX) : absl::StatusOr<std::string>(next.status());
    self->runtime_.OnLoop(
        [self, body = std::move(body)]() mutable { self->OnPulled(std::move(body)); });
  });
}

void ServerCall::OnPulled(absl::StatusOr<std::string> body) {
  pulling_ = false;
  runtime_.ForgetRunning();
  if (answered_) return;
  const auto peer = peer_.lock();
  if (peer == nullptr) return Cancel();
  if (!body.ok()) {
    return EndStream(absl::IsOutOfRange(body.status()) ? absl::OkStatus() : body.status());
  }
  if (!std::exchange(head_sent_, true)) {
    const h2::Field head[] = {kStatus200, kContentType, {"x-request-id", request_id_, false}};
    peer->session().BeginAnswer(id_, head);
  }
  peer->session().Write(id_, *std::move(body));
  peer->FlushSoon();
}

void ServerCall::OnSent() {
  if (stream_ != nullptr && !pulling_ && !answered_) Pull();
}

void ServerCall::EndStream(const absl::Status& status) {
  if (answered_) return;
  if (!head_sent_ && !status.ok()) return AnswerError(status);
  answered_ = true;
  runtime_.Remove(this);
  const auto peer = peer_.lock();
  if (peer == nullptr) return;
  if (head_sent_) {
    peer->session().EndAnswer(id_, ToTrailers(status));
  } else {
    const h2::Field head[] = {
        kStatus200, kContentType, {"x-request-id", request_id_, false}, {"grpc-status", "0"}};
    peer->session().AnswerHead(id_, head);
  }
  peer->FlushSoon();
}

// ---- the end

void ServerCall::OnClose(uint32_t /*error*/) {
  answered_ = true;
  ForgetRequest();
  Cancel();
}

void ServerCall::Drain() {
  if (stream_ == nullptr) return;
  EndWith(
      status::Unavailable("DRAINING", "the server stops; ask another one", absl::ZeroDuration()));
}

void ServerCall::EndLate() { EndWith(absl::DeadlineExceededError("the deadline passed")); }

void ServerCall::GiveUp() { EndWith(absl::CancelledError("the server stops")); }

void ServerCall::EndWith(const absl::Status& status) {
  if (stream_ != nullptr) {
    EndStream(status);
  } else {
    AnswerError(status);
  }
  Cancel();
}

void ServerCall::Cancel() {
  runtime_.Remove(this);
  if (cancelled_ != nullptr) cancelled_->store(true, std::memory_order_relaxed);
  if (stream_ != nullptr) stream_->Cancel();
}

}  // namespace mostove::rpc
