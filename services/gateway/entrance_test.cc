// Who gets in, with what proof, from where and how often.
#include "services/gateway/entrance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "libs/redis/redis_server.h"
#include "libs/telemetry/log.h"
#include "libs/testing/temporary_folder.h"
#include "mostove/testing/v1/shelves_service.pb.h"
#include "services/gateway/test_gateway.h"

namespace mostove::gateway {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kFeedKey[] = "feed-key-1-of-a-spreadsheet";
constexpr char kShelves[] = "/v1/organizations/sofia-help/shelves";
constexpr char kJson[] = "Content-Type: application/json\r\n";

absl::Status Unproven(absl::string_view reason, absl::string_view text) {
  return status::Make(absl::StatusCode::kUnauthenticated, reason, text);
}

// "Bearer NAME" is the caller users/NAME, "Bearer admin" an administrator.
absl::StatusOr<call::Caller> CallerOf(absl::string_view authorization) {
  if (authorization.empty()) return call::Caller();
  if (authorization == "Bearer admin") return call::LocalAdministrator();
  if (authorization == "Bearer expired") return Unproven("TOKEN_EXPIRED", "it \"ended\"");
  if (authorization == "Bearer away") {
    return status::Unavailable("IDENTITY_AWAY", "not learned yet", absl::Seconds(1));
  }
  if (authorization == "Basic " + absl::Base64Escape(absl::StrCat(":", kFeedKey))) {
    return call::Caller{.name = "users/of-the-key", .network = true, .scopes = call::kScopeFeeds};
  }
  if (!absl::ConsumePrefix(&authorization, "Bearer ")) {
    return Unproven("SCHEME_UNKNOWN", "send a token");
  }
  if (authorization.size() > 10) return Unproven("TOKEN_INVALID", "no token of ours");
  return call::Caller{.name = absl::StrCat("users/", authorization), .network = true};
}

class EntranceTest : public GatewayTest {
 protected:
  void SetUp() override {
    GatewayTest::SetUp();
    shelves_.On<testing::v1::ListShelvesRequest, testing::v1::ListShelvesResponse>(
        "ListShelves", [](const auto&) { return testing::v1::ListShelvesResponse(); });
    shelves_.On<testing::v1::BatchCreateShelvesRequest, testing::v1::BatchCreateShelvesResponse>(
        "BatchCreateShelves",
        [](const auto&) { return testing::v1::BatchCreateShelvesResponse(); });
    Open({});
  }

  void Open(EntranceOptions entrance, LimitSettings limits = {}, redis::Client* redis = nullptr) {
    entrance.tokens = true;
    gateway_.reset();
    budgets_ = std::make_unique<Budgets>(limits, redis, metrics_.get());
    gateway_ = Begin(entrance, *budgets_);
  }
  std::unique_ptr<Gateway> Begin(const EntranceOptions& entrance, Budgets& budgets) {
    auto gateway =
        Gateway::Start({.address = "127.0.0.1:0", .entrance = entrance, .budgets = &budgets},
                       {&invoker_, &shelves_}, CallerOf, metrics_.get(), nullptr);
    EXPECT_TRUE(gateway.ok()) << gateway.status();
    return *std::move(gateway);
  }
  // How many of so many requests are answered.
  int Served(int count, const std::string& headers, const std::string& target = kName) {
    TestPeer peer(gateway_->endpoint());
    int served = 0;
    for (int i = 0; i < count; ++i) served += peer.Ask("GET", target, headers).status == 200;
    return served;
  }

