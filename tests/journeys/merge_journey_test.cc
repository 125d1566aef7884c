// One organization that was recorded twice: every service counts the two as one while
// they are merged, whichever of its copies answers, and as two again afterwards.
#include <atomic>
#include <functional>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "mostove/coalitions/v1/coalitions_service.pb.h"
#include "mostove/funding/v1/funding_service.pb.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "tests/journeys/system.h"

namespace mostove::journeys {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class MergeJourney : public JourneyTest {
 protected:
  MergeJourney() : JourneyTest(/*copies=*/2) {}

  void SetUp() override {
    JourneyTest::SetUp();
    for (const char* id : {"agency", "local", "twin"}) {
      Create(absl::StrCat("/v1/organizations?organizationId=", id),
             absl::StrCat(R"({"state": "LISTED", "internalNote": "note of )", id,
                          R"(", "legalName": ")", id, "\"}"));
    }
    Create("/v1/organizations/twin/activities?activityId=x", R"({
      "sector": {"label": "Legal aid"}, "place": {"countryCode": "BG"},
      "startDate": {"year": 2026, "month": 1, "day": 2}, "targetGroups": ["REFUGEES"]})");
    Create("/v1/donors?donorId=agency", R"({"title": "Agency", "type": "MULTILATERAL",
      "organization": "organizations/agency", "publication": "PUBLISHED"})");
    for (const char* id : {"local", "twin"}) {
      Create(absl::StrCat("/v1/grants?grantId=for-", id),
             absl::StrCat(R"({"title": {"texts": {"en": "Grant"}}, "donor": "donors/agency",
               "mechanism": "PROJECT_GRANT", "publication": "DRAFT",
               "budget": {"amount": {"currencyCode": "EUR", "units": "1000"}},
               "recipient": "organizations/)",
                          id, "\"}"));
    }
    Create("/v1/coalitions?coalitionId=together", R"({
      "title": {"texts": {"en": "Together"}}, "purpose": {"texts": {"en": "To be heard."}},
      "conveners": ["organizations/agency"], "publication": "PUBLISHED", "state": "ACTIVE"})");
    Create("/v1/coalitions/together/members?memberId=twin",
           R"({"organization": "organizations/twin", "role": "MEMBER"})");
  }

  void Create(const std::string& target, const std::string& body) {
    const auto response = Ask("POST", target, body);
    ASSERT_EQ(response.status, 200) << target << "\n" << response.body;
  }
  int Merge() {
    return Ask("POST", "/v1/organizations/twin:merge", R"({"into": "organizations/local"})").status;
  }
  int Unmerge() { return Ask("POST", "/v1/organizations/twin:unmerge", "{}").status; }

  std::vector<std::string> Grants(const std::string& recipient) {
    return Grants(*client_, recipient);
  }
  static std::vector<std::string> Grants(http::Client& client, const std::string& recipient) {
    std::vector<std::string> names;
    const auto page = As<funding::v1::ListGrantsResponse>(journeys::Ask(
        client, "GET",
        absl::StrCat("/v1/grants?filter=recipient%3D%22organizations/", recipient, "%22")));
    for (const auto& grant : page.grants()) names.push_back(grant.name());
    return names;
  }
  std::vector<std::string> MembersOf(const std::string& organization) {
    std::vector<std::string> names;
    const auto page = As<coalitions::v1::ListMembersResponse>(
        Ask("GET", absl::StrCat("/v1/coalitions/-/members?filter=organization%3D%22organizations/",
                                organization, "%22")));
    for (const auto& member : page.members()) names.push_back(member.name());
    return names;
  }
  std::vector<std::string> Organizations() {
    std::vector<std::string> names;
    for (const auto& each :
         As<organizations::v1::ListOrganizationsResponse>(Ask("GET", "/v1/organizations"))
             .organizations()) {
      names.push_back(each.name());
    }
    return names;
  }
  // Every copy knows: so many answers in turn say so.
  void Await(const char* what, const std::function<bool()>& holds) {
    constexpr int kInTurn = 8;
    int in_turn = 0;
    for (int i = 0; i < 600 && in_turn < kInTurn; ++i) {
      in_turn = holds() ? in_turn + 1 : 0;
      if (in_turn == 0) absl::SleepFor(absl::Milliseconds(50));
    }
    EXPECT_EQ(in_turn, kInTurn) << what;
  }
  // What the records say, of all services.
  std::vector<std::string> Everything() {
    std::vector<std::string> all;
    for (const char* target :
         {"/v1/organizations", "/v1/organizations/local", "/v1/organizations/twin",
          "/v1/organizations/-/activities", "/v1/organizations/twin/activities", "/v1/grants",
          "/v1/coalitions/-/members", "/v1/organizations:search?query=twin"}) {
      all.push_back(Ask("GET", target).body);
    }
    return all;
  }
};
INSTANTIATE_IN_BOTH_HOMES(MergeJourney);

