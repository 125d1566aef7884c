// Records of all services that refer to each other, over REST and gRPC: the
// network's academy, the money that passes through it, and what it stands for.
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "mostove/coalitions/v1/coalitions_service.grpc.pb.h"
#include "mostove/funding/v1/funding_service.grpc.pb.h"
#include "mostove/trainings/v1/trainings_service.grpc.pb.h"
#include "tests/journeys/system.h"

namespace mostove::journeys {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::UnorderedElementsAre;

class NetworkJourney : public JourneyTest {
 protected:
  void Create(const std::string& target, const std::string& body) {
    const auto response = Ask("POST", target, body);
    ASSERT_EQ(response.status, 200) << target << "\n" << response.body;
  }

  void CreateOrganizations() {
    for (const char* id : {"agency", "network", "local"}) {
      Create(absl::StrCat("/v1/organizations?organizationId=", id),
             absl::StrCat(R"({"state": "LISTED", "legalName": ")", id, "\"}"));
    }
  }

  void CreateTopics() {
    Create("/v1/topics?topicId=donors", R"({"title": {"texts": {"en": "Donors"}}, "ordinal": 7})");
    Create("/v1/topics?topicId=goals", R"({"title": {"texts": {"en": "Goals"}}, "ordinal": 1})");
  }

  void CreateProgram() {
    Create("/v1/programs?programId=academy", R"({
      "title": {"sourceLanguage": "en", "texts": {"en": "Academy"}}, "kind": "ACADEMY",
      "organizers": ["organizations/agency", "organizations/network"],
      "topics": ["topics/goals", "topics/donors"], "publication": "PUBLISHED",
      "startDate": {"year": 2026, "month": 1}, "endDate": {"year": 2026, "month": 12}})");
    Create("/v1/programs/academy/sessions?sessionId=first", R"({
      "topic": "topics/goals", "startTime": "2026-03-02T08:00:00Z",
      "endTime": "2026-03-02T12:00:00Z", "timeZone": "Europe/Sofia", "language": "bg",
      "venue": {"countryCode": "BG", "area": {"scheme": "ISO3166_2", "code": "BG-05"}},
      "seats": 20, "quotas": [{"basis": "REFUGEE_LED", "seats": 8}], "state": "PUBLISHED"})");
  }

  void CreateFunding() {
    Create("/v1/donors?donorId=agency", R"({"title": "Agency", "type": "MULTILATERAL",
      "organization": "organizations/agency", "publication": "PUBLISHED"})");
    Create("/v1/donors?donorId=network", R"({"title": "Network", "type": "NATIONAL_NGO",
      "organization": "organizations/network", "publication": "PUBLISHED"})");
    Create("/v1/grants?grantId=upper", R"({
      "title": {"texts": {"en": "Integration"}}, "donor": "donors/agency",
      "recipient": "organizations/network", "mechanism": "PROJECT_GRANT",
      "budget": {"amount": {"currencyCode": "EUR", "units": "100000"},
        "lines": [{"title": "Own", "amount": {"currencyCode": "EUR", "units": "40000"}},
                  {"title": "Passed on", "amount": {"currencyCode": "EUR", "units": "60000"}}]},
      "startDate": {"year": 2026, "month": 1, "day": 1},
      "endDate": {"year": 2026, "month": 12, "day": 31},
      "sectors": [{"classification": {"scheme": "DAC-5", "code": "15160"}, "basisPoints": 6000},
                  {"classification": {"scheme": "DAC-5", "code": "72010"}, "basisPoints": 4000}],
      "publication": "PUBLISHED"})");
    Create("/v1/grants?grantId=lower", R"({
      "title": {"texts": {"en": "Integration in Vidin"}}, "donor": "donors/network",
      "recipient": "organizations/local", "mechanism": "SUB_GRANT",
      "parentGrant": "grants/upper",
      "budget": {"amount": {"currencyCode": "EUR", "units": "60000"}},
      "publication": "PUBLISHED"})");
  }

  void CreateCoalition() {
    Create("/v1/coalitions?coalitionId=together", R"({
      "title": {"texts": {"en": "Together"}}, "purpose": {"texts": {"en": "To be heard."}},
      "conveners": ["organizations/network"], "publication": "PUBLISHED", "state": "ACTIVE"})");
    Create("/v1/coalitions/together/members?memberId=local",
           R"({"organization": "organizations/local", "role": "MEMBER"})");
    Create("/v1/policyProcesses?policyProcessId=strategy", R"({
      "title": {"texts": {"en": "Strategy on migration"}}, "level": "NATIONAL",
      "kind": "STRATEGY", "institution": {"texts": {"en": "The council of ministers"}},
      "coalitions": ["coalitions/together"], "publication": "PUBLISHED"})");
  }

  void CreateAll() {
    CreateOrganizations();
    CreateTopics();
    CreateProgram();
    CreateFunding();
    CreateCoalition();
  }

  std::vector<std::string> Refused(const std::string& target, const std::string& body) {
    const Problem problem = AsProblem(Ask("POST", target, body));
    EXPECT_EQ(problem.status, 400) << problem.detail;
    return problem.fields;
  }

  template <class Service>
  std::unique_ptr<typename Service::Stub> NewStub() {
    return Service::NewStub(
        grpc::CreateChannel(system_->grpc_address(), grpc::InsecureChannelCredentials()));
  }
};
INSTANTIATE_IN_BOTH_HOMES(NetworkJourney);

