#include "libs/openapi/problems.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/openapi/parameters.h"
#include "libs/status/status.h"

namespace mostove::openapi {
namespace {

using absl::StatusCode;
using transcoding::Route;

// When a call can fail with a status.
enum class When { kAlways, kNames, kWrites, kWithBody, kWithEtag };

struct Problem {
  int status;
  When when;
  const char* component;
  const char* description;
  absl::Status (*example)();
};

absl::Status Refused(absl::string_view reason, absl::string_view text) {
  return status::Make(StatusCode::kInvalidArgument, reason, text);
}

const Problem kProblems[] = {
    {400, When::kAlways, "BadRequest",
     "The request is wrong (`INVALID_ARGUMENT`: every wrong field is named), or cannot be done in "
     "the present state (`FAILED_PRECONDITION`: `reason` says why).",
     [] {
       return status::InvalidField("organization.website", "PATTERN",
                                   "has to be a web address that begins with http:// or https://");
     }},
    {401, When::kAlways, "Unauthorized",
     "This needs a caller, or the token proves none: `WWW-Authenticate` says what is missing.",
     [] {
       return status::Make(StatusCode::kUnauthenticated, "SIGN_IN_REQUIRED",
                           "this needs a signed-in caller; send a token");
     }},
    {403, When::kAlways, "Forbidden", "The caller may not do this.",
     [] {
       return status::PermissionDenied("ADMINISTRATOR_REQUIRED", "only administrators may do this");
     }},
    {404, When::kNames, "NotFound", "There is none of that name that the caller may see.",
     [] {
       return status::NotFound("organizations.mostove.bg/Organization", "organizations/none");
     }},
    {406, When::kAlways, "NotAcceptable", "`Accept` excludes the format of the answer.",
     [] {
       return Refused("NOT_ACCEPTABLE", "answers are application/json: name it, or */*, in Accept");
     }},
    {408, When::kAlways, "RequestTimeout", "The request took too long to arrive.",
     [] {
       return status::Make(StatusCode::kDeadlineExceeded, "HEADERS_TIMEOUT",
                           "the request's head did not arrive in time");
     }},
    {409, When::kWrites, "Conflict",
     "Already there, changed meanwhile (`ABORTED`), or an idempotency key that is in use.",
     [] {
       return status::AlreadyExists("organizations.mostove.bg/Organization",
                                    "organizations/sofia-help");
     }},
    {412, When::kWithEtag, "PreconditionFailed",
     "`If-Match` names another than the present revision.",
     [] {
       return status::Aborted("ETAG_MISMATCH",
                              "the resource has changed since the etag was read; read it again");
     }},
    {413, When::kWithBody, "ContentTooLarge", "The body is larger than 1 MiB.",
     [] { return Refused("BODY_TOO_LARGE", "the body is larger than is accepted"); }},
    {414, When::kAlways, "UriTooLong", "The address is longer than 8 KiB.",
     [] { return Refused("URI_TOO_LONG", "the request line is longer than is accepted"); }},
    {415, When::kWithBody, "UnsupportedMediaType",
     "The body's content type is not read here, or the body is compressed (`Content-Encoding`).",
     [] {
       return Refused(
           "UNSUPPORTED_MEDIA_TYPE",
           "send the body as Content-Type: application/json, in UTF-8 and not compressed: "
           "without Content-Encoding");
     }},
    {421, When::kAlways, "MisdirectedRequest", "This server does not answer to that `Host`.",
     [] {
       return Refused("FOREIGN_HOST",
                      "this server answers to the hosts localhost, 127.0.0.1 and [::1] only");
     }},
    {429, When::kAlways, "TooManyRequests",
     "More requests than the caller's budget has; `Retry-After` says when to come again.",
     [] {
       return status::ResourceExhausted(
           "RATE_LIMITED", "more than 3000 requests in 60 seconds; wait as Retry-After says",
           absl::Seconds(1));
     }},
    {431, When::kAlways, "HeaderFieldsTooLarge", "The header fields are larger than 16 KiB.",
     [] { return Refused("HEADERS_TOO_LARGE", "the header fields are larger than is accepted"); }},
    {500, When::kAlways, "InternalError", "An error of this server; quote the request id.",
     [] { return status::Internal("example"); }},
    {503, When::kAlways, "Unavailable",
     "Not available at present; `Retry-After` says when to come again.",
     [] {
       return status::Unavailable("QUEUE_FULL", "more calls wait than can be served",
                                  absl::Seconds(1));
     }},
    {504, When::kAlways, "DeadlineExceeded",
     "No answer in time. A write may have happened: repeat it with the same idempotency key.",
     [] {
       return status::Make(StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                           "the deadline passed before the call was run");
     }},
};

bool Applies(When when, const Route& route) {
  switch (when) {
    case When::kAlways:
      return true;
    case When::kNames:
      return !route.path.variables().empty() ||
             route.method->input_type()->FindFieldByName("names") != nullptr;
    case When::kWrites:
      return !IsRead(route);
    case When::kWithBody:
      return route.body != Route::Body::kNone;
    case When::kWithEtag:
      return TakesIfMatch(route);
  }
  return false;
}

Json Text(absl::string_view description) {
  return Json::Object({{"type", "string"}, {"description", description}});
}

Json Header(absl::string_view component) {
  return Json::Object({{"$ref", absl::StrCat("#/components/headers/", component)}});
}

}  // namespace

void AddProblems(const Route& route, Json& responses) {
  for (const Problem& problem : kProblems) {
    if (!Applies(problem.when, route)) continue;
    responses.Set(
        absl::StrCat(problem.status),
        Json::Object({{"$ref", absl::StrCat("#/components/responses/", problem.component)}}));
  }
}

Json ProblemResponses(const ProblemWriter& write) {
  Json responses = Json::Object();
  for (const Problem& problem : kProblems) {
    Json headers = Json::Object(
        {{"X-Request-Id", Header("RequestId")}, {"Content-Language", Header("ContentLanguage")}});
    const bool waits = problem.status == 429 || problem.status == 503 || problem.status == 409;
    if (waits) headers.Set("Retry-After", Header("RetryAfter"));
    if (problem.status == 401) headers.Set("WWW-Authenticate", Header("WWWAuthenticate"));
    if (problem.status == 429) {
      headers.Set("RateLimit", Header("RateLimit"));
      headers.Set("RateLimit-Policy", Header("RateLimitPolicy"));
    }
    Json content =
        Json::Object({{"schema", Json::Object({{"$ref", "#/components/schemas/Problem"}})},
                      {"example", Json::Verbatim(write(problem.example(), problem.status))}});
    responses.Set(
        problem.component,
        Json::Object({{"description", problem.description},
                      {"headers", std::move(headers)},
                      {"content", Json::Object({{"application/problem+json", content}})}}));
  }
  return responses;
}

void AddProblemSchemas(Json& schemas) {
  Json violation = Json::Object(
      {{"type", "object"},
       {"description", "One wrong field of the request."},
       {"required", Json::Array({"field", "reason", "description"})},
       {"properties",
        Json::Object({{"field", Text("Path in the request: `organization.identifiers[0].value`.")},
                      {"reason", Text("Stable: `REQUIRED`, `TOO_LONG`, `PATTERN` and the like.")},
                      {"description", Text("What would be right, for people.")}})}});
  Json retry_after = Json::Object(
      {{"type", "integer"}, {"format", "int64"}, {"description", "Seconds, as `Retry-After`."}});
  Json properties = Json::Object({
      {"type", Json::Object({{"type", "string"},
                             {"format", "uri"},
                             {"description", "Names the kind of problem, by its reason."}})},
      {"title", Text("The kind of problem in words, in the caller's language.")},
      {"status", Json::Object({{"type", "integer"},
                               {"format", "int32"},
                               {"minimum", 400},
                               {"maximum", 599},
                               {"description", "The HTTP status."}})},
      {"detail", Text("What was wrong and what would be right.")},
      {"instance", Text("Names this one answer.")},
      {"code", Text("A name of google.rpc.Code: `INVALID_ARGUMENT`, `NOT_FOUND`.")},
      {"reason", Text("Stable, more precise than the code: `RESOURCE_NOT_FOUND`. Programs decide "
                      "by code and reason; texts are for people.")},
      {"domain", Text("Whose reasons these are: `mostove.bg`.")},
      {"fieldViolations",
       Json::Object({{"type", "array"},
                     {"description", "Every wrong field, at most 100."},
                     {"items", Json::Object({{"$ref", "#/components/schemas/FieldViolation"}})},
                     {"maxItems", 100}})},
      {"metadata", Json::Object({{"type", "object"},
                                 {"description", "What the reason speaks of, by name."},
                                 {"additionalProperties", Json::Object({{"type", "string"}})}})},
      {"retryAfter", std::move(retry_after)},
      {"requestId", Text("To quote when asking for help.")},
  });
  Json problem = Json::Object({{"type", "object"},
                               {"description", "Why a request was not answered (RFC 9457)."},
                               {"required", Json::Array({"type", "title", "status", "detail",
                                                         "code", "reason", "domain", "requestId"})},
                               {"properties", std::move(properties)}});
  schemas.Set("FieldViolation", std::move(violation));
  schemas.Set("Problem", std::move(problem));
}

}  // namespace mostove::openapi
