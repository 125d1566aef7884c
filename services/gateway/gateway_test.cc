#include "services/gateway/gateway.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/status/status.h"
#include "services/gateway/test_gateway.h"

namespace mostove::gateway {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kJson[] = "Content-Type: application/json\r\n";

TEST_F(GatewayTest, GetAnswersTheResourceWithItsHeaders) {
  const Answer answer = Get(kName);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body,
            R"({"name":"organizations/sofia-help","etag":"\"7\"","legalName":"Sofia Help"})");
  EXPECT_EQ(answer.Header("content-type"), "application/json");
  EXPECT_EQ(answer.Header("etag"), "\"7\"");
  EXPECT_EQ(answer.Header("cache-control"), "private, no-cache");
  EXPECT_EQ(answer.Header("vary"), "Accept-Encoding, Accept-Language, Authorization");
  EXPECT_EQ(answer.Header("x-content-type-options"), "nosniff");
  EXPECT_THAT(answer.Header("content-security-policy"), StartsWith("default-src 'none'"));
  EXPECT_EQ(answer.Header("referrer-policy"), "no-referrer");
  EXPECT_THAT(answer.Header("x-request-id"), MatchesRegex("[0-9a-f]{32}"));
}

TEST_F(GatewayTest, AnswersFromOtherThreadsArriveToo) {
  invoker_.set_elsewhere();
  TestPeer peer(gateway_->endpoint());
  for (int i = 0; i < 50; ++i) EXPECT_EQ(peer.Ask("GET", kName).status, 200);
}

TEST_F(GatewayTest, HeadIsGetWithoutTheBody) {
  TestPeer peer(gateway_->endpoint());
  const Answer get = peer.Ask("GET", kName);
  const Answer head = peer.Ask("HEAD", kName);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.Header("content-length"), get.Header("content-length"));
  EXPECT_EQ(head.Header("etag"), "\"7\"");
  EXPECT_EQ(peer.Ask("HEAD", kName, "If-None-Match: \"7\"\r\n").status, 304);
}

TEST_F(GatewayTest, OptionsAnswersAllow) {
  const Answer answer = Ask("OPTIONS", kName);
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.Header("allow"), "GET, HEAD, PATCH, DELETE, OPTIONS");
  EXPECT_EQ(Ask("OPTIONS", "*").status, 204);
  ExpectProblem(Ask("OPTIONS", "/v2/x"), 404, "ROUTE_NOT_FOUND");
}

TEST_F(GatewayTest, IfNoneMatchAnswers304WhereItNamesTheTag) {
  for (const char* list :
       {"\"7\"", "W/\"7\"", "*", "\"6\", \"7\"", "\"6\",W/\"7\" ", "\"a,b\", \"7\""}) {
    const Answer answer = Get(kName, absl::StrCat("If-None-Match: ", list, "\r\n"));
    EXPECT_EQ(answer.status, 304) << list;
    EXPECT_EQ(answer.Header("etag"), "\"7\"");
    EXPECT_EQ(answer.Header("cache-control"), "private, no-cache");
    EXPECT_EQ(answer.Header("vary"), "Accept-Encoding, Accept-Language, Authorization");
    EXPECT_THAT(answer.body, IsEmpty());
  }
  for (const char* list : {"\"8\"", "7", "\"77\"", "", "\"7", "W/7"}) {
    EXPECT_EQ(Get(kName, absl::StrCat("If-None-Match: ", list, "\r\n")).status, 200) << list;
  }
  EXPECT_EQ(Get(kName, "If-None-Match: \"6\"\r\nIf-None-Match: \"7\"\r\n").status, 304);
}

TEST_F(GatewayTest, ListsHaveAStrongTagOfTheirBody) {
  const Answer first = Get("/v1/organizations");
  EXPECT_THAT(first.Header("etag"), MatchesRegex("\"[0-9a-f]{32}\""));
  EXPECT_EQ(Get("/v1/organizations").Header("etag"), first.Header("etag"));
  EXPECT_EQ(Get("/v1/organizations", "If-None-Match: " + first.Header("etag") + "\r\n").status,
            304);
  invoker_.On<v1::ListOrganizationsRequest, v1::ListOrganizationsResponse>(
      "ListOrganizations", [](const auto&) { return v1::ListOrganizationsResponse(); });
  EXPECT_EQ(Get("/v1/organizations", "If-None-Match: " + first.Header("etag") + "\r\n").status,
            200);
}