TEST_P(NetworkJourney, TheSameRecordsOverRestAndGrpc) {
  CreateAll();
  grpc::ClientContext context, trainings, coalitions;
  for (auto* each : {&context, &trainings, &coalitions}) {
    each->AddMetadata("authorization", "Bearer " + system_->administrator());
  }
  funding::v1::GetGrantRequest get;
  get.set_name("grants/lower");
  funding::v1::Grant grant;
  const auto status = NewStub<funding::v1::FundingService>()->GetGrant(&context, get, &grant);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(grant.SerializeAsString(),
            As<funding::v1::Grant>(Ask("GET", "/v1/grants/lower")).SerializeAsString());
  EXPECT_EQ(grant.parent_grant(), "grants/upper");
  EXPECT_EQ(grant.donor_organization(), "organizations/network");
  EXPECT_EQ(grant.budget().amount().units(), 60000);

  trainings::v1::ListSessionsRequest list;
  list.set_parent("programs/-");
  list.set_filter("topic = \"topics/goals\" AND venue.area.code = \"BG-05\"");
  trainings::v1::ListSessionsResponse sessions;
  ASSERT_TRUE(
      NewStub<trainings::v1::TrainingsService>()->ListSessions(&trainings, list, &sessions).ok());
  ASSERT_EQ(sessions.sessions_size(), 1);
  EXPECT_THAT(sessions.sessions(0).organizers(),
              UnorderedElementsAre("organizations/agency", "organizations/network"));

  coalitions::v1::ListMembersRequest members;
  members.set_parent("coalitions/together");
  coalitions::v1::ListMembersResponse found;
  ASSERT_TRUE(
      NewStub<coalitions::v1::CoalitionsService>()->ListMembers(&coalitions, members, &found).ok());
  ASSERT_EQ(found.members_size(), 1);
  EXPECT_EQ(found.members(0).organization(), "organizations/local");
}

TEST_P(NetworkJourney, EveryMissingReferenceIsNamed) {
  CreateOrganizations();
  CreateTopics();
  EXPECT_THAT(
      Refused("/v1/programs", R"({
                "title": {"texts": {"en": "x"}},
                "organizers": ["organizations/none", "organizations/network"],
                "topics": ["topics/goals", "topics/none", "topics/donors", "topics/never"]})"),
      UnorderedElementsAre("program.organizers[0]", "program.topics[1]", "program.topics[3]"));
  EXPECT_THAT(Refused("/v1/grants", R"({
                "title": {"texts": {"en": "x"}}, "mechanism": "SUB_GRANT",
                "donor": "donors/none", "recipient": "organizations/none",
                "parentGrant": "grants/none",
                "budget": {"amount": {"currencyCode": "EUR", "units": "1"}}})"),
              UnorderedElementsAre("grant.donor", "grant.recipient", "grant.parentGrant"));
  EXPECT_THAT(Refused("/v1/policyProcesses", R"({
                "title": {"texts": {"en": "x"}}, "level": "NATIONAL", "kind": "BILL",
                "institution": {"texts": {"en": "y"}}, "coalitions": ["coalitions/none"]})"),
              ElementsAre("policyProcess.coalitions[0]"));
}

TEST_P(NetworkJourney, EveryWrongSumAndDateIsNamed) {
  CreateOrganizations();
  CreateTopics();
  CreateProgram();
  CreateFunding();
  EXPECT_THAT(Refused("/v1/grants", R"({
                "title": {"texts": {"en": "x"}}, "mechanism": "PROJECT_GRANT",
                "donor": "donors/agency", "recipient": "organizations/network",
                "budget": {"amount": {"currencyCode": "EUR", "units": "100"},
                  "lines": [{"title": "a", "amount": {"currencyCode": "EUR", "units": "99"}}]},
                "startDate": {"year": 2026, "month": 5}, "endDate": {"year": 2026, "month": 4},
                "sectors": [{"classification": {"scheme": "DAC-5", "code": "15160"},
                             "basisPoints": 9999}]})"),
              IsSupersetOf({HasSubstr("grant.budget"), HasSubstr("grant.endDate"),
                            HasSubstr("grant.sectors")}));
  EXPECT_THAT(Refused("/v1/grants", R"({
                "title": {"texts": {"en": "x"}}, "mechanism": "SUB_GRANT",
                "donor": "donors/network", "recipient": "organizations/local",
                "parentGrant": "grants/upper",
                "budget": {"amount": {"currencyCode": "EUR", "units": "40001"}}})"),
              ElementsAre(HasSubstr("grant.")));
  EXPECT_THAT(Refused("/v1/programs/academy/sessions", R"({
                "topic": "topics/goals", "startTime": "2026-03-02T08:00:00Z",
                "endTime": "2026-03-02T07:00:00Z", "timeZone": "Europe/Vidin",
                "seats": 5, "quotas": [{"basis": "FIRST_TIMERS", "seats": 6}]})"),
              IsSupersetOf({HasSubstr("session.endTime"), HasSubstr("session.timeZone"),
                            HasSubstr("session.quotas")}));
}