  FakeInvoker shelves_{"mostove.testing.v1.ShelvesService"};
  std::unique_ptr<Budgets> budgets_;
};

TEST_F(EntranceTest, TheCallHasTheCallerAndWhatProvesIt) {
  EXPECT_EQ(Get(kName, "Authorization: Bearer ana\r\n").status, 200);
  EXPECT_EQ(invoker_.call().caller.name, "users/ana");
  EXPECT_EQ(invoker_.call().authorization, "Bearer ana");
  EXPECT_EQ(Get(kName).status, 200);
  EXPECT_EQ(invoker_.call().caller, call::Caller()) << "nobody";
  EXPECT_EQ(invoker_.call().authorization, "");
}

struct RefusalRow {
  const char* headers;
  int status;
  const char* reason;
  const char* challenge;
};

TEST_F(EntranceTest, WhatProvesNothingIsRefusedWithAChallenge) {
  const RefusalRow rows[] = {
      {"Authorization: Bearer expired\r\n", 401, "TOKEN_EXPIRED",
       "Bearer realm=\"mostove\", error=\"invalid_token\", error_description=\"it ended\""},
      {"Authorization: Bearer long.nonsense.token\r\n", 401, "TOKEN_INVALID",
       "Bearer realm=\"mostove\", error=\"invalid_token\", error_description=\"no token of ours\""},
      {"Authorization: Digest abc\r\n", 401, "SCHEME_UNKNOWN", "Bearer realm=\"mostove\""},
      {"Authorization: Basic YTpi\r\n", 401, "SCHEME_UNKNOWN", "Bearer realm=\"mostove\""},
      {"Authorization: Bearer ana\r\nAuthorization: Bearer ana\r\n", 400, "CREDENTIALS_TWICE", ""},
      {"Authorization: Bearer away\r\n", 503, "IDENTITY_AWAY", ""},
  };
  for (const RefusalRow& row : rows) {
    const Answer answer = Get(kName, row.headers);
    ExpectProblem(answer, row.status, row.reason);
    EXPECT_EQ(answer.Header("www-authenticate"), row.challenge) << row.headers;
    const Answer connect =
        Ask("POST", "/mostove.organizations.v1.OrganizationsService/GetOrganization",
            absl::StrCat(kJson, row.headers), R"({"name":"organizations/sofia-help"})");
    EXPECT_EQ(connect.status, row.status);
    EXPECT_EQ(connect.Header("www-authenticate"), row.challenge);
    EXPECT_THAT(connect.body, HasSubstr(row.reason));
    EXPECT_EQ(Get("/v1/changes:watch", row.headers).status, row.status == 400 ? 400 : row.status);
  }
}

TEST_F(EntranceTest, AServicesRefusalsNameTheirChallenge) {
  const auto refuse = [&](const absl::Status& status) {
    invoker_.On<v1::DeleteOrganizationRequest, v1::Organization>(
        "DeleteOrganization",
        [status](const auto&) -> absl::StatusOr<v1::Organization> { return status; });
    return Ask("DELETE", kName).Header("www-authenticate");
  };
  EXPECT_EQ(refuse(Unproven("SIGN_IN_REQUIRED", "send a token")), "Bearer realm=\"mostove\"");
  EXPECT_THAT(refuse(Unproven("FEED_KEY_INVALID", "no such key")), HasSubstr("Basic realm="));
  EXPECT_THAT(refuse(status::PermissionDenied("INSUFFICIENT_SCOPE", "needs write")),
              HasSubstr("error=\"insufficient_scope\""));
  EXPECT_EQ(refuse(status::PermissionDenied("NOT_OWNER", "no")), "");
}

TEST_F(EntranceTest, HostsAreOursTheIssuersAndThoseOfTheSettings) {
  Open({.hosts = "registry.example.org, Other.example", .issuer = "https://id.example.org:8443"});
  for (const char* host : {"localhost", "127.0.0.1:8080", "[::1]", "registry.example.org",
                           "Registry.Example.org:443", "other.example", "id.example.org"}) {
    EXPECT_EQ(Get(kName, absl::StrCat("Host: ", host, "\r\n")).status, 200) << host;
  }
  for (const char* host : {"evil.example", "registry.example.org.evil.example", "example.org",
                           "xregistry.example.org", "registry.example.org:x"}) {
    EXPECT_EQ(Get(kName, absl::StrCat("Host: ", host, "\r\n")).status, 421) << host;
  }
}

TEST_F(EntranceTest, APageOfAnotherOriginIsNobodyAndMayNotRead) {
  const Answer answer =
      Get(kName, "Origin: https://evil.example\r\nSec-Fetch-Site: cross-site\r\n");
  EXPECT_EQ(answer.status, 200) << "what everybody sees";
  EXPECT_EQ(invoker_.call().caller, call::Caller());
  EXPECT_EQ(answer.Header("access-control-allow-origin"), "");
  EXPECT_EQ(Ask("OPTIONS", kName,
                "Origin: https://evil.example\r\nAccess-Control-Request-Method: GET\r\n"
                "Access-Control-Request-Headers: authorization\r\n")
                .Header("access-control-allow-origin"),
            "");
}

TEST_F(EntranceTest, ItListensBeyondThisMachineOnlyBehindAnEdgeAndWithTokens) {
  struct Row {
    EntranceOptions options;
    const char* words;
  };
  const Row rows[] = {
      {{.tokens = false}, "callers = tokens"},
      {{.tokens = false, .edge_terminates_tls = true}, "callers = tokens"},
      {{.tokens = true}, "edge_terminates_tls = true"},
  };
  const http::Endpoint open = http::ParseEndpoint("0.0.0.0:80").value();
  for (const Row& row : rows) {
    const absl::Status refused = CheckListenAddress(open, row.options);
    EXPECT_EQ(status::Reason(refused), "NOT_LOOPBACK");
    EXPECT_THAT(std::string(refused.message()), HasSubstr(row.words));
    EXPECT_TRUE(CheckListenAddress(http::ParseEndpoint("127.0.0.1:80").value(), row.options).ok());
  }
  EXPECT_TRUE(CheckListenAddress(open, {.tokens = true, .edge_terminates_tls = true}).ok());
}

// --- feed keys

TEST_F(EntranceTest, AFeedKeyReadsDatasetsByBasicOrParameter) {
  const std::string basic =
      absl::StrCat("Authorization: Basic ", absl::Base64Escape(absl::StrCat("x:", kFeedKey)));
  EXPECT_EQ(Get(absl::StrCat(kShelves, "?pageSize=5&key=", kFeedKey)).status, 200);
  EXPECT_EQ(shelves_.call().caller.name, "users/of-the-key");
  EXPECT_THAT(shelves_.call().authorization, StartsWith("Basic "));
  EXPECT_EQ(shelves_.request(), "parent: \"organizations/sofia-help\" page_size: 5");
  EXPECT_EQ(shelves_.key(), absl::StrCat(kShelves, "?pageSize=5")) << "no answer is kept by a key";
  EXPECT_EQ(Get(absl::StrCat(kShelves, "?key=", kFeedKey)).status, 200);
  EXPECT_EQ(shelves_.key(), kShelves);
  EXPECT_EQ(Get(kShelves, absl::StrCat("Authorization: Basic ",
                                       absl::Base64Escape(absl::StrCat(":", kFeedKey)), "\r\n"))
                .status,
            200);
  EXPECT_EQ(Get(absl::StrCat(kShelves, "?key=wrong")).status, 401);
  ExpectProblem(Get(absl::StrCat(kShelves, "?key=", kFeedKey), "Authorization: Bearer ana\r\n"),
                400, "CREDENTIALS_TWICE");
}

TEST_F(EntranceTest, AFeedKeyOpensNothingElse) {
  const std::string basic = absl::StrCat("Authorization: Basic ",
                                         absl::Base64Escape(absl::StrCat(":", kFeedKey)), "\r\n");
  ExpectProblem(Get(kName, basic), 401, "SCHEME_UNKNOWN");
  ExpectProblem(Get(absl::StrCat(kName, "?key=", kFeedKey)), 400, "INVALID_FIELDS");
  EXPECT_EQ(
      Ask("POST", absl::StrCat(kShelves, ":batchCreate"), absl::StrCat(kJson, basic), "{}").status,
      401);
}

TEST_F(EntranceTest, AKeyIsInNoLogFigureOrAnswer) {
  const auto folder = mostove::testing::TemporaryFolder::Make("entrance");
  ASSERT_TRUE(folder.ok()) << folder.status();
  const std::string file = folder->path() / "log";
  telemetry::StartLog({.level = telemetry::Level::kDebug, .file = file});
  std::string answers;
  for (const std::string& target :
       {absl::StrCat(kShelves, "?key=", kFeedKey), absl::StrCat(kName, "?key=", kFeedKey),
        absl::StrCat("/v1/nothing?key=", kFeedKey), absl::StrCat(kShelves, "?x=1&key=", kFeedKey),
        absl::StrCat("/mostove.testing.v1.ShelvesService/ListShelves?key=", kFeedKey)}) {
    const Answer answer = Get(target);
    answers += answer.body;
    for (const auto& [name, value] : answer.headers) answers += value;
  }
  telemetry::StopLog();
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  const std::string log = text.str();
  EXPECT_THAT(log, HasSubstr("\"route\""));
  EXPECT_THAT(log, Not(HasSubstr("feed-key")));
  EXPECT_THAT(answers, Not(HasSubstr("feed-key")));
  EXPECT_THAT(Get("/metrics").body, Not(HasSubstr("feed-key")));
}

// --- limits

TEST_F(EntranceTest, AnswersTellWhatIsLeft) {
  Open({}, {.calls_per_minute = 60, .public_calls_per_minute = 30});
  const Answer mine = Get(kName, "Authorization: Bearer ana\r\n");
  EXPECT_EQ(mine.Header("ratelimit-policy"), "\"calls\";q=60;w=60");
  EXPECT_EQ(mine.Header("ratelimit"), "\"calls\";r=59;t=1");
  EXPECT_EQ(Get(kName, "Authorization: Bearer ana\r\nIf-None-Match: \"7\"\r\n").Header("ratelimit"),
            "\"calls\";r=58;t=2");
  EXPECT_EQ(Get(kName).Header("ratelimit"), "\"public\";r=29;t=2");
  EXPECT_EQ(Get(kName, "Authorization: Bearer admin\r\n").Header("ratelimit"), "")
      << "no limit unless there is one";
  EXPECT_EQ(Get("/healthz").Header("ratelimit"), "");
}

TEST_F(EntranceTest, WhoComesTooOftenIsToldWhenToComeAgain) {
  Open({}, {.calls_per_minute = 6});
  EXPECT_EQ(Served(9, "Authorization: Bearer ana\r\n"), 6);
  const Answer refused = Get(kName, "Authorization: Bearer ana\r\n");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.Header("content-type"), "application/problem+json");
  EXPECT_THAT(refused.body,
              AllOf(HasSubstr(R"("reason":"RATE_LIMITED")"),
                    HasSubstr(R"("code":"RESOURCE_EXHAUSTED")"), HasSubstr(R"("retryAfter":10)")));
  EXPECT_EQ(refused.Header("retry-after"), "10");
  EXPECT_EQ(refused.Header("ratelimit"), "\"calls\";r=0;t=60");
  EXPECT_EQ(Get(kName, "Authorization: Bearer boris\r\n").status, 200) << "somebody else";
  EXPECT_EQ(Get(kName).status, 200) << "nobody";
  const Answer connect =
      Ask("POST", "/mostove.organizations.v1.OrganizationsService/GetOrganization",
          absl::StrCat(kJson, "Authorization: Bearer ana\r\n"), "{}");
  EXPECT_EQ(connect.status, 429);
  EXPECT_THAT(connect.body, HasSubstr("resource_exhausted"));
  EXPECT_EQ(connect.Header("retry-after"), "10");
  EXPECT_THAT(Get("/metrics").body, HasSubstr("mostove_limits_refused_total{budget=\"calls\"} 5"));
}

