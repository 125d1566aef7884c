// What creates are told, and the report, on both engines.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "libs/service/service_fixture.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "services/organizations/definition.h"

namespace mostove::organizations {
namespace {

using ::mostove::testing::HasReason;
using ::mostove::testing::HasViolation;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using v1::Organization;

auto IsPossibleDuplicate() {
  return StatusIs(absl::StatusCode::kFailedPrecondition, HasReason("POSSIBLE_DUPLICATE"));
}

class DuplicatesServiceTest : public service::ServiceTest {
 protected:
  void SetUp() override { service::ServiceTest::Open(Define()); }

  template <class Response>
  absl::StatusOr<Response> Ask(const char* method, const google::protobuf::Message& request,
                               const std::string& key = "") const {
    const rpc::Method* found = service().table().Find(method);
    if (found == nullptr) return absl::InternalError("no such method");
    call::MessagePtr copy(request.New());
    copy->CopyFrom(request);
    call::Call call;
    call.caller = Administrator();
    call.deadline = absl::Now() + absl::Minutes(10);
    call.idempotency_key = key;
    auto answer = service().table().Run(*found, std::move(call), std::move(copy));
    if (!answer.ok()) return answer.status();
    return static_cast<const Response&>(**answer);
  }
  absl::StatusOr<Organization> Add(const std::string& id, const std::string& text,
                                   const std::string& token = "", const std::string& key = "") {
    v1::CreateOrganizationRequest request;
    EXPECT_TRUE(
        google::protobuf::TextFormat::ParseFromString(text, request.mutable_organization()));
    request.set_organization_id(id);
    request.set_duplicates_token(token);
    return Ask<Organization>("CreateOrganization", request, key);
  }
  std::vector<std::string> Pairs() const {
    const auto report =
        Ask<v1::ListDuplicatesResponse>("ListDuplicates", v1::ListDuplicatesRequest());
    EXPECT_THAT(report, IsOk());
    std::vector<std::string> pairs;
    if (!report.ok()) return pairs;
    for (const v1::DuplicatePair& pair : report->pairs()) {
      pairs.push_back(absl::StrCat(pair.first().name().substr(14), " ",
                                   pair.second().name().substr(14), " ",
                                   v1::DuplicatePair::Reason_Name(pair.reason())));
    }
    return pairs;
  }
  static std::string Metadata(const absl::Status& status, const std::string& key) {
    const google::rpc::Status proto = status::ToProto(status);
    for (const auto& detail : proto.details()) {
      google::rpc::ErrorInfo info;
      if (detail.UnpackTo(&info) && info.metadata().count(key) > 0) return info.metadata().at(key);
    }
    return "";
  }
};
INSTANTIATE_ON_BOTH_ENGINES(DuplicatesServiceTest);

TEST_P(DuplicatesServiceTest, WhatLooksLikeOneThatIsThereIsCreatedWithTheToken) {
  ASSERT_THAT(Add("help", "legal_name: 'Фондация Помощ София'"), IsOk());
  const auto refused = Add("again", "legal_name: 'Pomosht Sofia Foundation'");
  ASSERT_THAT(refused, IsPossibleDuplicate());
  EXPECT_EQ(Metadata(refused.status(), "candidates"), "organizations/help");
  const std::string token = Metadata(refused.status(), "duplicates_token");
  ASSERT_THAT(token, Not(IsEmpty()));
  EXPECT_THAT(Pairs(), IsEmpty());

  EXPECT_THAT(Add("again", "legal_name: 'Pomosht Sofia NGO'", token), IsPossibleDuplicate())
      << "the token is for what was refused";
  EXPECT_THAT(Add("again", "legal_name: 'Pomosht Sofia Foundation'", token), IsOk());
  EXPECT_THAT(Pairs(), ElementsAre("again help SIMILAR_NAME"));
  EXPECT_THAT(Add("third", "legal_name: 'Pomosht Sofia Foundation'", token), IsPossibleDuplicate())
      << "there is another candidate now";
}

TEST_P(DuplicatesServiceTest, TheSameNumberIsTheSameOrganization) {
  const std::string eik = "identifiers { scheme: 'BG-EIK' value: '204853663' }";
  ASSERT_THAT(Add("one", "legal_name: 'Надежда' " + eik), IsOk());
  EXPECT_THAT(Add("two", "legal_name: 'Искрица' " + eik), IsPossibleDuplicate());
  EXPECT_THAT(Add("three", "legal_name: 'Надежад'"), IsPossibleDuplicate());
  EXPECT_THAT(
      Add("four", "legal_name: 'Надежда' identifiers { scheme: 'BG-EIK' value: '131071587' }"),
      IsOk())
      << "another number is another organization";
}

TEST_P(DuplicatesServiceTest, WhatIsDeletedIsNoCandidate) {
  ASSERT_THAT(Add("one", "legal_name: 'Надежда Видин'"), IsOk());
  ASSERT_THAT(Do<Organization>("Delete", "organizations/one"), IsOk());
  EXPECT_THAT(Add("two", "legal_name: 'Надежда Видин'"), IsOk());
  EXPECT_THAT(Pairs(), IsEmpty());
}

TEST_P(DuplicatesServiceTest, WhatIsWrongIsToldFirst) {
  ASSERT_THAT(Add("one", "legal_name: 'Надежда Видин'"), IsOk());
  EXPECT_THAT(Add("two", "legal_name: 'Надежда Видин' website: 'nonsense'"),
              HasViolation("organization.website", "PATTERN"));
  EXPECT_THAT(Add("one", "legal_name: 'Надежда Видин'"),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(Add("two", ""), HasViolation("organization.legal_name", "REQUIRED"));
}

TEST_P(DuplicatesServiceTest, ARepeatIsAnsweredLikeTheFirst) {
  const auto first = Add("", "legal_name: 'Надежда Видин'", "", "key-1");
  ASSERT_THAT(first, IsOk());
  const auto second = Add("", "legal_name: 'Надежда Видин'", "", "key-1");
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->name(), first->name());
  EXPECT_THAT(Add("", "legal_name: 'Надежда Видин'", "", "key-2"), IsPossibleDuplicate());
}

TEST_P(DuplicatesServiceTest, TheReportComesInPages) {
  v1::BatchCreateOrganizationsRequest batch;
  for (const char* name : {"Надежда Видин", "Nadezhda Vidin", "Фондация Надежда Видин"}) {
    batch.add_requests()->mutable_organization()->set_legal_name(name);
  }
  ASSERT_THAT(Ask<v1::BatchCreateOrganizationsResponse>("BatchCreateOrganizations", batch), IsOk());
  v1::ListDuplicatesRequest request;
  request.set_page_size(2);
  const auto first = Ask<v1::ListDuplicatesResponse>("ListDuplicates", request);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->pairs_size(), 2);
  EXPECT_EQ(first->total_size(), 3);
  request.set_page_token(first->next_page_token());
  const auto second = Ask<v1::ListDuplicatesResponse>("ListDuplicates", request);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->pairs_size(), 1);
  EXPECT_EQ(second->next_page_token(), "");
  request.set_page_token("nonsense");
  EXPECT_THAT(Ask<v1::ListDuplicatesResponse>("ListDuplicates", request),
              HasViolation("page_token", "PAGE_TOKEN"));
}

}  // namespace
}  // namespace mostove::organizations
