// From a first organization to its history, over REST and gRPC.
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "grpcpp/grpcpp.h"
#include "mostove/organizations/v1/organizations_service.grpc.pb.h"
#include "tests/journeys/system.h"

namespace mostove::journeys {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace v1 = organizations::v1;

class OrganizationsJourney : public JourneyTest {
 protected:
  std::unique_ptr<v1::OrganizationsService::Stub> NewStub() {
    return v1::OrganizationsService::NewStub(
        grpc::CreateChannel(system_->grpc_address(), grpc::InsecureChannelCredentials()));
  }
};

INSTANTIATE_IN_BOTH_HOMES(OrganizationsJourney);

TEST_P(OrganizationsJourney, ALegalNameAloneMakesADraft) {
  const auto created =
      As<v1::Organization>(Ask("POST", "/v1/organizations", R"({"legalName": "x"})"));
  EXPECT_EQ(created.state(), v1::Organization::DRAFT);
  EXPECT_EQ(created.etag(), "\"1\"");
  const auto read = As<v1::Organization>(Ask("GET", "/v1/" + created.name()));
  EXPECT_EQ(read.SerializeAsString(), created.SerializeAsString());
}

TEST_P(OrganizationsJourney, TheWholeLifeOfARecord) {
  const std::string target = "/v1/organizations/sofia-help";
  const std::string beginning =
      As<changes::v1::ListChangesResponse>(Ask("GET", "/v1/organizations:changes?pageSize=1000"))
          .next_position();
  const auto response = Ask("POST", "/v1/organizations?organizationId=sofia-help", R"({
    "legalName": "Фондация Помощ София", "kind": "LOCAL", "state": "LISTED",
    "identifiers": [{"scheme": "BG-EIK", "value": "131071587"}],
    "seat": {"countryCode": "BG", "area": {"scheme": "ISO3166_2", "code": "BG-22"}},
    "displayName": {"sourceLanguage": "bg", "texts": {"bg": "Помощ", "en": "Help"}},
    "contacts": [{"email": "office@example.org"}]})");
  EXPECT_EQ(response.Header("ETag"), "\"1\"");
  As<v1::Organization>(response);

  // Unchanged: 304. Changed with the right revision, refused with an old one.
  EXPECT_EQ(Ask("GET", target, "", {{"If-None-Match", "\"1\""}}).status, 304);
  const auto updated =
      As<v1::Organization>(Ask("PATCH", target + "?updateMask=phase", R"({"phase": "INTEGRATION"})",
                               {{"If-Match", "W/\"1\""}}));
  EXPECT_EQ(updated.phase(), v1::INTEGRATION);
  EXPECT_EQ(updated.legal_name(), "Фондация Помощ София");
  EXPECT_EQ(Ask("PATCH", target, R"({"phase": "EMERGENCY"})", {{"If-Match", "\"1\""}}).status, 412);
  EXPECT_EQ(Ask("GET", target, "", {{"If-None-Match", "\"1\""}}).status, 200);

  // Below it: an activity, found by filter among those of all organizations.
  As<v1::Activity>(Ask("POST", target + "/activities?activityId=legal-aid",
                       R"({"sector": {"scheme": "DAC-5", "code": "72010"},
                           "place": {"countryCode": "BG"}, "startDate": {"year": 2026}})"));
  const auto found = As<v1::ListActivitiesResponse>(
      Ask("GET",
          "/v1/organizations/-/activities?filter=sector.code%3D%2272010%22%20AND%20"
          "place.countryCode%3DBG&showTotalSize=true"));
  ASSERT_EQ(found.activities_size(), 1);
  EXPECT_EQ(found.total_size(), 1);