TEST_F(EntranceTest, WrongTokensTakeFromTheAddress) {
  Open({}, {.public_calls_per_minute = 5});
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Get(kName, "Authorization: Bearer expired\r\n").status, 401);
  }
  EXPECT_EQ(Get(kName, "Authorization: Bearer expired\r\n").status, 429);
  EXPECT_EQ(Get(kName).status, 429);
  EXPECT_EQ(Get(kName, "Authorization: Bearer ana\r\n").status, 200);
}

TEST_F(EntranceTest, BatchesHaveABudgetOfTheirOwn) {
  Open({}, {.batches_per_minute = 2});
  const std::string headers = absl::StrCat(kJson, "Authorization: Bearer ana\r\n");
  const std::string target = absl::StrCat(kShelves, ":batchCreate");
  EXPECT_EQ(Ask("POST", target, headers, "{}").Header("ratelimit"), "\"batches\";r=1;t=30");
  EXPECT_EQ(Ask("POST", target, headers, "{}").status, 200);
  EXPECT_EQ(Ask("POST", target, headers, "{}").status, 429);
  EXPECT_EQ(Get(kName, "Authorization: Bearer ana\r\n").status, 200);
}

TEST_F(EntranceTest, BehindATrustedEdgeTheClientsAddressCounts) {
  Open({.trusted_edges = "127.0.0.1"}, {.public_calls_per_minute = 2});
  EXPECT_EQ(Served(5, "X-Forwarded-For: 203.0.113.1\r\n"), 2);
  EXPECT_EQ(Served(5, "X-Forwarded-For: 203.0.113.1, 203.0.113.2\r\n"), 2) << "the last one";
  EXPECT_EQ(Served(5, "X-Forwarded-For: 203.0.113.9, 203.0.113.2\r\n"), 0) << "the same again";
  Open({}, {.public_calls_per_minute = 2});
  int served = 0;
  for (int i = 0; i < 5; ++i) {
    served += Served(1, absl::StrCat("X-Forwarded-For: 203.0.113.", i, "\r\n"));
  }
  EXPECT_EQ(served, 2) << "nobody is trusted: all come from one address";
}