TEST_F(GatewayTest, ListsLinkTheirNextPage) {
  EXPECT_EQ(Get("/v1/organizations").Header("link"),
            "</v1/organizations?pageToken=a%2Bb/c%3D>; rel=\"next\"");
  EXPECT_EQ(
      Get("/v1/organizations?pageSize=5&pageToken=x&orderBy=legal_name%20desc").Header("link"),
      "</v1/organizations?pageSize=5&orderBy=legal_name%20desc&pageToken=a%2Bb/c%3D>; "
      "rel=\"next\"");
  EXPECT_THAT(Get("/v1/organizations?filter=legal_name>\"a\"").Header("link"),
              StartsWith("</v1/organizations?filter=legal_name%3E%22a%22&pageToken="));
  EXPECT_EQ(Get(kName).Header("link"), "");
}

TEST_F(GatewayTest, IfMatchBecomesTheEtagOfTheRequest) {
  const std::string body = R"({"legalName":"New"})";
  EXPECT_EQ(Ask("PATCH", kName, absl::StrCat(kJson, "If-Match: \"7\"\r\n"), body).status, 200);
  EXPECT_THAT(invoker_.request(), HasSubstr(R"(etag: "\"7\"")"));
  EXPECT_EQ(Ask("PATCH", kName, absl::StrCat(kJson, "If-Match: W/\"7\"\r\n"), body).status, 200);
  EXPECT_EQ(Ask("PATCH", kName, absl::StrCat(kJson, "If-Match: *\r\n"), body).status, 200);
  EXPECT_THAT(invoker_.request(), Not(HasSubstr("etag")));
  EXPECT_EQ(Ask("DELETE", kName, "If-Match: \"7\"\r\n").status, 200);
  EXPECT_THAT(invoker_.request(), HasSubstr(R"(etag: "\"7\"")"));
  EXPECT_EQ(
      Ask("PATCH", kName, absl::StrCat(kJson, "If-Match: \"7\"\r\n"), R"({"etag":"7"})").status,
      200);
}

TEST_F(GatewayTest, ALostRaceIs412ByIfMatchAnd409ByTheBody) {
  ExpectProblem(
      Ask("PATCH", kName, absl::StrCat(kJson, "If-Match: \"6\"\r\n"), R"({"legalName":"New"})"),
      412, "ETAG_MISMATCH");
  ExpectProblem(Ask("PATCH", kName, kJson, R"({"legalName":"New","etag":"\"6\""})"), 409,
                "ETAG_MISMATCH");
}

TEST_F(GatewayTest, IfMatchThatCannotBeMeantIsRefused) {
  for (const char* value : {"7", "\"6\", \"7\"", "", "W/", "\"7"}) {
    ExpectProblem(Ask("DELETE", kName, absl::StrCat("If-Match: ", value, "\r\n")), 400,
                  "BAD_IF_MATCH");
  }
  ExpectProblem(
      Ask("PATCH", kName, absl::StrCat(kJson, "If-Match: \"7\"\r\n"), R"({"etag":"\"6\""})"), 400,
      "BAD_IF_MATCH");
  ExpectProblem(Ask("PATCH", absl::StrCat(kName, "?allowMissing=true"),
                    absl::StrCat(kJson, "If-Match: *\r\n"), R"({"legalName":"New"})"),
                400, "BAD_IF_MATCH");
}