TEST_P(MergeJourney, EveryServiceCountsTheTwoAsOneUntilItIsTakenBack) {
  const std::vector<std::string> before = Everything();
  const auto token = system_->TokenOf("organization-editor", "organizations/twin");
  ASSERT_TRUE(token.ok()) << token.status();
  const auto editor = system_->NewClient(*token);
  EXPECT_THAT(Grants(*editor, "local"), ElementsAre());

  ASSERT_EQ(Merge(), 200);
  Await("the old name", [&] {
    return absl::StrContains(Ask("GET", "/v1/organizations/twin").body, "note of local");
  });
  Await("the list", [&] { return Organizations().size() == 2; });
  Await("what stands below", [&] {
    return absl::StrContains(Ask("GET", "/v1/organizations/local/activities").body, "Legal aid");
  });
  for (const char* name : {"local", "twin"}) {
    Await("grants", [&] { return Grants(name).size() == 2; });
    Await("members", [&] { return MembersOf(name).size() == 1; });
    Await("roles", [&] { return Grants(*editor, name).size() == 2; });
  }
  Await("private fields", [&] {
    return absl::StrContains(journeys::Ask(*editor, "GET", "/v1/organizations/local").body,
                             "note of local");
  });
  Await("searches", [&] {
    const auto found = Ask("GET", "/v1/organizations:search?query=twin").body;
    return absl::StrContains(found, "organizations/local") &&
           !absl::StrContains(found, "organizations/twin");
  });
  EXPECT_EQ(Ask("GET", "/v1/organizations/missing").status, 404);

  ASSERT_EQ(Unmerge(), 200);
  Await("as before", [&] { return Everything() == before; });
  Await("grants", [&] { return Grants("local").size() == 1 && Grants("twin").size() == 1; });
  Await("roles", [&] { return Grants(*editor, "local").empty(); });
}

TEST_P(MergeJourney, APowerCutInTheMiddleLeavesTheTwoMergedOrNot) {
  const std::vector<std::string> before = Everything();
  for (int round = 0; round < 3; ++round) {
    std::atomic<int> done = 0;
    std::thread writer([&] {
      const auto client = system_->NewClient();
      for (bool merge = true;; merge = !merge) {
        const auto response =
            client->Send({"POST",
                          absl::StrCat("/v1/organizations/twin:", merge ? "merge" : "unmerge"),
                          {{"Content-Type", "application/json"}},
                          merge ? R"({"into": "organizations/local"})" : "{}"});
        if (!response.ok() || response->status != 200) return;  // gone
        ++done;
      }
    });
    while (done < 5 + 2 * round) absl::SleepFor(absl::Milliseconds(1));
    system_->Kill();
    writer.join();
    ASSERT_TRUE(system_->Restart().ok());
    client_ = system_->NewClient();
    const bool merged = Organizations().size() == 2;
    EXPECT_EQ(absl::StrContains(Ask("GET", "/v1/organizations/twin").body, "note of local"),
              merged);
    EXPECT_EQ(Unmerge(), merged ? 200 : 400);
    Await("as before", [&] { return Everything() == before; });
    Await("grants", [&] { return Grants("local").size() == 1 && Grants("twin").size() == 1; });
  }
}

TEST_P(MergeJourney, TheCommandLineMergesAndSearches) {
  const Finished merged =
      system_->RunCli({"merge", "organizations/twin", "--into", "organizations/local"});
  EXPECT_EQ(merged.exit_code, 0) << merged.report;
  EXPECT_THAT(merged.output, HasSubstr("\"organizations/local\""));
  Await("the old name", [&] {
    return absl::StrContains(Ask("GET", "/v1/organizations/twin").body, "note of local");
  });
  Await("searches", [&] {
    const Finished found = system_->RunCli({"search", "twin", "--json-lines"});
    return found.exit_code == 0 && absl::StrContains(found.output, "organizations/local");
  });
  EXPECT_EQ(
      system_->RunCli({"merge", "organizations/twin", "--into", "organizations/agency"}).exit_code,
      1);
  EXPECT_EQ(system_->RunCli({"unmerge", "organizations/twin"}).exit_code, 0);
  EXPECT_EQ(system_->RunCli({"unmerge", "organizations/twin"}).exit_code, 1);
}

}  // namespace
}  // namespace mostove::journeys
