#include "services/gateway/events.h"

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "libs/http/body_stream.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/transcoding/json_writer.h"
#include "libs/transcoding/request.h"
#include "mostove/changes/v1/changes.pb.h"
#include "services/gateway/headers.h"
#include "services/gateway/problem.h"

namespace mostove::gateway {
namespace {

using changes::v1::WatchChangesRequest;
using changes::v1::WatchChangesResponse;

// How long a client waits before it comes back.
constexpr absl::string_view kRetry = "retry: 2000\n\n";
// Written at once, for a peer that falls behind.
constexpr size_t kPieceBytes = 32 * 1024;

// So long a service that went away is left alone.
constexpr absl::Duration kReopenPause = absl::Seconds(1);
// Of several sources each has its heartbeat (15 s); the client needs that of one.
constexpr absl::Duration kHeartbeatPause = absl::Seconds(10);

// The stream of one service.
struct Source {
  using Open = std::function<std::shared_ptr<rpc::Stream>(const std::string& position)>;

  std::string name;  // "funding"; empty where there is only one
  Open open;
  std::string position;
  std::shared_ptr<rpc::Stream> stream;         // null while the service is away
  std::unique_ptr<WatchChangesResponse> next;  // pulled, not yet written
  absl::Time lost_at;
  bool returns = false;  // it was away, and has said nothing since
};

bool IsHeartbeat(const WatchChangesResponse& message) {
  return message.kind() == changes::v1::KIND_UNSPECIFIED;
}

// Pulls its sources and writes what they give: of each at most one message
// waits, and nothing is pulled while the peer has no room. A source that goes
// away is opened again when another one says something, if only its heartbeat.
class EventStream : public std::enable_shared_from_this<EventStream> {
 public:
  EventStream(std::shared_ptr<Exchange> exchange, std::vector<Source> sources, bool resumes)
      : exchange_(std::move(exchange)), sources_(std::move(sources)), resumes_(resumes) {}
  ~EventStream() { CancelAll(); }

  void Start() {
    opening_ = sources_.size();
    for (Source& source : sources_) source.stream = source.open(source.position);
    for (size_t i = 0; i < sources_.size(); ++i) Pull(i);
  }

 private:
  void Pull(size_t index) {
    std::shared_ptr<rpc::Stream> stream;
    {
      const std::lock_guard lock(mutex_);
      stream = sources_[index].stream;
    }
    if (stream == nullptr) return;
    stream->Pull([self = shared_from_this(), index](absl::StatusOr<call::MessagePtr> next) {
      self->OnPulled(index, std::move(next));
    });
  }

  void CancelAll() {
    std::vector<std::shared_ptr<rpc::Stream>> streams;
    {
      const std::lock_guard lock(mutex_);
      for (Source& source : sources_) streams.push_back(std::move(source.stream));
    }
    for (const auto& stream : streams) {
      if (stream != nullptr) stream->Cancel();
    }
  }

  // False when nothing is left to wait for.
  bool Lose(size_t index) {
    std::shared_ptr<rpc::Stream> lost;  // goes after the lock
    const std::lock_guard lock(mutex_);
    if (ended_ || body_ == nullptr) return false;
    Source& source = sources_[index];
    lost = std::move(source.stream);
    source.lost_at = absl::Now();
    absl::StrAppend(&text_, "id: ", Id(), "\n: ", source.name, " is away\n\n");
    return std::any_of(sources_.begin(), sources_.end(),
                       [](const Source& other) { return other.stream != nullptr; });
  }

  void OpenLost() {
    std::vector<size_t> opened;
    {
      const std::lock_guard lock(mutex_);
      if (ended_ || body_ == nullptr) return;
      for (size_t i = 0; i < sources_.size(); ++i) {
        Source& source = sources_[i];
        if (source.stream != nullptr || absl::Now() < source.lost_at + kReopenPause) continue;
        source.stream = source.open(source.position);
        source.returns = true;
        opened.push_back(i);
      }
    }
    for (const size_t index : opened) Pull(index);
  }

  void OnPulled(size_t index, absl::StatusOr<call::MessagePtr> next) {
    if (absl::IsUnavailable(next.status()) && Lose(index)) return Write();
    if (!next.ok()) return End(next.status());
    OpenLost();
    bool begin = false, spare = false;
    {
      const std::lock_guard lock(mutex_);
      if (ended_) return;
      Source& source = sources_[index];
      source.next.reset(static_cast<WatchChangesResponse*>(next->release()));
      if (opening_ > 0) begin = --opening_ == 0;
      if (opening_ > 0) return;
      spare = TakeSpare(source);
    }
    if (spare) return Pull(index);
    if (begin) Begin();
    Write();
  }