TEST_P(NetworkJourney, WhatIsReferredToStaysOrEndsWhatRefersToIt) {
  CreateAll();
  // A donor of a grant stays.
  const Problem refused = AsProblem(Ask("DELETE", "/v1/donors/agency"));
  EXPECT_EQ(refused.reason, "REFERENCED");
  EXPECT_THAT(refused.detail, HasSubstr("grants/upper"));
  // So does the recipient, though its service knows nothing of grants.
  const auto stays = Ask("DELETE", "/v1/organizations/local");
  EXPECT_EQ(AsProblem(stays).reason, "REFERENCED");
  EXPECT_THAT(stays.body, HasSubstr("Not possible in the present state"));

  // With its grant gone it may go, and its membership ends.
  EXPECT_EQ(Ask("DELETE", "/v1/grants/lower").status, 200);
  const auto deleted = Ask("DELETE", "/v1/organizations/local");
  EXPECT_EQ(deleted.status, 200) << deleted.body;
  coalitions::v1::Member member;
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  do {
    member = As<coalitions::v1::Member>(Ask("GET", "/v1/coalitions/together/members/local"));
    absl::SleepFor(absl::Milliseconds(50));
  } while (!member.has_end_date() && absl::Now() < deadline);
  EXPECT_TRUE(member.has_end_date());
}

void AwaitReadyz(http::Client& client, int status) {
  for (const absl::Time deadline = absl::Now() + absl::Seconds(30);;) {
    const int answered = Ask(client, "GET", "/readyz").status;
    if (answered == status) return;
    ASSERT_LT(absl::Now(), deadline) << "/readyz answers " << answered;
    absl::SleepFor(absl::Milliseconds(50));
  }
}

// What goes through a service that is not there is refused and never half done;
// the others go on, and it comes back by itself.
TEST(SeparateProcesses, AServiceThatIsAwayTakesNoOtherWithIt) {
  const auto started = System::Start(Home::kSeparate);
  ASSERT_TRUE(started.ok()) << started.status();
  System& system = **started;
  const auto client = system.NewClient();
  ASSERT_EQ(Ask(*client, "POST", "/v1/organizations?organizationId=network",
                R"({"legalName": "Network", "state": "LISTED"})")
                .status,
            200);
  const std::string donor =
      R"({"title": "Network", "organization": "organizations/network", "publication": "PUBLISHED"})";

  system.process("mostove-organizations").Kill();
  const auto away = Ask(*client, "GET", "/v1/organizations/network");
  EXPECT_EQ(away.status, 503);
  EXPECT_EQ(away.Header("Retry-After"), "1");
  AwaitReadyz(*client, 503);  // it looks every second
  EXPECT_EQ(Ask(*client, "POST", "/v1/donors?donorId=network", donor).status, 503);
  EXPECT_EQ(Ask(*client, "GET", "/v1/donors/network").status, 404);
  EXPECT_EQ(Ask(*client, "GET", "/v1/topics").status, 200);

  ASSERT_TRUE(system.Launch("mostove-organizations").ok());
  AwaitReadyz(*client, 200);
  EXPECT_EQ(Ask(*client, "GET", "/v1/organizations/network").status, 200);
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  http::ClientResponse created;
  do {  // funding's own connection comes back a moment later
    created = Ask(*client, "POST", "/v1/donors?donorId=network", donor);
  } while (created.status == 503 && absl::Now() < deadline);
  EXPECT_EQ(created.status, 200) << created.body;
}

TEST(SeparateProcesses, AProgramThatWaitsForItsDatabaseEndsWhenAsked) {
  const auto folder = testing::TemporaryFolder::Make("waits");
  ASSERT_TRUE(folder.ok()) << folder.status();
  const auto log = folder->path() / "log";
  const auto process =
      Process::Start("mostove-funding",
                     {"--address", "unix:" + (folder->path() / "socket").string(), "--database",
                      "postgresql:///none?host=" + folder->path().string()},
                     log);
  ASSERT_TRUE(process.ok()) << process.status();
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  while (ReadFile(log).find("database_away") == std::string::npos && absl::Now() < deadline) {
    absl::SleepFor(absl::Milliseconds(10));
  }
  (*process)->AskToEnd();
  EXPECT_EQ((*process)->Await(), 1);
  EXPECT_THAT(ReadFile(log), HasSubstr("asked to end while it waited for its database"));
}

}  // namespace
}  // namespace mostove::journeys
