// The pages in a real browser; pictures of them are left in the build folder, under screenshots/.
// See tests/browser/check.
#include "gtest/gtest.h"
#include "tests/journeys/system.h"

namespace mostove::journeys {
namespace {

class BrowserJourney : public JourneyTest {};
INSTANTIATE_IN_BOTH_HOMES(BrowserJourney);

TEST_P(BrowserJourney, PeopleUseThePages) {
  for (const char* file : {"examples", "facts", "network"}) {
    const Finished imported =
        system_->RunCli({"import", std::string("deploy/sample/") + file + ".jsonl"});
    ASSERT_EQ(imported.exit_code, 0) << imported.report;
  }
  const std::string pictures = std::string(MOSTOVE_SCREENSHOTS "/") + HomeName({GetParam(), 0});
  const Finished checked =
      RunCommand({"/usr/bin/env", "MOSTOVE_TOKEN=" + system_->administrator(),
                  "tests/browser/check", "http://" + system_->http_address(), pictures},
                 system_->folder());
  EXPECT_EQ(checked.exit_code, 0) << checked.report;
}

}  // namespace
}  // namespace mostove::journeys