  // Under mutex_. A heartbeat soon after other words goes no further: its
  // position is told with what comes next.
  bool TakeSpare(Source& source) {
    const bool returns = std::exchange(source.returns, false);
    if (returns || body_ == nullptr || !IsHeartbeat(*source.next)) return false;
    if (absl::Now() - written_ >= kHeartbeatPause) return false;
    source.position = source.next->position();
    source.next.reset();
    return true;
  }

  // All sources are open: the answer is no error.
  void Begin() {
    http::Response head;
    absl::StrAppend(&head.headers, kEventHeaders);
    auto body = exchange_->RespondWithStream(std::move(head), [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->End(absl::CancelledError());
    });
    const std::lock_guard lock(mutex_);
    // Each first message tells where its source stands: no id without.
    for (Source& source : sources_) source.position = source.next->position();
    body_ = std::move(body);
    text_ = std::string(kRetry);
  }

  // One piece at a time; sources whose message went into it are pulled again.
  void Write() {
    std::vector<size_t> written;
    std::string piece;
    std::shared_ptr<http::BodyStream> body;
    {
      const std::lock_guard lock(mutex_);
      if (ended_ || writing_ || body_ == nullptr) return;
      for (size_t i = 0; i < sources_.size() && text_.size() < kPieceBytes; ++i) {
        if (sources_[i].next == nullptr) continue;
        Append(sources_[i]);
        written.push_back(i);
      }
      if (text_.empty()) return;
      writing_ = true;
      written_ = absl::Now();
      piece = std::exchange(text_, {});
      body = body_;
    }
    body->Send(std::move(piece), [self = shared_from_this(), written](bool more) {
      if (!more) return self->End(absl::CancelledError());
      {
        const std::lock_guard lock(self->mutex_);
        self->writing_ = false;
      }
      for (const size_t index : written) self->Pull(index);
      self->Write();
    });
  }

  // Under mutex_.
  void Append(Source& source) {
    const auto message = std::move(source.next);
    source.position = message->position();
    absl::StrAppend(&text_, "id: ", Id(), "\n");
    if (IsHeartbeat(*message)) {
      text_ += ": heartbeat\n\n";
      return;
    }
    text_ += "data: ";
    transcoding::WriteJson(*message, text_);
    text_ += "\n\n";
  }

  // "POSITION", or "funding:POSITION,trainings:POSITION".
  std::string Id() const {
    if (sources_.size() == 1 && sources_[0].name.empty()) return sources_[0].position;
    return absl::StrJoin(sources_, ",", [](std::string* out, const Source& source) {
      absl::StrAppend(out, source.name, ":", source.position);
    });
  }

  void End(const absl::Status& why) {
    std::shared_ptr<http::BodyStream> body;
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(ended_, true)) return;
      body = std::move(body_);
    }
    CancelAll();
    if (body != nullptr) return EndBody(body, why);
    // A browser's EventSource comes back after a stream that ends, not after 503.
    if (resumes_ && absl::IsUnavailable(why)) {
      http::Response head;
      absl::StrAppend(&head.headers, kEventHeaders);
      head.body = absl::StrCat(kRetry);
      return exchange_->Respond(std::move(head));
    }
    if (!absl::IsCancelled(why)) exchange_->Fail(why);
  }

  // Whoever is sent back to the same place is told nothing: the next server
  // will do.
  void EndBody(const std::shared_ptr<http::BodyStream>& body, const absl::Status& why) {
    if (absl::IsCancelled(why) || absl::IsUnavailable(why) || absl::IsOutOfRange(why)) {
      return body->End();
    }
    const http::Response problem = MakeProblem(
        why, {.request_id = exchange_->request_id(), .language = exchange_->language()});
    body->Send(absl::StrCat("event: problem\ndata: ", problem.body, "\n\n"),
               [body](bool) { body->End(); });
  }

  const std::shared_ptr<Exchange> exchange_;
  std::vector<Source> sources_;  // under mutex_
  const bool resumes_;

  std::mutex mutex_;
  size_t opening_ = 0;
  bool ended_ = false;
  bool writing_ = false;
  absl::Time written_;  // when the last piece was
  std::string text_;
  std::shared_ptr<http::BodyStream> body_;
};

absl::Status NotAcceptable() {
  return status::Make(absl::StatusCode::kInvalidArgument, "NOT_ACCEPTABLE",
                      "this answer is text/event-stream: name it, or */*, in Accept");
}

absl::Status BadEventId() {
  return status::Make(absl::StatusCode::kInvalidArgument, "BAD_LAST_EVENT_ID",
                      "Last-Event-ID is not an id of this stream: send the last one as it came, or "
                      "leave it out to watch from now");
}

// "funding" of "mostove.funding.v1.FundingService".
std::string NameOf(const google::protobuf::MethodDescriptor& method) {
  const std::vector<std::string> parts = absl::StrSplit(method.service()->full_name(), '.');
  return parts.size() > 1 ? parts[1] : parts[0];
}

