// Clients of other makers, made for a running system, do what clients do; and its OpenAPI document
// says what is so. See tests/clients/check.
#include "gtest/gtest.h"
#include "tests/journeys/system.h"

namespace mostove::journeys {
namespace {

class ClientsJourney : public JourneyTest {};
INSTANTIATE_IN_BOTH_HOMES(ClientsJourney);

TEST_P(ClientsJourney, OfOtherMakersWorkAndTheDocumentIsTrue) {
  for (const char* file : {"examples", "facts", "network"}) {
    const Finished imported =
        system_->RunCli({"import", std::string("deploy/sample/") + file + ".jsonl"});
    ASSERT_EQ(imported.exit_code, 0) << imported.report;
  }
  const Finished checked = RunCommand({"/usr/bin/env", "MOSTOVE_TOKEN=" + system_->administrator(),
                                       "tests/clients/check", "http://" + system_->http_address()},
                                      system_->folder());
  EXPECT_EQ(checked.exit_code, 0) << checked.report;
}

TEST(OpenApi, HasNoFindingsOfSpectralAndRedocly) {
  const auto system = System::Start(Home::kOneProcess);
  ASSERT_TRUE(system.ok()) << system.status();
  const Finished linted = RunCommand({"tests/clients/lint", "http://" + (*system)->http_address()},
                                     (*system)->folder());
  EXPECT_EQ(linted.exit_code, 0) << linted.report;
}

}  // namespace
}  // namespace mostove::journeys
