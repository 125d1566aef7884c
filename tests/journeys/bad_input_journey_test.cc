// Whatever is sent: a clear 4xx problem document, and the next request works.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "tests/journeys/system.h"

namespace mostove::journeys {
namespace {

namespace v1 = organizations::v1;
using ::testing::Contains;

struct Case {
  std::string title;
  std::string method, target, body;
  int status = 400;
  std::string field;  // that the problem names; "" for none
  http::HeaderList headers;
};

class BadInputJourney : public JourneyTest {
 protected:
  void SetUp() override {
    JourneyTest::SetUp();
    Ask("POST", "/v1/organizations?organizationId=a", R"({"legalName": "A"})");
  }

  void Check(const std::vector<Case>& cases) {
    for (const Case& wrong : cases) {
      SCOPED_TRACE(wrong.title);
      const auto response = Ask(wrong.method, wrong.target, wrong.body, wrong.headers);
      const Problem problem = AsProblem(response);
      EXPECT_EQ(problem.status, wrong.status) << response.body;
      EXPECT_FALSE(problem.reason.empty());
      EXPECT_FALSE(problem.detail.empty());
      if (!wrong.field.empty()) {
        EXPECT_THAT(problem.fields, Contains(wrong.field)) << response.body;
      }
      EXPECT_EQ(Ask("GET", "/v1/organizations/a").status, 200);
    }
  }
};

INSTANTIATE_IN_BOTH_HOMES(BadInputJourney);

Case Create(const std::string& title, const std::string& body, const std::string& field) {
  return {title, "POST", "/v1/organizations", body, 400, field, {}};
}

TEST_P(BadInputJourney, Bodies) {
  std::string deep = R"({"legalName": "x", "displayName": )";
  for (int i = 0; i < 200; ++i) deep += R"({"a":)";
  deep += "1";
  for (int i = 0; i < 201; ++i) deep += "}";
  Check({
      Create("malformed", R"({"legalName": )", ""),
      Create("trailing comma", R"({"legalName": "x",})", ""),
      Create("single quotes", R"({'legalName': 'x'})", ""),
      Create("trailing data", R"({"legalName": "x"} {})", ""),
      Create("a list", R"([1])", "organization"),
      Create("unknown field", R"({"legalName": "x", "legalNam": "y"})", "organization.legalNam"),
      Create("duplicate key", R"({"legalName": "x", "legalName": "y"})", "organization.legalName"),
      Create("two spellings", R"({"legalName": "x", "legal_name": "y"})", "organization.legalName"),
      Create("NUL", R"({"legalName": "x\u0000y"})", "organization.legalName"),
      Create("invalid UTF-8", "{\"legalName\": \"\xff\xfe\"}", ""),
      Create("lone surrogate", R"({"legalName": "\ud800"})", ""),
      Create("wrong type", R"({"legalName": 5})", "organization.legalName"),
      Create("wrong enum", R"({"legalName": "x", "kind": "NONSENSE"})", "organization.kind"),
      Create("undefined enum number", R"({"legalName": "x", "kind": 77})", "organization.kind"),
      Create("number out of range", R"({"legalName": "x", "foundingDate": {"year": 99999999999}})",
             "organization.foundingDate.year"),
      Create("no such date", R"({"legalName": "x", "foundingDate": {"year": 2025, "month": 2,
             "day": 30}})",
             "organization.foundingDate"),
      Create("over-long text", absl::StrCat(R"({"legalName": ")", std::string(301, 'x'), R"("})"),
             "organization.legalName"),
      Create("missing", R"({"website": "https://x.org"})", "organization.legalName"),
      Create("pattern", R"({"legalName": "x", "website": "x"})", "organization.website"),
      Create("deep nesting", deep, ""),
      Create("coordinates", R"({"legalName": "x", "seat": {"point": {"latitude": 91}}})",
             "organization.seat.point"),
      Create("wrong check digit",
             R"({"legalName": "x", "identifiers": [{"scheme": "BG-EIK", "value": "123456789"}]})",
             "organization.identifiers[0].value"),
      Create("reference to nothing",
             R"({"legalName": "x", "refugeeLeadership": {"basis": "ATTESTED",
                 "attestedBy": "organizations/none"}})",
             "organization.refugeeLeadership.attestedBy"),
      {"huge body",
       "POST",
       "/v1/organizations",
       absl::StrCat(R"({"legalName": ")", std::string(3 << 20, 'x'), R"("})"),
       413,
       "",
       {}},
  });
}