// "funding:POSITION,trainings:POSITION" by name.
absl::StatusOr<std::map<std::string, std::string>> ParseIds(absl::string_view text) {
  std::map<std::string, std::string> positions;
  if (text.empty()) return positions;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const std::vector<std::string> pair = absl::StrSplit(part, ':');
    if (pair.size() != 2 || !positions.emplace(pair[0], pair[1]).second) return BadEventId();
  }
  return positions;
}

// What of the request concerns this service; none where all its types are of
// others.
std::optional<WatchChangesRequest> PartOf(const WatchChangesRequest& request,
                                          const std::string& service) {
  WatchChangesRequest part;
  for (const std::string& type : request.resource_types()) {
    if (absl::StartsWith(type, service + ".")) part.add_resource_types(type);
  }
  if (part.resource_types().empty() && !request.resource_types().empty()) return std::nullopt;
  return part;
}

// Opens the watch behind a position, or where the request says.
Source::Open OpenerOf(const RouteInfo& info, const google::protobuf::MethodDescriptor* method,
                      call::Call call, const WatchChangesRequest& request) {
  return [invoker = info.invoker, method, call = std::move(call),
          request](const std::string& position) {
    auto message = std::make_unique<WatchChangesRequest>(request);
    if (!position.empty()) message->set_start_position(position);
    return invoker->Open(method, call, std::move(message));
  };
}

}  // namespace

bool IsWatch(const transcoding::Route& route) {
  return route.method->server_streaming() &&
         route.method->output_type() == WatchChangesResponse::descriptor() &&
         route.method->input_type() == WatchChangesRequest::descriptor();
}

void StreamEvents(const http::Request& request, const transcoding::RouteMatch& match,
                  const RouteInfo& info, call::Call call, std::shared_ptr<Exchange> exchange) {
  if (!AcceptsEvents(request.headers)) return exchange->Fail(NotAcceptable(), 406);
  auto message = std::make_unique<WatchChangesRequest>();
  if (const absl::Status built =
          transcoding::BuildRequest(match, request.query, request.body, *message);
      !built.ok()) {
    return exchange->Fail(built);
  }
  const absl::string_view last = request.headers.Get("Last-Event-ID");
  if (!last.empty()) message->set_start_position(std::string(last));
  std::vector<Source> sources;
  sources.push_back(
      {.name = "", .open = OpenerOf(info, match.route->method, std::move(call), *message)});
  std::make_shared<EventStream>(std::move(exchange), std::move(sources), !last.empty())->Start();
}

void StreamAllEvents(const http::Request& request, const RouteTable& routes, const call::Call& call,
                     std::shared_ptr<Exchange> exchange) {
  if (!AcceptsEvents(request.headers)) return exchange->Fail(NotAcceptable(), 406);
  std::vector<const RouteInfo*> watches;
  for (const auto& route : routes.routes()) {
    if (IsWatch(*route)) watches.push_back(&routes.InfoOf(route.get()));
  }
  if (watches.empty()) {
    return exchange->Fail(status::Make(absl::StatusCode::kNotFound, "ROUTE_NOT_FOUND",
                                       "no service here can be watched"));
  }
  WatchChangesRequest whole;
  // Any of the routes reads the same query.
  transcoding::RouteMatch match;
  match.outcome = transcoding::RouteMatch::Outcome::kFound;
  match.route = watches.front()->route;
  if (const absl::Status built =
          transcoding::BuildRequest(match, request.query, request.body, whole);
      !built.ok()) {
    return exchange->Fail(built);
  }
  if (!whole.resource_name().empty()) {
    return exchange->Fail(status::InvalidField(
        "resource_name", "NAME", "is for the watch of one service: /v1/organizations:watch"));
  }
  const absl::string_view last = request.headers.Get("Last-Event-ID");
  const auto positions = ParseIds(last.empty() ? whole.start_position() : last);
  if (!positions.ok()) return exchange->Fail(positions.status());
  std::vector<Source> sources;
  for (const RouteInfo* info : watches) {
    const std::string name = NameOf(*info->route->method);
    std::optional<WatchChangesRequest> part = PartOf(whole, name);
    if (!part.has_value()) continue;
    if (const auto position = positions->find(name); position != positions->end()) {
      part->set_start_position(position->second);
    }
    sources.push_back({.name = name,
                       .open = OpenerOf(*info, info->route->method, call, *part),
                       .position = part->start_position()});
  }
  if (sources.empty()) {
    return exchange->Fail(
        status::InvalidField("resource_types", "TYPE",
                             "has to name types such as organizations.mostove.bg/Organization"));
  }
  std::make_shared<EventStream>(std::move(exchange), std::move(sources), !last.empty())->Start();
}

}  // namespace mostove::gateway
