// The pages over HTTP, before services that a test plays.
#include "services/gateway/site.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mostove/identity/v1/identity_service.pb.h"
#include "services/gateway/test_gateway.h"

namespace mostove::gateway {
namespace {

namespace idv1 = identity::v1;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kOwnForm[] =
    "Content-Type: application/x-www-form-urlencoded\r\n"
    "Origin: http://localhost\r\nSec-Fetch-Site: same-origin\r\n";
constexpr char kPassword[] = "username=a%40b.bg&password=secret+words";

absl::Status Refused(absl::string_view reason) {
  return status::Make(absl::StatusCode::kInvalidArgument, reason, "what identity says");
}

class SiteTest : public GatewayTest {
 protected:
  void SetUp() override {
    GatewayTest::SetUp();
    invoker_.On<v1::SearchOrganizationsRequest, v1::SearchOrganizationsResponse>(
        "SearchOrganizations", [](const auto&) {
          v1::SearchOrganizationsResponse response;
          *response.add_results()->mutable_organization() = Help();
          return response;
        });
    identity_.On<idv1::IssueTokenRequest, idv1::TokenResponse>(
        "IssueToken", [this](const auto& request) -> absl::StatusOr<idv1::TokenResponse> {
          ++tokens_issued_;
          if (!answer_.ok()) return answer_;
          idv1::TokenResponse token;
          token.set_access_token("good");
          token.set_refresh_token(request.grant_type() == "password" ? "r1" : "r2");
          return token;
        });
    identity_.On<idv1::RevokeTokenRequest, idv1::RevokeTokenResponse>(
        "RevokeToken", [this](const auto&) -> absl::StatusOr<idv1::RevokeTokenResponse> {
          if (!answer_.ok()) return answer_;
          return idv1::RevokeTokenResponse();
        });
    Open();
  }

  void Open(EntranceOptions entrance = {.tokens = true}) {
    gateway_.reset();
    auto gateway = Gateway::Start(
        {.address = "127.0.0.1:0", .entrance = std::move(entrance)}, {&invoker_, &identity_},
        [](absl::string_view authorization) -> absl::StatusOr<call::Caller> {
          if (authorization.empty()) return call::Caller();
          if (authorization != "Bearer good") {
            return status::Make(absl::StatusCode::kUnauthenticated, "TOKEN_EXPIRED", "too old");
          }
          return call::Caller{.name = "users/u1", .network = true};
        },
        metrics_.get(), nullptr);
    ASSERT_TRUE(gateway.ok()) << gateway.status();
    gateway_ = *std::move(gateway);
  }
  Answer Post(const std::string& target, const std::string& body, const std::string& more = "") {
    return Ask("POST", target, kOwnForm + more, body);
  }

