#include "libs/domain/classification.h"

#include "gmock/gmock.h"
#include "libs/domain/violations_of.h"

namespace mostove::domain {
namespace {

TEST(ClassificationTest, NeedsACodeOfAListOrWords) {
  const Case cases[] = {
      {R"(scheme: "DAC-5" code: "72010")", {}},
      {R"(scheme: "DAC-5" code: "72010" label: "Relief")", {}},
      {R"(scheme: "HUM-CLUSTER" label: "Protection")", {}},
      {R"(label: "Legal aid")", {}},
      {"", {"x REQUIRED"}},
      {R"(label: "  ")", {"x REQUIRED"}},
      {R"(scheme: "DAC-5")", {"x REQUIRED"}},
      {R"(code: "72010")", {"x.scheme REQUIRED"}},
      {R"(scheme: "DAC-5" code: "7201")", {"x.code DAC_CODE"}},
      {R"(scheme: "DAC-5" code: "7201O")", {"x.code DAC_CODE"}},
      {R"(scheme: "TOPIC" code: "donors")", {}},
  };
  for (const auto& [message, expected] : cases) {
    EXPECT_EQ(ViolationsOf<common::v1::Classification>(message), expected) << message;
  }
}

}  // namespace
}  // namespace mostove::domain
