// What is in the logs: enough to follow a request through all programs, and
// nothing of what somebody sent.
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "tests/journeys/system.h"

namespace mostove::journeys {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kTrace[] = "0af7651916cd43dd8448eb211c80319c";

class LogJourney : public JourneyTest {
 protected:
  // All lines of all programs, which end for it.
  std::vector<std::string> Lines() {
    EXPECT_EQ(system_->Stop(), 0);
    std::string text;
    for (const std::string& program : system_->programs()) {
      absl::StrAppend(&text, ReadFile(system_->folder() / (program + ".log")));
    }
    return absl::StrSplit(text, '\n', absl::SkipEmpty());
  }

  std::vector<std::string> LinesWith(const std::string& words) {
    std::vector<std::string> lines;
    for (std::string& line : Lines()) {
      if (absl::StrContains(line, words)) lines.push_back(std::move(line));
    }
    return lines;
  }
};
INSTANTIATE_IN_BOTH_HOMES(LogJourney);

TEST_P(LogJourney, LinesOfOneRequestJoinByItsTrace) {
  Ask("POST", "/v1/organizations", R"({"legalName": "x"})",
      {{"traceparent", absl::StrCat("00-", kTrace, "-b7ad6b7169203331-01")},
       {"X-Request-Id", "request-of-the-test"}});
  const std::vector<std::string> lines = LinesWith(kTrace);
  EXPECT_THAT(lines, Contains(AllOf(HasSubstr(R"("event":"http","route":"/v1/organizations")"),
                                    HasSubstr(R"("status":200)"),
                                    HasSubstr(R"("request_id":"request-of-the-test")"))));
  EXPECT_THAT(lines, Contains(AllOf(HasSubstr(R"("event":"rpc")"), HasSubstr("/CreateOrganization"),
                                    HasSubstr(R"("request_id":"request-of-the-test")"))));
}

TEST_P(LogJourney, ARequestWithoutATraceGetsOne) {
  Ask("GET", "/v1/organizations/missing", "", {{"X-Request-Id", "request-of-the-test"}});
  const std::vector<std::string> lines = LinesWith("request-of-the-test");
  ASSERT_FALSE(lines.empty());
  for (const std::string& line : lines) {
    EXPECT_THAT(line, ::testing::ContainsRegex(R"("trace_id":"[0-9a-f]{32}")"));
  }
}

// Neither a Bulgarian EGN or LNCh nor a Ukrainian tax number, whatever register it is said to be
// of.
TEST_P(LogJourney, APersonalNumberLeavesNoTrace) {
  Ask("POST", "/v1/organizations?organizationId=x", R"({"legalName": "x"})");
  for (const char* number : {"8001014509", "1000000005", "2935277368"}) {
    for (const char* scheme : {"BG-EIK", "BG-EGN", "BG-LNCH", "UA-EDR", "UA-RNOKPP"}) {
      const std::string identifiers = absl::StrCat(R"("identifiers": [{"scheme": ")", scheme,
                                                   R"(", "value": ")", number, R"("}])");
      const std::string made = absl::StrCat(R"({"legalName": "y", )", identifiers, "}");
      for (const http::ClientResponse& answer :
           {Ask("POST", "/v1/organizations", made),
            Ask("POST", "/v1/organizations:batchCreate",
                absl::StrCat(R"({"requests": [{"organization": )", made, "}]}")),
            Ask("PATCH", "/v1/organizations/x", absl::StrCat("{", identifiers, "}"))}) {
        EXPECT_EQ(answer.status, 400) << scheme;
        EXPECT_THAT(answer.body, HasSubstr("PERSONAL_NUMBER"));
        EXPECT_THAT(answer.body, Not(HasSubstr(number)));
      }
    }
  }
  const std::string changes = Ask("GET", "/v1/organizations:changes?pageSize=1000").body;
  EXPECT_THAT(changes, HasSubstr("organizations/x"));
  std::string everything = changes;
  for (const std::string& line : Lines()) absl::StrAppend(&everything, line, "\n");
  for (const auto& file : std::filesystem::recursive_directory_iterator(system_->folder())) {
    if (file.is_regular_file()) everything += ReadFile(file.path());
  }
  for (const char* number : {"8001014509", "1000000005", "2935277368"}) {
    EXPECT_FALSE(absl::StrContains(everything, number)) << number;
  }
}

TEST_P(LogJourney, NothingThatSomebodySentIsLogged) {
  const std::string secret = "planted-by-the-test";
  const http::HeaderList headers = {{"Authorization", absl::StrCat("Bearer ", secret)},
                                    {"Cookie", absl::StrCat("session=", secret)},
                                    {"Idempotency-Key", absl::StrCat("key-", secret)},
                                    {"User-Agent", secret},
                                    {"traceparent", secret}};
  const std::string body = absl::StrCat(R"({"legalName": ")", secret, R"("})");
  Ask("POST", "/v1/organizations?organizationId=" + secret, body, headers);
  Ask("POST", "/v1/organizations?organizationId=" + secret, body, headers);
  Ask("GET", "/v1/organizations/" + secret, "", headers);
  Ask("GET", "/v1/organizations/missing-" + secret, "", headers);
  Ask("GET", "/v1/organizations?filter=legalName%20%3D%20" + secret + "%20AND", "", headers);
  Ask("GET", "/nowhere/" + secret, "", headers);
  Ask("POST", "/v1/organizations", absl::StrCat(R"({")", secret, R"(": 1})"), headers);
  Ask("PATCH", "/v1/organizations/" + secret, absl::StrCat(R"({"website": ")", secret, R"("})"),
      headers);
  Ask("DELETE", "/v1/organizations/" + secret, "", headers);
  const std::vector<std::string> lines = Lines();
  EXPECT_THAT(lines, Contains(HasSubstr(R"("event":"http")"))) << "what was asked is logged";
  EXPECT_THAT(lines, Each(Not(HasSubstr("planted"))));
}

}  // namespace
}  // namespace mostove::journeys
