#include "services/gateway/gateway.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "services/gateway/connect.h"
#include "services/gateway/docs.h"
#include "services/gateway/entrance.h"
#include "services/gateway/events.h"
#include "services/gateway/exchange.h"
#include "services/gateway/guard.h"
#include "services/gateway/headers.h"
#include "services/gateway/identity_calls.h"
#include "services/gateway/oauth.h"
#include "services/gateway/overload.h"
#include "services/gateway/pages.h"
#include "services/gateway/problem.h"
#include "services/gateway/route_table.h"
#include "services/gateway/sign_in.h"
#include "services/gateway/site.h"

namespace mostove::gateway {
namespace {

using transcoding::RouteMatch;

constexpr char kAllMethods[] = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

absl::StatusCode CodeOf(int http_status) {
  switch (http_status) {
    case 408:
      return absl::StatusCode::kDeadlineExceeded;
    case 500:
      return absl::StatusCode::kInternal;
    case 501:
    case 505:
      return absl::StatusCode::kUnimplemented;
    default:
      return absl::StatusCode::kInvalidArgument;
  }
}

absl::Status NotAcceptable() {
  return status::Make(absl::StatusCode::kInvalidArgument, "NOT_ACCEPTABLE",
                      "answers are application/json: name it, or */*, in Accept");
}

absl::Status UnsupportedMediaType() {
  return status::Make(
      absl::StatusCode::kInvalidArgument, "UNSUPPORTED_MEDIA_TYPE",
      "send the body as Content-Type: application/json, in UTF-8 and not compressed: without "
      "Content-Encoding");
}

// Shared by the server's handler and the calls that run on.
class Core : public std::enable_shared_from_this<Core> {
 public:
  Core(RouteTable routes, Docs docs, std::shared_ptr<const Connect> connect, CallerProvider caller,
       const std::vector<rpc::Invoker*>& invokers, const GatewayOptions& options, PageSources pages)
      : routes_(std::move(routes)),
        docs_(std::move(docs)),
        connect_(std::move(connect)),
        entrance_(options.entrance, std::move(caller), options.budgets),
        identity_(invokers, options.request_time),
        oauth_(std::make_shared<OAuth>(options.entrance.issuer, entrance_, identity_)),
        sign_in_(std::make_shared<SignIn>(options.entrance.issuer, entrance_, identity_)),
        site_(std::make_shared<Site>(options.entrance, entrance_, identity_, invokers,
                                     options.request_time)),
        request_time_(options.request_time),
        pages_(std::move(pages)),
        rules_(std::make_shared<const AnswerRules>(pages_.metrics, options.cors_origins,
                                                   CompressorOptions{.level = options.gzip_level},
                                                   options.calls_max)),
        guard_(options.entrance, rules_->cors),
        overload_(rules_->admission,
                  pages_.metrics == nullptr ? telemetry::Metrics::Nowhere() : *pages_.metrics) {}

  bool TurnAway(const http::Request& request, http::Response& response) const {
    return overload_.TurnAway(request, response);
  }

  void Handle(const http::Request& request, http::Responder responder) const {
    auto exchange = std::make_shared<Exchange>(request, std::move(responder), rules_);
    if (const GuardRefusal refusal = guard_.Check(request); refusal.http_status != 0) {
      return exchange->Fail(refusal.status, refusal.http_status);
    }
    if (rules_->cors.IsPreflight(request))
      return exchange->Respond(rules_->cors.AnswerPreflight(request));
    if (request.method == http::Method::kOptions) return AnswerOptions(request, *exchange);
    if (AnswerPage(request, pages_, *exchange)) return;
    if (docs_.Answer(request, *exchange)) return;
    if (site_->Answer(request, exchange) || AnswerSignIn(request, exchange)) return;
    const auto read_call = [&](const google::protobuf::MethodDescriptor* method) {
      return ReadCall(request, method, *exchange);
    };
    if (connect_->Answer(request, read_call, exchange)) return;
    if (request.path == kAllChangesPath && request.method == http::Method::kGet) {
      exchange->set_route_label(kAllChangesPath);
      absl::StatusOr<call::Call> call = ReadWatch(request, nullptr, *exchange);
      if (!call.ok()) return exchange->Fail(call.status());
      return StreamAllEvents(request, routes_, *call, exchange);
    }
    const RouteMatch match = routes_.Match(request.method_name, request.path);
    if (match.outcome == RouteMatch::Outcome::kNotFound && site_->AnswerMissing(request, exchange))
      return;
    if (match.outcome != RouteMatch::Outcome::kFound)
      return FailUnrouted(request, match, *exchange);
    Invoke(request, match, exchange);
  }