TEST_F(GatewayTest, TheCallCarriesWhatTheHeadersSay) {
  const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const absl::Time before = absl::Now();
  const Answer answer = Ask(
      "POST", "/v1/organizations",
      absl::StrCat(kJson, "Idempotency-Key: key-1\r\nX-Request-Id: my.request-1\r\ntraceparent: ",
                   trace, "\r\nAccept-Language: de, uk-UA;q=0.8, en;q=0.3\r\n"),
      R"({"legalName":"x"})");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.Header("x-request-id"), "my.request-1");
  const call::Call call = invoker_.call();
  EXPECT_EQ(call.idempotency_key, "key-1");
  EXPECT_EQ(call.request_id, "my.request-1");
  EXPECT_EQ(call.traceparent.substr(0, 36), trace.substr(0, 36)) << "the same trace";
  EXPECT_NE(call.traceparent, trace) << "a span of its own";
  EXPECT_EQ(call.language, "uk");
  EXPECT_EQ(call.caller, call::LocalAdministrator());
  EXPECT_GE(call.deadline, before + absl::Seconds(30));
  EXPECT_LE(call.deadline, absl::Now() + absl::Seconds(30));
  ASSERT_NE(call.cancelled, nullptr);
}

TEST_F(GatewayTest, ADroppedCallIs500AndItsFlagTellsThatThePeerWentAway) {
  invoker_.set_drops();
  EXPECT_EQ(Get(kName).status, 500);
  const auto cancelled = invoker_.call().cancelled;
  ASSERT_NE(cancelled, nullptr);
  while (!*cancelled) std::this_thread::yield();
}

TEST_F(GatewayTest, WrongIdempotencyKeysAreRefused) {
  for (const std::string& key :
       {std::string(), std::string("a b"), std::string(129, 'a'), std::string("\xd0\xb0")}) {
    ExpectProblem(
        Ask("POST", "/v1/organizations", absl::StrCat(kJson, "Idempotency-Key: ", key, "\r\n"),
            R"({"legalName":"x"})"),
        400, "BAD_IDEMPOTENCY_KEY");
  }
}

TEST_F(GatewayTest, FieldsAreNamedAsInJson) {
  const Answer answer = Ask("POST", "/v1/organizations", kJson, R"({})");
  ExpectProblem(answer, 400, "INVALID_FIELDS");
  EXPECT_THAT(
      answer.body,
      AllOf(HasSubstr(R"("field":"organization.legalName")"), HasSubstr(R"("reason":"REQUIRED")"),
            HasSubstr(R"("code":"INVALID_ARGUMENT")"), HasSubstr(R"("domain":"mostove.bg")")));
}

struct BadCase {
  const char* name;
  std::string method, target, headers, body;
  int status;
  const char* reason;
  const char* contains;
};

