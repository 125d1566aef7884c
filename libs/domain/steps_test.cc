#include "libs/domain/steps.h"

#include "gmock/gmock.h"
#include "libs/status/status.h"
#include "mostove/common/v1/publication.pb.h"

namespace mostove::domain {
namespace {

using common::v1::Publication;

constexpr Step<Publication> kSteps[] = {{common::v1::DRAFT, common::v1::SHARED},
                                        {common::v1::DRAFT, common::v1::PUBLISHED},
                                        {common::v1::SHARED, common::v1::PUBLISHED}};

TEST(StepsTest, AllowsTheStepsAndStaying) {
  EXPECT_TRUE(CheckStep("p", kSteps, common::v1::DRAFT, common::v1::SHARED).ok());
  EXPECT_TRUE(CheckStep("p", kSteps, common::v1::PUBLISHED, common::v1::PUBLISHED).ok());
}

TEST(StepsTest, SaysWhatCanFollow) {
  const absl::Status back = CheckStep("p", kSteps, common::v1::PUBLISHED, common::v1::DRAFT);
  EXPECT_EQ(back.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status::Reason(back), "STATE_STEP");
  EXPECT_EQ(back.message(), "p cannot go from PUBLISHED to DRAFT; it has to stay as it is");
  EXPECT_EQ(
      CheckStep("p", kSteps, common::v1::DRAFT, common::v1::PUBLICATION_UNSPECIFIED).message(),
      "p cannot go from DRAFT to PUBLICATION_UNSPECIFIED; it can become SHARED or PUBLISHED");
}

}  // namespace
}  // namespace mostove::domain