  http::Response AnswerRefusal(const http::Refusal& refusal) const {
    const std::string request_id = RequestId(http::Headers());
    http::Response response =
        MakeProblem(refusal.status == 503
                        ? status::Unavailable(refusal.reason, refusal.detail, absl::Seconds(1))
                        : status::Make(CodeOf(refusal.status), refusal.reason, refusal.detail),
                    {.request_id = request_id,
                     .language = refusal.headers == nullptr ? "en" : Language(*refusal.headers),
                     .http_status = refusal.status});
    AddCommonHeaders(request_id, response);
    if (pages_.metrics != nullptr) {
      pages_.metrics->CountHttp("refused", refusal.status, absl::ZeroDuration());
      if (refusal.status == 503) RefusalsFor(refusal.reason, *pages_.metrics).Add();
    }
    return response;
  }

 private:
  bool AnswerSignIn(const http::Request& request, const std::shared_ptr<Exchange>& exchange) const {
    return identity_.available() &&
           (oauth_->Answer(request, exchange) || sign_in_->Answer(request, exchange) ||
            AnswerInvitation(request, entrance_, identity_, exchange));
  }

  void AnswerOptions(const http::Request& request, Exchange& exchange) const {
    std::string allow = kAllMethods;
    if (request.path != "*") {
      const RouteMatch match = routes_.Match("OPTIONS", request.path);
      if (match.outcome != RouteMatch::Outcome::kMethodNotAllowed)
        return FailUnrouted(request, match, exchange);
      allow = absl::StrCat(match.allow, ", OPTIONS");
    }
    http::Response response{.status = 204};
    response.AddHeader("Allow", allow);
    exchange.Respond(std::move(response));
  }

  void FailUnrouted(const http::Request& request, const RouteMatch& match,
                    Exchange& exchange) const {
    switch (match.outcome) {
      case RouteMatch::Outcome::kMethodNotAllowed:
        return exchange.Fail(match.status, 405, "Allow", absl::StrCat(match.allow, ", OPTIONS"));
      case RouteMatch::Outcome::kNotFound: {
        const absl::string_view nearest = routes_.NearestTemplate(request.path);
        return exchange.Fail(status::Make(
            absl::StatusCode::kNotFound, "ROUTE_NOT_FOUND",
            absl::StrCat(
                "nothing is served under this path",
                nearest.empty() ? "" : absl::StrCat("; the nearest is of the form ", nearest))));
      }
      default:
        return exchange.Fail(match.status);
    }
  }

  void Invoke(const http::Request& request, const RouteMatch& match,
              std::shared_ptr<Exchange> exchange) const {
    const RouteInfo& info = routes_.InfoOf(match.route);
    exchange->BeginCall(request, match, {shared_from_this(), &info});
    if (IsWatch(*match.route)) return Watch(request, match, info, std::move(exchange));
    if (match.route->method->server_streaming()) {
      return exchange->Fail(
          status::Make(absl::StatusCode::kUnimplemented, "STREAM", "streams are served over gRPC"));
    }
    if (const absl::Status entered = exchange->Enter(info.is_get); !entered.ok())
      return exchange->Fail(entered);
    if (!AcceptsJson(request.headers)) return exchange->Fail(NotAcceptable(), 406);
    const bool reads_body =
        !request.body.empty() && match.route->body != transcoding::Route::Body::kNone;
    if (reads_body &&
        !(SendsJson(request) && request.headers.Find("Content-Encoding") == nullptr)) {
      return exchange->Fail(UnsupportedMediaType(), 415, "Accept-Encoding", "identity");
    }
    absl::StatusOr<call::Call> call = ReadCall(request, match.route->method, *exchange);
    if (!call.ok()) return exchange->Fail(call.status());
    if (info.is_get && request.body.empty()) {
      return Read(request, match, info, *std::move(call), std::move(exchange));
    }
    absl::StatusOr<call::MessagePtr> message = ReadMessage(request, info, *exchange);
    if (!message.ok()) return exchange->Fail(message.status());
    if (!info.is_get) call->outcome = exchange->BeginWrite();
    info.invoker->Invoke(
        match.route->method, *std::move(call), *std::move(message),
        [exchange = std::move(exchange)](const absl::StatusOr<call::MessagePtr>& response) {
          exchange->FinishCall(response);
        });
  }

  static void Read(const http::Request& request, const RouteMatch& match, const RouteInfo& info,
                   call::Call call, std::shared_ptr<Exchange> exchange) {
    if (!(TakesFeedKeys(match.route->method) && HasKeyParameter(request.query))) {
      return info.invoker->Read(match.route->method, std::move(call), request.target,
                                std::move(exchange));
    }
    const std::string target = WithoutKeyParameter(request.target);
    http::Request bare = request;
    bare.target = target;
    const size_t question = target.find('?');
    bare.query = question == std::string::npos ? absl::string_view()
                                               : absl::string_view(target).substr(question + 1);
    exchange->BeginCall(bare, match, exchange->info());
    info.invoker->Read(match.route->method, std::move(call), bare.target, std::move(exchange));
  }