TEST_F(GatewayTest, BadInputIsAProblemAndTheNextRequestWorks) {
  const std::string all = "/v1/organizations";
  const std::string deep = std::string(5000, '[') + std::string(5000, ']');
  const std::vector<BadCase> rows = {
      {"unknown path", "GET", "/v1/nothing", "", "", 404, "ROUTE_NOT_FOUND", "is of the form /v1/"},
      {"unknown version", "GET", "/v9/organizations", "", "", 404, "ROUTE_NOT_FOUND", ""},
      {"missing resource", "GET", all + "/none", "", "", 404, "RESOURCE_NOT_FOUND", "NOT_FOUND"},
      {"wrong method", "PUT", kName, "", "", 405, "METHOD_NOT_ALLOWED", ""},
      {"wrong method of a page", "POST", "/healthz", "", "", 405, "METHOD_NOT_ALLOWED", ""},
      {"dots", "GET", all + "/../x", "", "", 400, "INVALID_FIELDS", "path"},
      {"dots in percent", "GET", all + "/%2e%2E/x", "", "", 400, "INVALID_FIELDS", "path"},
      {"slash in percent", "GET", all + "/a%2Fb", "", "", 404, "RESOURCE_NOT_FOUND", ""},
      {"empty segment", "GET", "/v1//organizations", "", "", 400, "INVALID_FIELDS", "path"},
      {"trailing slash", "GET", all + "/", "", "", 400, "INVALID_FIELDS", "path"},
      {"bad escape", "GET", all + "/%zz", "", "", 400, "INVALID_FIELDS", "path"},
      {"NUL in percent", "GET", all + "/a%00", "", "", 400, "INVALID_FIELDS", "path"},
      {"bad UTF-8 in percent", "GET", all + "/%ff", "", "", 400, "INVALID_FIELDS", "path"},
      {"bad escape in the query", "GET", all + "?filter=%zz", "", "", 400, "INVALID_FIELDS",
       "MALFORMED_QUERY"},
      {"unknown parameter", "GET", all + "?pagesize=1", "", "", 400, "INVALID_FIELDS", "pagesize"},
      {"repeated parameter", "GET", all + "?pageSize=1&page_size=2", "", "", 400, "INVALID_FIELDS",
       "pageSize"},
      {"wrong number", "GET", all + "?pageSize=x", "", "", 400, "INVALID_FIELDS", "pageSize"},
      {"body on GET", "GET", kName, kJson, "{}", 400, "INVALID_FIELDS", "UNEXPECTED_BODY"},
      {"body on DELETE", "DELETE", kName, kJson, "{}", 400, "INVALID_FIELDS", "UNEXPECTED_BODY"},
      {"no JSON", "POST", all, kJson, "{", 400, "INVALID_FIELDS", "MALFORMED_JSON"},
      {"deep JSON", "POST", all, kJson, "{\"legalName\":" + deep + "}", 400, "INVALID_FIELDS",
       "fieldViolations"},
      {"unknown field", "POST", all, kJson, R"({"legalNam":"x"})", 400, "INVALID_FIELDS",
       "organization.legalNam"},
      {"wrong type", "POST", all, kJson, R"({"legalName":1})", 400, "INVALID_FIELDS",
       "organization.legalName"},
      {"duplicate key", "POST", all, kJson, R"({"legalName":"a","legal_name":"b"})", 400,
       "INVALID_FIELDS", "DUPLICATE_KEY"},
      {"no content type", "POST", all, "", R"({"legalName":"x"})", 415, "UNSUPPORTED_MEDIA_TYPE",
       ""},
      {"form", "POST", all, "Content-Type: application/x-www-form-urlencoded\r\n", "legalName=x",
       415, "UNSUPPORTED_MEDIA_TYPE", ""},
      {"other charset", "POST", all, "Content-Type: application/json; charset=utf-16\r\n", "{}",
       415, "UNSUPPORTED_MEDIA_TYPE", ""},
      {"merge patch with POST", "POST", all, "Content-Type: application/merge-patch+json\r\n", "{}",
       415, "UNSUPPORTED_MEDIA_TYPE", ""},
      {"compressed", "POST", all, absl::StrCat(kJson, "Content-Encoding: gzip\r\n"), "{}", 415,
       "UNSUPPORTED_MEDIA_TYPE", ""},
      {"XML wanted", "GET", kName, "Accept: text/xml\r\n", "", 406, "NOT_ACCEPTABLE", ""},
      {"JSON excluded", "GET", kName, "Accept: application/json;q=0, */*\r\n", "", 406,
       "NOT_ACCEPTABLE", ""},
      {"foreign host", "GET", kName, "Host: evil.example\r\n", "", 421, "FOREIGN_HOST", ""},
      {"foreign host like ours", "GET", kName, "Host: localhost.evil.example:80\r\n", "", 421,
       "FOREIGN_HOST", ""},
      {"foreign host, first page", "GET", "/", "Host: evil.example\r\n", "", 421, "FOREIGN_HOST",
       ""},
      {"foreign origin", "GET", kName, "Origin: https://evil.example\r\n", "", 403,
       "FOREIGN_ORIGIN", ""},
      {"null origin", "POST", all, absl::StrCat(kJson, "Origin: null\r\n"), "{}", 403,
       "FOREIGN_ORIGIN", ""},
      {"other port's origin", "GET", kName, "Origin: http://localhost:1\r\n", "", 403,
       "FOREIGN_ORIGIN", ""},
      {"cross-site", "GET", kName, "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n", "",
       403, "FOREIGN_ORIGIN", ""},
      {"refused by HTTP", "BREW", "/", "", "", 405, "METHOD_UNKNOWN", ""},
      {"long target", "GET", "/" + std::string(10'000, 'a'), "", "", 414, "URI_TOO_LONG", ""},
      {"large body", "POST", all, kJson, std::string(2'000'000, ' '), 413, "BODY_TOO_LARGE", ""},
  };
  for (const BadCase& row : rows) {
    SCOPED_TRACE(row.name);
    const Answer answer = Ask(row.method, row.target, row.headers, row.body);
    ExpectProblem(answer, row.status, row.reason);
    EXPECT_THAT(answer.body, HasSubstr(row.contains));
  }
}

TEST_F(GatewayTest, GoodContentTypesAndAcceptsPass) {
  const std::string body = R"({"legalName":"x"})";
  for (const char* type :
       {"application/json", "Application/JSON", "application/json; charset=utf-8",
        "application/json;charset=\"UTF-8\""}) {
    EXPECT_EQ(
        Ask("POST", "/v1/organizations", absl::StrCat("Content-Type: ", type, "\r\n"), body).status,
        200)
        << type;
  }
  EXPECT_EQ(Ask("PATCH", kName, "Content-Type: application/merge-patch+json\r\n", body).status,
            200);
  for (const char* accept : {"*/*", "application/json", "application/*", "text/html, */*;q=0.1",
                             "text/html;q=0.9, application/json;q=0.5"}) {
    EXPECT_EQ(Get(kName, absl::StrCat("Accept: ", accept, "\r\n")).status, 200) << accept;
  }
  for (const char* host :
       {"localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:8080"}) {
    EXPECT_EQ(Get(kName, absl::StrCat("Host: ", host, "\r\nOrigin: http://", host, "\r\n")).status,
              200)
        << host;
  }
}

TEST_F(GatewayTest, MethodNotAllowedNamesWhatIs) {
  EXPECT_EQ(Ask("PUT", kName).Header("allow"), "GET, HEAD, PATCH, DELETE, OPTIONS");
}

TEST_F(GatewayTest, ErrorsOfServicesKeepCodeReasonAndRetry) {
  struct Row {
    absl::Status status;
    int http;
    const char* reason;
  };
  const Row rows[] = {
      {status::Unavailable("QUEUE_FULL", "busy", absl::Milliseconds(1500)), 503, "QUEUE_FULL"},
      {status::ResourceExhausted("LIMIT", "too many", absl::Seconds(2)), 429, "LIMIT"},
      {status::PermissionDenied("NOT_OWNER", "no"), 403, "NOT_OWNER"},
      {status::Make(absl::StatusCode::kUnauthenticated, "NO_TOKEN", "no"), 401, "NO_TOKEN"},
      {status::Make(absl::StatusCode::kDeadlineExceeded, "DEADLINE", "late"), 504, "DEADLINE"},
      {status::AlreadyExists("t", "n"), 409, "RESOURCE_EXISTS"},
      {status::Aborted("IDEMPOTENCY_KEY_REUSED", "no"), 409, "IDEMPOTENCY_KEY_REUSED"},
      {status::Precondition("START_TIME_MISSING", "no"), 400, "START_TIME_MISSING"},
  };
  for (const Row& row : rows) {
    invoker_.On<v1::DeleteOrganizationRequest, v1::Organization>(
        "DeleteOrganization",
        [status = row.status](const auto&) -> absl::StatusOr<v1::Organization> { return status; });
    const Answer answer = Ask("DELETE", kName, "If-Match: \"7\"\r\n");
    ExpectProblem(answer, row.http, row.reason);
    const bool has_retry = row.http == 503 || row.http == 429;
    EXPECT_EQ(answer.Header("retry-after"), has_retry ? "2" : "");
    EXPECT_EQ(answer.body.find("\"retryAfter\":2") != std::string::npos, has_retry);
    EXPECT_EQ(answer.Header("www-authenticate"), row.http == 401 ? "Bearer realm=\"mostove\"" : "");
  }
}

TEST_F(GatewayTest, InternalErrorsTellNothing) {
  invoker_.On<v1::DeleteOrganizationRequest, v1::Organization>(
      "DeleteOrganization", [](const auto&) -> absl::StatusOr<v1::Organization> {
        return status::Internal("table secret is broken");
      });
  const Answer answer = Ask("DELETE", kName);
  EXPECT_EQ(answer.status, 500);
  EXPECT_THAT(answer.body, Not(HasSubstr("secret")));
}

TEST_F(GatewayTest, TitlesFollowTheLanguage) {
  EXPECT_THAT(Get("/v1/x", "Accept-Language: bg-BG, en;q=0.5\r\n").body,
              HasSubstr("Не е намерено"));
  EXPECT_THAT(Get("/v1/x", "Accept-Language: uk\r\n").body, HasSubstr("Не знайдено"));
  EXPECT_THAT(Get("/v1/x", "Accept-Language: de\r\n").body, HasSubstr("Not found"));
}

TEST_F(GatewayTest, WhatIsWrongIsSaidInTheCallersLanguage) {
  const Answer wrong =
      Ask("POST", "/v1/organizations", absl::StrCat(kJson, "Accept-Language: bg\r\n"),
          R"({"legalName": 5, "motto": "x"})");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(wrong.Header("content-language"), "bg");
  EXPECT_THAT(wrong.body,
              AllOf(HasSubstr(R"("detail":"organization.legalName: тук се очаква текст (и още)"),
                    HasSubstr(R"("description":"няма такова поле)")));
  EXPECT_THAT(Get("/v1/organizations/none", "Accept-Language: uk\r\n").body,
              HasSubstr(R"("detail":"organizations/none не існує")"));
  // The head was read when the body was found to be too large.
  const Answer large =
      Ask("POST", "/v1/organizations", "Accept-Language: uk\r\nContent-Length: 9999999\r\n");
  EXPECT_EQ(large.status, 413);
  EXPECT_THAT(large.body, HasSubstr(R"("detail":"тіло більше, ніж читає цей сервер")"));
}

TEST_F(GatewayTest, WhatADatabaseSaidIsNotPassedOn) {
  invoker_.On<v1::DeleteOrganizationRequest, v1::Organization>(
      "DeleteOrganization", [](const auto&) -> absl::StatusOr<v1::Organization> {
        return status::Unavailable("DATABASE_UNAVAILABLE", "cannot connect: /run/pg/.s.PGSQL.5432",
                                   absl::Seconds(1));
      });
  const Answer answer = Ask("DELETE", kName, "Accept-Language: bg\r\n");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.Header("retry-after"), "1");
  EXPECT_THAT(answer.body, AllOf(Not(HasSubstr("PGSQL")), HasSubstr("базата данни в момента не")));
}

TEST_F(GatewayTest, HealthReadinessAndRobotsAreServed) {
  EXPECT_EQ(Get("/healthz").body, "healthy\n");
  EXPECT_EQ(Get("/readyz").status, 200);
  EXPECT_EQ(Get("/robots.txt").body, "User-agent: *\nDisallow: /\n");
  Start({}, [] { return status::Precondition("MIGRATING", "the database is being migrated"); });
  ExpectProblem(Get("/readyz"), 503, "MIGRATING");
}

TEST_F(GatewayTest, FiguresCountByTemplateAndNeverByPath) {
  Get(kName);
  Get("/v1/secret-path");
  const std::string figures = Get("/metrics").body;
  EXPECT_THAT(figures, HasSubstr("/v1/{name=organizations/*}"));
  EXPECT_THAT(figures, HasSubstr("unmatched"));
  EXPECT_THAT(figures, Not(HasSubstr("sofia-help")));
  EXPECT_THAT(figures, Not(HasSubstr("secret-path")));
}

TEST_F(GatewayTest, OnlyALoopbackAddressIsListenedOn) {
  for (const char* address : {"0.0.0.0:0", "[::]:0", "192.0.2.1:80"}) {
    const auto gateway =
        Gateway::Start({.address = address}, {&invoker_}, nullptr, nullptr, nullptr);
    EXPECT_EQ(gateway.status().code(), absl::StatusCode::kFailedPrecondition) << address;
    EXPECT_THAT(std::string(gateway.status().message()), HasSubstr("administrator"));
  }
}

TEST_F(GatewayTest, AServiceGivenTwiceStopsTheStart) {
  const auto gateway =
      Gateway::Start({.address = "127.0.0.1:0"}, {&invoker_, &invoker_}, nullptr, nullptr, nullptr);
  EXPECT_EQ(status::Reason(gateway.status()), "SERVICE_TWICE");
}

}  // namespace
}  // namespace mostove::gateway
