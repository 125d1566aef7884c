#include "services/gateway/merge_patch.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/testing/matchers.h"
#include "libs/transcoding/request.h"
#include "mostove/organizations/v1/organizations_service.pb.h"

namespace mostove::gateway {
namespace {

using organizations::v1::UpdateOrganizationRequest;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The mask that an update with this query and body gets.
std::vector<std::string> MaskOf(const std::string& query, const std::string& body) {
  const auto router = transcoding::Router::Build(
      {UpdateOrganizationRequest::descriptor()->file()->FindServiceByName("OrganizationsService")});
  const auto match = router->Match("PATCH", "/v1/organizations/sofia-help");
  UpdateOrganizationRequest request;
  const absl::Status built = transcoding::BuildRequest(match, query, body, request);
  EXPECT_TRUE(built.ok()) << built;
  MaskNulls(*match.route, body, request);
  return {request.update_mask().paths().begin(), request.update_mask().paths().end()};
}

TEST(MergePatch, NamesEveryMemberWhereOneIsNull) {
  EXPECT_THAT(MaskOf("", R"({"website": null, "legalName": "Help"})"),
              ElementsAre("website", "legal_name"));
  EXPECT_THAT(MaskOf("", R"({"seat": null})"), ElementsAre("seat"));
}

TEST(MergePatch, LeavesOutWhatTheServerSets) {
  EXPECT_THAT(MaskOf("", R"({"name": null, "etag": "\"1\"", "createTime": null, "website": null})"),
              ElementsAre("website"));
}

TEST(MergePatch, LeavesTheMaskEmptyWithoutNull) {
  EXPECT_THAT(MaskOf("", R"({"website": "https://null.example"})"), IsEmpty());
  EXPECT_THAT(MaskOf("", R"({"seat": {"area": null}})"), IsEmpty());
}

TEST(MergePatch, LeavesAMaskThatIsGiven) {
  EXPECT_THAT(MaskOf("updateMask=kind", R"({"website": null})"), ElementsAre("kind"));
}

}  // namespace
}  // namespace mostove::gateway