  void Watch(const http::Request& request, const RouteMatch& match, const RouteInfo& info,
             std::shared_ptr<Exchange> exchange) const {
    if (request.method == http::Method::kHead) {
      http::Response head;
      head.headers = std::string(kEventHeaders);
      return exchange->Respond(std::move(head));
    }
    absl::StatusOr<call::Call> call = ReadWatch(request, match.route->method, *exchange);
    if (!call.ok()) return exchange->Fail(call.status());
    StreamEvents(request, match, info, *std::move(call), std::move(exchange));
  }

  // It goes on until one side ends it.
  absl::StatusOr<call::Call> ReadWatch(const http::Request& request,
                                       const google::protobuf::MethodDescriptor* method,
                                       Exchange& exchange) const {
    ASSIGN_OR_RETURN(call::Call call, ReadCall(request, method, exchange));
    call.deadline = absl::InfiniteFuture();
    return call;
  }

  static absl::StatusOr<call::MessagePtr> ReadMessage(const http::Request& request,
                                                      const RouteInfo& info, Exchange& exchange) {
    ASSIGN_OR_RETURN(call::MessagePtr message, exchange.MakeRequest());
    if (info.is_get) return message;
    if (request.headers.Find("If-None-Match") != nullptr) {
      return status::Make(absl::StatusCode::kInvalidArgument, "BAD_IF_NONE_MATCH",
                          "If-None-Match has no meaning for a write; a create without "
                          "allowMissing never replaces what is there");
    }
    ASSIGN_OR_RETURN(const IfMatch if_match, ReadIfMatch(request.headers));
    RETURN_IF_ERROR(info.request_etag.Set(if_match, *message));
    if (if_match.kind != IfMatch::Kind::kAbsent) exchange.set_has_if_match();
    return message;
  }

  // Method null: several at once.
  absl::StatusOr<call::Call> ReadCall(const http::Request& request,
                                      const google::protobuf::MethodDescriptor* method,
                                      Exchange& exchange) const {
    call::Call call;
    ASSIGN_OR_RETURN(Entrance::Entry entry, entrance_.Identify(request, method, exchange.quota()));
    call.caller = std::move(entry.caller);
    call.authorization = std::move(entry.authorization);
    ASSIGN_OR_RETURN(call.idempotency_key, IdempotencyKey(request.headers));
    ASSIGN_OR_RETURN(call.min_position, ChangePosition(request.headers));
    call.deadline = absl::Now() + request_time_;
    call.request_id = exchange.request_id();
    call.traceparent = exchange.traceparent();
    call.language = std::string(exchange.language());
    call.cancelled = request.cancelled;
    return call;
  }

  const RouteTable routes_;
  const Docs docs_;
  const std::shared_ptr<const Connect> connect_;
  const Entrance entrance_;
  const IdentityCalls identity_;
  const std::shared_ptr<OAuth> oauth_;
  const std::shared_ptr<const SignIn> sign_in_;
  const std::shared_ptr<const Site> site_;
  const absl::Duration request_time_;
  const PageSources pages_;
  const std::shared_ptr<const AnswerRules> rules_;
  const Guard guard_;
  mutable Overload overload_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Start(GatewayOptions options,
                                                        const std::vector<rpc::Invoker*>& invokers,
                                                        CallerProvider caller,
                                                        telemetry::Metrics* metrics,
                                                        ReadinessCheck ready) {
  ASSIGN_OR_RETURN(const http::Endpoint endpoint, http::ParseEndpoint(options.address));
  RETURN_IF_ERROR(CheckListenAddress(endpoint, options.entrance));
  ASSIGN_OR_RETURN(RouteTable routes, RouteTable::Build(invokers));
  ASSIGN_OR_RETURN(Docs docs, Docs::Make(routes));
  const auto core = std::make_shared<const Core>(
      std::move(routes), std::move(docs), std::make_shared<const Connect>(invokers),
      std::move(caller), invokers, options, PageSources{metrics, std::move(ready)});
  http::ServerOptions server_options{.address = std::move(options.address),
                                     .listener = options.listener,
                                     .loop_threads = options.loop_threads,
                                     .limits = std::move(options.limits)};
  server_options.error_handler = [core](const http::Refusal& refusal) {
    return core->AnswerRefusal(refusal);
  };
  server_options.turn_away = [core](const http::Request& request, http::Response& response) {
    return core->TurnAway(request, response);
  };
  ASSIGN_OR_RETURN(auto server, http::Server::Start(std::move(server_options),
                                                    [core](const http::Request& request,
                                                           http::Responder responder) {
                                                      core->Handle(request, std::move(responder));
                                                    }));
  return std::unique_ptr<Gateway>(new Gateway(std::move(server)));
}

}  // namespace mostove::gateway
