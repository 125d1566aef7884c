#include "services/gateway/exchange.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/trace.h"
#include "libs/transcoding/json_of_bytes.h"
#include "libs/transcoding/json_writer.h"
#include "libs/transcoding/request.h"
#include "services/gateway/conditional.h"
#include "services/gateway/headers.h"
#include "services/gateway/merge_patch.h"
#include "services/gateway/overload.h"
#include "services/gateway/problem.h"

namespace mostove::gateway {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr absl::string_view kCommonHeaders =
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Vary: Accept-Encoding, Accept-Language, Authorization\r\n";
constexpr absl::string_view kJsonHeaders =
    "Content-Type: application/json\r\n"
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
    "Cache-Control: private, no-cache\r\n";
constexpr absl::string_view kNotModifiedHeaders = "Cache-Control: private, no-cache\r\n";

constexpr absl::Duration kSlow = absl::Milliseconds(500);

absl::string_view NameOf(http::Method method) {
  constexpr absl::string_view kNames[] = {"GET",   "HEAD",   "POST",   "PUT",
                                          "PATCH", "DELETE", "OPTIONS"};
  return kNames[static_cast<int>(method)];
}

std::string TextOf(const Message& message, const FieldDescriptor* field) {
  return field == nullptr ? std::string() : message.GetReflection()->GetString(message, field);
}

// For a URL within <> of a Link header, and for a query value.
void AppendEscaped(absl::string_view text, absl::string_view escaped, std::string& out) {
  constexpr char kHex[] = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f && !absl::StrContains(escaped, c)) {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
}

}  // namespace

void AddCommonHeaders(absl::string_view request_id, http::Response& response) {
  absl::StrAppend(&response.headers, kCommonHeaders);
  response.AddHeader("X-Request-Id", request_id);
}

Exchange::Exchange(const http::Request& request, http::Responder responder,
                   std::shared_ptr<const AnswerRules> rules)
    : responder_(std::move(responder)),
      rules_(std::move(rules)),
      start_(absl::Now()),
      method_(request.method),
      request_id_(RequestId(request.headers)),
      traceparent_(telemetry::ContinueTrace(request.headers.Get("traceparent"))),
      language_(Language(request.headers)),
      takes_gzip_(rules_->compressor.enabled() && AcceptsGzip(request.headers)),
      origin_(rules_->cors.Allows(request) ? std::string(request.headers.Get("Origin")) : "") {}

Exchange::~Exchange() {
  if (entered_) rules_->admission.Leave();
}

absl::Status Exchange::Enter(bool reads) {
  entered_ = rules_->admission.TryEnter(reads);
  busy_ = !entered_;
  if (entered_) return absl::OkStatus();
  return TooBusy();
}

void Exchange::BeginCall(const http::Request& request, const transcoding::RouteMatch& match,
                         std::shared_ptr<const RouteInfo> info) {
  request_ = &request;
  match_ = &match;
  info_ = std::move(info);
  set_route_label(info_->route->path.text());
  if (!info_->is_get) return;
  if (request.headers.Find("If-None-Match") != nullptr) {
    if_none_match_ = JoinedField(request.headers, "If-None-Match");
  }
  if (info_->next_page_token != nullptr) {
    path_ = std::string(request.path);
    query_ = std::string(request.query);
  }
}

absl::StatusOr<call::MessagePtr> Exchange::MakeRequest() {
  call::MessagePtr message(info_->request_prototype->New());
  RETURN_IF_ERROR(transcoding::BuildRequest(*match_, request_->query, request_->body, *message));
  MaskNulls(*match_->route, request_->body, *message);
  return message;
}

void Exchange::FinishCall(const absl::StatusOr<call::MessagePtr>& response) {
  if (!response.ok()) return Finish(response.status());
  Finish(std::make_shared<const answers::Answer>(Render(**response, /*shared=*/false)));
}

bool Exchange::Unmodified(absl::string_view tag) const {
  return info_->is_get && !if_none_match_.empty() && !tag.empty() && NamesTag(if_none_match_, tag);
}

answers::Answer Exchange::Render(const Message& response, bool shared) {
  const Message& message = BodyOf(*info_->route, response);
  answers::Answer answer;
  answer.tag = QuotedTag(TextOf(message, info_->response_etag));
  if (shared || !Unmodified(answer.tag)) transcoding::WriteJson(message, answer.bytes);
  AddFields(info_->is_get ? TextOf(message, info_->next_page_token) : "", shared, answer);
  return answer;
}

absl::StatusOr<answers::Answer> Exchange::RenderBytes(std::string response, bool shared) {
  const google::protobuf::Descriptor& type = *info_->route->method->output_type();
  const auto text = [&](const FieldDescriptor* field) {
    return field == nullptr ? "" : transcoding::TextOfBytes(*field, response);
  };
  answers::Answer answer;
  if (info_->route->response_field == nullptr) {
    answer.tag = QuotedTag(text(info_->response_etag));
    answer.bytes.reserve(response.size() * 2);
    if ((!shared && Unmodified(answer.tag)) ||
        transcoding::WriteJsonOfBytes(type, response, answer.bytes)) {
      AddFields(text(info_->next_page_token), shared, answer);
      return answer;
    }
  }
  const call::MessagePtr message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New());
  if (!message->ParseFromString(response)) {
    return status::Internal(absl::StrCat("what came is no ", type.full_name()));
  }
  return Render(*message, shared);
}