TEST_P(BadInputJourney, QueriesAndPaths) {
  const std::string list = "/v1/organizations?";
  const auto get = [&](const std::string& title, const std::string& target, int status,
                       const std::string& field) {
    return Case{title, "GET", target, "", status, field, {}};
  };
  Check({
      get("unknown parameter", list + "pagesize=5", 400, "pagesize"),
      get("negative size", list + "pageSize=-1", 400, "pageSize"),
      get("no number", list + "pageSize=many", 400, "pageSize"),
      get("out of range", list + "pageSize=99999999999", 400, "pageSize"),
      get("twice", list + "pageSize=1&pageSize=2", 400, "pageSize"),
      get("wrong token", list + "pageToken=nonsense", 400, "pageToken"),
      get("filter syntax", list + "filter=legalName%3D", 400, "filter"),
      get("filter on no column", list + "filter=website%3Dx", 400, "filter"),
      get("filter function", list + "filter=f(x)", 400, "filter"),
      get("filter injection", list + "filter=legalName%3D%22x%22;DROP%20TABLE%20organizations", 400,
          "filter"),
      get("order", list + "orderBy=website", 400, "orderBy"),
      get("order injection", list + "orderBy=name;DROP", 400, "orderBy"),
      get("percent", list + "filter=%zz", 400, ""),
      get("percent in the path", "/v1/organizations/%zz", 400, ""),
      get("bad name", "/v1/organizations/Bad%20Name", 400, "name"),
      get("traversal", "/v1/organizations/%2e%2e/secrets", 400, "path"),
      get("plain traversal", "/v1/../etc/passwd", 400, "path"),
      get("unknown path", "/v1/nothing", 404, ""),
      get("unknown verb", "/v1/organizations/a:explode", 400, "name"),
      get("nothing there", "/v1/organizations/none", 404, ""),
      get("batch without names", "/v1/organizations:batchGet", 400, "names"),
      get("history of nothing", "/v1/organizations/none:history", 404, ""),
      get("log position", "/v1/organizations:changes?after=nonsense", 400, ""),
      {"method", "PUT", "/v1/organizations/a", "{}", 405, "", {}},
      {"mask",
       "PATCH",
       "/v1/organizations/a?updateMask=nonsense",
       R"({"legalName": "B"})",
       400,
       "updateMask",
       {}},
      {"mask on output",
       "PATCH",
       "/v1/organizations/a?updateMask=createTime",
       R"({"legalName": "B"})",
       400,
       "updateMask",
       {}},
      {"path and body differ",
       "PATCH",
       "/v1/organizations/a",
       R"({"name": "organizations/b"})",
       400,
       "organization.name",
       {}},
      {"validateOnly within a batch",
       "POST",
       "/v1/organizations:batchCreate",
       R"({"requests": [{"organization": {"legalName": "x"}, "validateOnly": true}]})",
       400,
       "requests[0].validateOnly",
       {}},
      {"if-none-match on a write",
       "PATCH",
       "/v1/organizations/a",
       R"({"legalName": "B"})",
       400,
       "",
       {{"If-None-Match", "*"}}},
      {"unknown HTTP method", "BREW", "/v1/organizations/a", "", 405, "", {}},
      {"id",
       "POST",
       "/v1/organizations?organizationId=Bad%20Id",
       R"({"legalName": "B"})",
       400,
       "organizationId",
       {}},
      {"taken", "POST", "/v1/organizations?organizationId=a", R"({"legalName": "B"})", 409, "", {}},
      {"etag",
       "PATCH",
       "/v1/organizations/a",
       R"({"legalName": "B", "etag": "\"9\""})",
       409,
       "",
       {}},
      {"if-match",
       "PATCH",
       "/v1/organizations/a",
       R"({"legalName": "B"})",
       412,
       "",
       {{"If-Match", "\"9\""}}},
      {"idempotency key",
       "POST",
       "/v1/organizations",
       R"({"legalName": "B"})",
       400,
       "",
       {{"Idempotency-Key", std::string(200, 'x')}}},
      {"a token that is none",
       "POST",
       "/v1/organizations",
       R"({"legalName": "B"})",
       401,
       "",
       {{"Authorization", "Bearer nonsense"}}},
      {"a page of another site, which has no token",
       "POST",
       "/v1/organizations",
       R"({"legalName": "B"})",
       401,
       "",
       {{"Authorization", ""}, {"Origin", "https://evil.example"}}},
  });
}

TEST_P(BadInputJourney, AReusedIdempotencyKeyIsRefused) {
  const http::HeaderList key = {{"Idempotency-Key", "key-1"}};
  const auto first = Ask("POST", "/v1/organizations", R"({"legalName": "K"})", key);
  const auto second = Ask("POST", "/v1/organizations", R"({"legalName": "K"})", key);
  EXPECT_EQ(first.body, second.body);
  const Problem problem = AsProblem(Ask("POST", "/v1/organizations", R"({"legalName": "L"})", key));
  EXPECT_EQ(problem.status, 409);
  EXPECT_EQ(problem.reason, "IDEMPOTENCY_KEY_REUSED");
}

}  // namespace
}  // namespace mostove::journeys