  // The same over gRPC.
  auto stub = NewStub();
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + system_->administrator());
  v1::ListOrganizationsRequest request;
  request.set_filter("identifiers.value:131071587");
  v1::ListOrganizationsResponse listed;
  ASSERT_TRUE(stub->ListOrganizations(&context, request, &listed).ok());
  ASSERT_EQ(listed.organizations_size(), 1);
  EXPECT_TRUE(MessageDifferencer::Equals(listed.organizations(0),
                                         As<v1::Organization>(Ask("GET", target))));

  // Gone, and back.
  EXPECT_EQ(Ask("DELETE", target).status, 200);
  EXPECT_EQ(AsProblem(Ask("DELETE", target)).reason, "RESOURCE_NOT_FOUND");
  EXPECT_EQ(As<v1::ListOrganizationsResponse>(Ask("GET", "/v1/organizations")).organizations_size(),
            0);
  As<v1::Organization>(Ask("POST", target + ":undelete", "{}"));

  const auto history = As<changes::v1::ListHistoryResponse>(Ask("GET", target + ":history"));
  ASSERT_EQ(history.revisions_size(), 4);
  EXPECT_EQ(history.revisions(0).kind(), changes::v1::UNDELETED);
  EXPECT_EQ(history.revisions(2).field_changes(0).path(), "phase");
  EXPECT_THAT(history.DebugString(), Not(HasSubstr("office@example.org")));
  const auto changes = As<changes::v1::ListChangesResponse>(
      Ask("GET", "/v1/organizations:changes?pageSize=2&after=" + beginning));
  EXPECT_EQ(changes.changes_size(), 2);
  EXPECT_EQ(As<changes::v1::ListChangesResponse>(
                Ask("GET", "/v1/organizations:changes?after=" + changes.next_position()))
                .changes_size(),
            3);
}

TEST_P(OrganizationsJourney, ErrorsOfGrpcCarryTheSameReasons) {
  auto stub = NewStub();
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + system_->administrator());
  v1::CreateOrganizationRequest request;
  request.mutable_organization()->set_website("nonsense");
  v1::Organization created;
  const grpc::Status status = stub->CreateOrganization(&context, request, &created);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_details(), HasSubstr("organization.website"));
  EXPECT_THAT(status.error_details(), HasSubstr("organization.legal_name"));
}

TEST_P(OrganizationsJourney, ABatchOverRest) {
  const auto created = As<v1::BatchCreateOrganizationsResponse>(
      Ask("POST", "/v1/organizations:batchCreate",
          R"({"requests": [{"organization": {"legalName": "a"}, "organizationId": "a"},
                           {"organization": {"legalName": "b"}, "organizationId": "b"}]})"));
  EXPECT_EQ(created.organizations_size(), 2);
  const auto got = As<v1::BatchGetOrganizationsResponse>(
      Ask("GET", "/v1/organizations:batchGet?names=organizations/b&names=organizations/a"));
  EXPECT_EQ(got.organizations(0).name(), "organizations/b");
  const Problem problem = AsProblem(
      Ask("POST", "/v1/organizations:batchCreate",
          R"({"requests": [{"organization": {"legalName": "c"}}, {"organization": {}}]})"));
  EXPECT_THAT(problem.fields, Contains("requests[1].organization.legalName"));
}

TEST_P(OrganizationsJourney, ListsComeInPagesWithALink) {
  for (const char* id : {"a", "b", "c"}) {
    Ask("POST", std::string("/v1/organizations?organizationId=") + id, R"({"legalName": "n"})");
  }
  std::string target = "/v1/organizations?pageSize=2&orderBy=name";
  std::vector<std::string> names;
  for (int pages = 0; pages < 3; ++pages) {
    const auto response = Ask("GET", target);
    const auto page = As<v1::ListOrganizationsResponse>(response);
    for (const auto& organization : page.organizations()) names.push_back(organization.name());
    EXPECT_THAT(response.body, HasSubstr("\"nextPageToken\""));  // always, also when empty
    if (page.next_page_token().empty()) break;
    EXPECT_THAT(std::string(response.Header("Link")), HasSubstr("rel=\"next\""));
    target = "/v1/organizations?pageSize=2&orderBy=name&pageToken=" + page.next_page_token();
  }
  EXPECT_THAT(names,
              ::testing::ElementsAre("organizations/a", "organizations/b", "organizations/c"));
}

TEST_P(OrganizationsJourney, APersonalNumberIsRefusedAndNowhereRepeated) {
  const auto response =
      Ask("POST", "/v1/organizations",
          R"({"legalName": "x", "identifiers": [{"scheme": "BG-EIK", "value": "7501020018"}]})");
  const Problem problem = AsProblem(response);
  EXPECT_EQ(problem.status, 400);
  EXPECT_THAT(problem.fields, Contains("organization.identifiers[0].value"));
  EXPECT_THAT(response.body, Not(HasSubstr("7501020018")));
}

TEST_P(OrganizationsJourney, ItEndsWellWhenAsked) {
  As<v1::Organization>(Ask("POST", "/v1/organizations?organizationId=x", R"({"legalName": "x"})"));
  EXPECT_EQ(system_->Stop(), 0);
  ASSERT_TRUE(system_->Restart().ok());
  client_ = system_->NewClient();
  As<v1::Organization>(Ask("GET", "/v1/organizations/x"));
}

}  // namespace
}  // namespace mostove::journeys