TEST_F(EntranceTest, TwoGatewaysShareALimitThroughRedisAndHoldItAloneWithout) {
  std::signal(SIGPIPE, SIG_IGN);  // as programs do
  auto server = redis::RedisServer::Start();
  ASSERT_TRUE(server.ok()) << server.status();
  redis::Client client({.address = redis::Address::Parse((*server)->address()).value(),
                        .command_time = absl::Seconds(5)});
  const LimitSettings limits = {.calls_per_minute = 1'000};
  Open({}, limits, &client);
  EXPECT_GE(Served(1'000, "Authorization: Bearer ana\r\n"), 1'000);
  Budgets others(limits, &client, nullptr);
  gateway_ = Begin({.tokens = true}, others);
  TestPeer peer(gateway_->endpoint());
  int passed = 0;
  while (peer.Ask("GET", kName, "Authorization: Bearer ana\r\n").status == 200) {
    ++passed;
    absl::SleepFor(absl::Milliseconds(1));  // the word travels meanwhile
  }
  EXPECT_LT(passed, 1'000);
  (*server)->Kill();
  EXPECT_GE(Served(1'100, "Authorization: Bearer boris\r\n"), 1'000) << "by itself";
  EXPECT_EQ(Get(kName, "Authorization: Bearer boris\r\n").status, 429);
  gateway_.reset();  // before its budgets, and those before the client
  budgets_.reset();
}

}  // namespace
}  // namespace mostove::gateway