void Exchange::AddFields(absl::string_view page_token, bool shared, answers::Answer& answer) const {
  if (answer.tag.empty() && info_->is_get) answer.tag = TagOfBytes(answer.bytes);
  http::Response fields;
  if (!answer.tag.empty()) fields.AddHeader("ETag", answer.tag);
  if (!page_token.empty()) AddNextLink(page_token, fields);
  if (outcome_ != nullptr && !outcome_->position.empty()) {
    fields.AddHeader("Change-Position", outcome_->position);
  }
  answer.fields = std::move(fields.headers);
  if (shared) answer.bytes.shrink_to_fit();  // it may be kept for long
}

void Exchange::Finish(absl::StatusOr<answers::AnswerPtr> answer) {
  if (!answer.ok()) {
    const absl::Status& status = answer.status();
    // Of the two kinds of ABORTED, If-Match causes the one about the resource.
    const bool precondition = has_if_match_ && status.code() == absl::StatusCode::kAborted &&
                              !absl::StartsWith(status::Reason(status), "IDEMPOTENCY_");
    return Fail(status, precondition ? 412 : 0);
  }
  http::Response response;
  response.headers.reserve(512);
  if (Unmodified((*answer)->tag)) {
    response.status = 304;
    absl::StrAppend(&response.headers, kNotModifiedHeaders, (*answer)->fields);
  } else {
    absl::StrAppend(&response.headers, kJsonHeaders, (*answer)->fields);
    const std::string* bytes = &(*answer)->bytes;
    response.shared_body = std::shared_ptr<const std::string>(*std::move(answer), bytes);
  }
  Respond(std::move(response));
}

void Exchange::AddNextLink(absl::string_view page_token, http::Response& response) const {
  std::string link = "<";
  AppendEscaped(path_, "<>\"", link);
  link += '?';
  for (const absl::string_view parameter : absl::StrSplit(query_, '&', absl::SkipEmpty())) {
    const absl::string_view name = parameter.substr(0, parameter.find('='));
    if (name == "pageToken" || name == "page_token") continue;
    AppendEscaped(parameter, "<>\"", link);
    link += '&';
  }
  link += "pageToken=";
  AppendEscaped(page_token, "<>\"%&+=#?", link);
  link += ">; rel=\"next\"";
  response.AddHeader("Link", link);
}

void Exchange::Fail(const absl::Status& status, int http_status, absl::string_view extra_name,
                    absl::string_view extra_value) {
  http::Response response = MakeProblem(
      status, {.request_id = request_id_, .language = language_, .http_status = http_status});
  if (!extra_name.empty()) response.AddHeader(extra_name, extra_value);
  if (response.status == 503 || response.status == 429) CountRefusal(status);
  Respond(std::move(response));
}

void Exchange::CountRefusal(const absl::Status& status) const {
  if (rules_->metrics == nullptr) return;
  const std::string reason = status::Reason(status);
  RefusalsFor(reason.empty() ? "OTHER" : reason, *rules_->metrics).Add();
}

std::shared_ptr<http::BodyStream> Exchange::RespondWithStream(http::Response head,
                                                              std::function<void()> ended) {
  AddCommonHeaders(request_id_, head);
  quota_.AppendFields(head.headers);
  rules_->cors.AddHeaders(origin_, head);
  if (rules_->metrics != nullptr)
    rules_->metrics->CountHttp(route_label_, head.status, absl::Now() - start_);
  return responder_.Stream(std::move(head), std::move(ended));
}

void Exchange::Respond(http::Response response) {
  response.busy = busy_;
  AddCommonHeaders(request_id_, response);
  quota_.AppendFields(response.headers);
  rules_->cors.AddHeaders(origin_, response);
  if (takes_gzip_) rules_->compressor.Apply(response);
  const absl::Duration took = absl::Now() - start_;
  if (rules_->metrics != nullptr) {
    rules_->metrics->CountHttp(route_label_, response.status, took);
  }
  Log(response, took);
  responder_.Respond(std::move(response));
}

// Reads that went well, and what was turned away because of the load, are a matter
// of figures: a line for each would cost more than some of them.
void Exchange::Log(const http::Response& response, absl::Duration took) const {
  using telemetry::Level;
  const bool is_read = method_ == http::Method::kGet || method_ == http::Method::kHead ||
                       method_ == http::Method::kOptions;
  const Level level =
      busy_ || (is_read && response.status < 400 && took < kSlow) ? Level::kDebug : Level::kInfo;
  if (!telemetry::Enabled(level)) return;
  const telemetry::TraceIds trace = telemetry::ParseTraceparent(traceparent_);
  const size_t bytes =
      response.shared_body == nullptr ? response.body.size() : response.shared_body->size();
  telemetry::Log(level, "http",
                 {{"route", route_label_},
                  {"method", NameOf(method_)},
                  {"status", int64_t{response.status}},
                  {"duration_ms", absl::ToDoubleMilliseconds(took)},
                  {"bytes", static_cast<int64_t>(bytes)},
                  {"request_id", absl::string_view(request_id_)},
                  {"trace_id", trace.trace_id},
                  {"span_id", trace.span_id}});
}

}  // namespace mostove::gateway