  absl::Status answer_;  // of identity
  std::atomic<int> tokens_issued_ = 0;
  FakeInvoker identity_{"mostove.identity.v1.IdentityService"};
};

TEST_F(SiteTest, PagesAreInTheLanguageOfTheBrowserUntilAnotherOneIsChosenAndThatIsKept) {
  EXPECT_THAT(Get("/", "Accept-Language: uk-UA\r\n").body,
              AllOf(HasSubstr("<html lang=\"uk\">"), HasSubstr("<h1>Організації</h1>"),
                    HasSubstr("<a href=\"/organizations/sofia-help\">Sofia Help</a>")));
  EXPECT_THAT(Get("/").body, HasSubstr("<html lang=\"en\">"));
  const Answer chosen = Get("/?lang=bg&q=help", "Accept-Language: uk\r\n");
  EXPECT_EQ(chosen.Header("content-language"), "bg");
  EXPECT_THAT(chosen.Header("set-cookie"), StartsWith("lang=bg; Path=/; Max-Age="));
  EXPECT_THAT(chosen.body, HasSubstr("href=\"/?q=help&amp;lang=uk\" lang=\"uk\""));
  const Answer kept = Get("/organizations/sofia-help", "Cookie: x=y; lang=bg\r\n");
  EXPECT_THAT(kept.body, HasSubstr("<html lang=\"bg\">"));
  EXPECT_EQ(kept.Header("set-cookie"), "");
  EXPECT_THAT(Get("/?lang=xx", "Cookie: lang=\"><script>\r\n").body,
              HasSubstr("<html lang=\"en\">"));
}

TEST_F(SiteTest, WhatEverybodySeesIsAskedForAgainCheaplyAndTheRestIsNotStored) {
  const Answer open = Get("/organizations/sofia-help");
  EXPECT_EQ(open.Header("cache-control"), "private, no-cache");
  ASSERT_NE(open.Header("etag"), "");
  EXPECT_EQ(
      Get("/organizations/sofia-help", "If-None-Match: " + open.Header("etag") + "\r\n").status,
      304);
  const Answer own = Get("/organizations/sofia-help", "Cookie: session=good~r1\r\n");
  EXPECT_EQ(own.status, 200);
  EXPECT_EQ(own.Header("cache-control"), "no-store");
  EXPECT_EQ(own.Header("etag"), "");
  EXPECT_EQ(invoker_.call().caller.name, "users/u1");
  EXPECT_EQ(invoker_.call().authorization, "Bearer good");
}

TEST_F(SiteTest, AnOwnPageThatRepeatsItsAddressIsNotPacked) {
  const std::string packs = "Accept-Encoding: gzip\r\n";
  const std::string cookie = "Cookie: session=good~r1\r\n";
  EXPECT_EQ(Get("/?q=help", packs).Header("content-encoding"), "gzip");
  EXPECT_EQ(Get("/", packs + cookie).Header("content-encoding"), "gzip");
  const Answer own = Get("/?q=help", packs + cookie);
  EXPECT_EQ(own.Header("content-encoding"), "");
  EXPECT_EQ(own.Header("cache-control"), "no-store, no-transform");
}

TEST_F(SiteTest, SigningInGivesACookieThatMayOnlyRead) {
  const Answer answer =
      Post("/sign-in", std::string(kPassword) + "&to=%2Forganizations%2Fsofia-help");
  EXPECT_EQ(answer.status, 303);
  EXPECT_EQ(answer.Header("location"), "/organizations/sofia-help");
  EXPECT_EQ(answer.Header("set-cookie"), "session=good~r1; Path=/; HttpOnly; SameSite=Lax");
  EXPECT_EQ(answer.Header("cache-control"), "no-store");
  EXPECT_THAT(identity_.request(),
              AllOf(HasSubstr("grant_type: \"password\""), HasSubstr("scope: \"read\""),
                    HasSubstr("username: \"a@b.bg\" password: \"secret words\""),
                    HasSubstr("address: \"127.0.0.1\"")));
  EXPECT_EQ(identity_.call().caller.name, "services/gateway");
}

TEST_F(SiteTest, BehindTlsTheCookieIsOfThisHostAndNeverInTheClear) {
  for (const EntranceOptions& entrance :
       {EntranceOptions{.tokens = true, .issuer = "https://registry.example.org"},
        EntranceOptions{.tokens = true, .edge_terminates_tls = true}}) {
    Open(entrance);
    EXPECT_EQ(Post("/sign-in", kPassword).Header("set-cookie"),
              "__Host-session=good~r1; Path=/; HttpOnly; SameSite=Lax; Secure");
    Get("/", "Cookie: session=good~r1\r\n");
    EXPECT_EQ(invoker_.call().caller.name, "") << "one that a neighbour may have planted";
    Get("/", "Cookie: __Host-session=good~r1\r\n");
    EXPECT_EQ(invoker_.call().caller.name, "users/u1");
  }
}

TEST_F(SiteTest, SigningInLeadsNowhereElse) {
  for (const char* to : {"https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example",
                         "/%0D%0AX:%20y", "javascript%3Aalert(1)", "/v1/organizations", "/docs",
                         "/sign-out", "", "organizations/x", "/%20", "/organizations/../x"}) {
    const Answer answer = Post("/sign-in", absl::StrCat(kPassword, "&to=", to));
    EXPECT_EQ(answer.status, 303) << to;
    EXPECT_EQ(answer.Header("location"), "/") << to;
  }
  const Answer search = Post("/sign-in", absl::StrCat(kPassword, "&to=%2F%3Fq%3Da%2526b"));
  EXPECT_EQ(search.Header("location"), "/?q=a%26b");
}

TEST_F(SiteTest, WhatIsWrongWithAPasswordIsSaidInTheVisitorsLanguage) {
  struct Row {
    absl::Status answer;
    int status;
    const char *bg, *uk, *en;
  };
  const Row rows[] = {
      {Refused("INVALID_GRANT"), 400, "не са верни", "неправильні", "are not right"},
      {status::ResourceExhausted("TOO_MANY_ATTEMPTS", "x", absl::Seconds(60)), 429,
       "Твърде много опити", "Забагато спроб", "Too many attempts"},
      {status::Unavailable("AWAY", "x", absl::Seconds(1)), 503, "не е възможно", "неможливо",
       "not possible"},
  };
  for (const Row& row : rows) {
    answer_ = row.answer;
    for (const auto& [language, text] :
         {std::pair("bg", row.bg), std::pair("uk", row.uk), std::pair("en", row.en)}) {
      const Answer answer = Post("/sign-in", std::string(kPassword) + "&to=%2F%3Fq%3Dx",
                                 absl::StrCat("Cookie: lang=", language, "\r\n"));
      EXPECT_EQ(answer.status, row.status);
      EXPECT_EQ(answer.Header("set-cookie"), "");
      EXPECT_THAT(answer.body,
                  AllOf(HasSubstr("role=\"alert\""), HasSubstr(text), HasSubstr("value=\"a@b.bg\""),
                        HasSubstr("value=\"/?q=x\""), Not(HasSubstr("secret"))));
      EXPECT_EQ(answer.Header("retry-after").empty(), row.status == 400);
    }
  }
}

TEST_F(SiteTest, OnlyOurOwnFormsSignInAndOut) {
  const std::string form = "Content-Type: application/x-www-form-urlencoded\r\n";
  for (const std::string& from :
       {std::string(), std::string("Origin: https://evil.example\r\n"),
        std::string("Origin: http://localhost\r\nSec-Fetch-Site: cross-site\r\n"),
        std::string("Sec-Fetch-Site: same-site\r\n"), std::string("Origin: null\r\n")}) {
    for (const char* path : {"/sign-in", "/sign-out"}) {
      const Answer answer =
          Ask("POST", path, form + from + "Cookie: session=good~r1\r\n", kPassword);
      EXPECT_EQ(answer.status, 403) << path << from;
      EXPECT_EQ(answer.Header("set-cookie"), "");
    }
  }
  EXPECT_EQ(identity_.request(), "");
  EXPECT_EQ(Get("/sign-out").status, 405) << "no link and no image signs anybody out";
}

TEST_F(SiteTest, TheCookieCountsForPagesAlone) {
  const std::string cookie = "Cookie: session=good~r1\r\n";
  const std::string json = "Content-Type: application/json\r\n";
  EXPECT_EQ(Get(kName, cookie).status, 200);
  EXPECT_EQ(invoker_.call().caller.name, "");
  Ask("PATCH", kName, cookie + json, "{}");
  EXPECT_EQ(invoker_.call().caller.name, "");
  Ask("POST", "/mostove.organizations.v1.OrganizationsService/GetOrganization", cookie + json,
      R"({"name":"organizations/sofia-help"})");
  EXPECT_EQ(invoker_.call().caller.name, "");
  Get("/", "Authorization: Bearer good\r\n");
  EXPECT_EQ(invoker_.call().caller.name, "") << "and a page looks at the cookie alone";
}

TEST_F(SiteTest, AnExpiredTokenIsRenewedOnceForPagesThatAreOpenedTogether) {
  identity_.set_elsewhere();
  const std::string cookie = "Cookie: session=expired~r1\r\n";
  std::vector<Answer> answers(8);
  std::vector<std::thread> tabs;
  tabs.reserve(answers.size());
  for (Answer& answer : answers) {
    tabs.emplace_back([&] { answer = Get("/organizations/sofia-help", cookie); });
  }
  for (std::thread& tab : tabs) tab.join();
  answers.push_back(Get("/", cookie));
  for (const Answer& answer : answers) {
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.Header("set-cookie"), "session=good~r2; Path=/; HttpOnly; SameSite=Lax");
    EXPECT_EQ(answer.Header("cache-control"), "no-store");
  }
  EXPECT_EQ(tokens_issued_, 1);
  EXPECT_THAT(identity_.request(), AllOf(HasSubstr("refresh_token: \"r1\""),
                                         HasSubstr("grant_type: \"refresh_token\"")));
}

TEST_F(SiteTest, ASessionThatHasEndedIsNobodys) {
  answer_ = Refused("INVALID_GRANT");
  const Answer answer = Get("/", "Cookie: session=expired~r1\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.Header("set-cookie"), AllOf(StartsWith("session=;"), HasSubstr("Max-Age=0")));
  EXPECT_EQ(invoker_.call().caller.name, "");
  EXPECT_THAT(answer.body, HasSubstr("href=\"/sign-in?to=%2F\""));
}

TEST_F(SiteTest, WhileIdentityIsAwayASessionIsNotLost) {
  answer_ = status::Unavailable("AWAY", "identity is away", absl::Seconds(2));
  const Answer answer = Get("/", "Cookie: session=expired~r1\r\n");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.Header("retry-after"), "2");
  EXPECT_EQ(answer.Header("set-cookie"), "");
  answer_ = absl::OkStatus();
  EXPECT_EQ(Get("/", "Cookie: session=expired~r1\r\n").status, 200);
}

TEST_F(SiteTest, ACookieThatIsNoneOfOursIsNobodys) {
  for (const char* value :
       {"", "good", "~", "good~", "~r1", "good~r1~x", "go od~r1", "\"good~r1\""}) {
    EXPECT_EQ(Get("/", absl::StrCat("Cookie: session=", value, "\r\n")).status, 200);
    EXPECT_EQ(invoker_.call().caller.name, "") << value;
  }
  EXPECT_EQ(tokens_issued_, 0);
}

TEST_F(SiteTest, SigningOutEndsTheSessionAndForgetsTheCookie) {
  const Answer answer =
      Post("/sign-out", "", "Cookie: session=expired~r1\r\nContent-Length: 0\r\n");
  EXPECT_EQ(answer.status, 303);
  EXPECT_EQ(answer.Header("location"), "/");
  EXPECT_THAT(answer.Header("set-cookie"), HasSubstr("Max-Age=0"));
  EXPECT_THAT(identity_.request(), HasSubstr("token: \"r1\""));
  answer_ = status::Unavailable("AWAY", "identity is away", absl::Seconds(2));
  const Answer away = Post("/sign-out", "", "Cookie: session=good~r1\r\nContent-Length: 0\r\n");
  EXPECT_EQ(away.status, 503);
  EXPECT_THAT(away.Header("set-cookie"), HasSubstr("Max-Age=0"));
  EXPECT_THAT(away.body, HasSubstr("signed out on this device"));
}

TEST_F(SiteTest, WhatIsNotSeenIsAPageThatSaysSoAndProgramsGetAProblem) {
  const std::string html = "Accept: text/html,*/*;q=0.8\r\n";
  for (const char* path : {"/organizations/hidden", "/organizations/UPPER", "/nothing"}) {
    const Answer answer = Get(path, html + "Accept-Language: bg\r\n");
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_THAT(answer.body, AllOf(HasSubstr("<title>Грешка: Няма такава страница"),
                                   HasSubstr("<a href=\"/\">")));
  }
  EXPECT_EQ(Get("/nothing").Header("content-type"), "application/problem+json");
  EXPECT_EQ(Get("/v1/nothing", html).Header("content-type"), "application/problem+json");
}

TEST_F(SiteTest, AnAddressThatIsNotUnderstoodIsRefused) {
  for (const char* query : {"kind=NOBODY", "oblast=BG-99", "q=%zz", "q=%00", "q=a&q=b"}) {
    EXPECT_EQ(Get(absl::StrCat("/?", query)).status, 400) << query;
  }
  EXPECT_EQ(Get("/?q=" + std::string(401, 'a')).status, 400);
  EXPECT_EQ(Ask("POST", "/").status, 405);
}

TEST_F(SiteTest, WordsAreSearchedForAsTheyWereTypedAndFiltersAreOurOwn) {
  const Answer found = Get("/?q=%22%20OR%20state%3ADRAFT&kind=REFUGEE_LED&oblast=BG-05");
  EXPECT_EQ(found.status, 200);
  EXPECT_THAT(found.body, HasSubstr("<a href=\"/organizations/sofia-help\">Sofia Help</a>"));
  EXPECT_EQ(invoker_.request(),
            "query: \"\\\" OR state:DRAFT\" page_size: 25 filter: \"seat.area.code = "
            "\\\"BG-05\\\" AND kind = REFUGEE_LED\"");
}

TEST_F(SiteTest, NoTextOfARecordIsMarkup) {
  const std::string evil = "\"><script>alert(1)</script>'&";
  v1::Organization organization = Help();
  organization.set_legal_name(evil);
  (*organization.mutable_description()->mutable_texts())[evil] = evil;
  organization.add_languages(evil);
  organization.add_identifiers()->set_value(evil);
  organization.add_themes()->set_label(evil);
  organization.mutable_seat()->mutable_area()->set_name(evil);
  organization.set_website("https://x.example/" + evil);
  organization.set_internal_note(evil);
  organization.set_network_note(evil);
  v1::Contact& contact = *organization.add_contacts();
  contact.set_title(evil);
  contact.set_email(evil);
  contact.set_phone(evil);
  v1::Location& location = *organization.add_locations();
  location.mutable_place()->set_address(evil);
  v1::Activity activity;
  activity.mutable_sector()->set_label(evil);
  activity.set_source(evil);
  (*activity.mutable_description()->mutable_texts())["bg"] = evil;
  invoker_.On<v1::GetOrganizationRequest, v1::Organization>(
      "GetOrganization", [=](const auto&) { return organization; });
  invoker_.On<v1::ListOrganizationsRequest, v1::ListOrganizationsResponse>(
      "ListOrganizations", [=](const auto&) {
        v1::ListOrganizationsResponse response;
        *response.add_organizations() = organization;
        response.set_next_page_token(evil);
        return response;
      });
  invoker_.On<v1::ListActivitiesRequest, v1::ListActivitiesResponse>(
      "ListActivities", [=](const auto&) {
        v1::ListActivitiesResponse response;
        *response.add_activities() = activity;
        return response;
      });
  for (const char* path :
       {"/organizations/sofia-help", "/?q=%22%3E%3Cscript%3E", "/sign-in?to=%22%3E%3Cscript%3E"}) {
    const Answer answer = Get(path);
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(answer.body, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("\">alert")),
                                   HasSubstr("&quot;&gt;&lt;script&gt;")))
        << path;
  }
  organization.set_website("javascript:alert(1)");
  invoker_.On<v1::GetOrganizationRequest, v1::Organization>(
      "GetOrganization", [=](const auto&) { return organization; });
  EXPECT_THAT(Get("/organizations/sofia-help").body, Not(HasSubstr("javascript:")));
}

TEST_F(SiteTest, WithoutTokensNobodySignsInAndThePageSaysWhatThatMeans) {
  Open({.tokens = false});
  const std::string html = "Accept: text/html\r\n";
  const Answer answer = Get("/", html);
  EXPECT_THAT(answer.body, AllOf(HasSubstr("everyone who reaches this address is an administrator"),
                                 Not(HasSubstr("/sign-in"))));
  EXPECT_EQ(Get("/sign-in", html).status, 404);
}

TEST_F(SiteTest, TheStyleSheetIsKeptForEverUnderTheAddressThatPagesName) {
  const std::string body = Get("/").body;
  const size_t begin = body.find("/style-");
  ASSERT_NE(begin, std::string::npos);
  const std::string address = body.substr(begin, body.find('"', begin) - begin);
  const Answer style = Get(address, "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(style.status, 200);
  EXPECT_EQ(style.Header("content-type"), "text/css; charset=utf-8");
  EXPECT_EQ(style.Header("cache-control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(style.Header("content-encoding"), "gzip");
}

}  // namespace
}  // namespace mostove::gateway
