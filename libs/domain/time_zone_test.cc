#include "libs/domain/time_zone.h"

#include <string>

#include "absl/time/time.h"
#include "gmock/gmock.h"

namespace mostove::domain {
namespace {

std::string FaultOf(const std::string& zone) {
  status::Violations violations;
  CheckTimeZone(zone, "time_zone", violations);
  if (violations.empty()) return "";
  EXPECT_EQ(violations.all().size(), 1u);
  EXPECT_EQ(violations.all()[0].field, "time_zone");
  EXPECT_EQ(violations.all()[0].reason, "TIME_ZONE");
  return violations.all()[0].description;
}

TEST(TimeZoneTest, TakesZonesWithARegion) {
  for (const char* zone : {"Europe/Sofia", "Europe/Kyiv", "Europe/Kiev", "UTC", "Asia/Damascus",
                           "America/Argentina/Buenos_Aires", "Etc/GMT+3"}) {
    EXPECT_EQ(FaultOf(zone), "") << zone;
  }
}

TEST(TimeZoneTest, RefusesWhatNamesNoZoneAndSaysWhatItWas) {
  for (const std::string& zone :
       {std::string("Europe/Atlantis"), std::string("europe/sofia"), std::string("EET"),
        std::string("EST"), std::string("+02:00"), std::string("GMT+2"), std::string("Sofia"),
        std::string(""), std::string("posix/Europe/Sofia"), std::string("../Europe/Sofia"),
        std::string("/etc/passwd"), std::string("Etc/Unknown")}) {
    EXPECT_THAT(FaultOf(zone), ::testing::EndsWith("is \"" + zone + "\"")) << zone;
  }
}

TEST(TimeZoneTest, RepeatsNothingThatWouldHarmALog) {
  EXPECT_THAT(FaultOf("Europe/So\nfia"), ::testing::EndsWith("Europe/Sofia"));
  EXPECT_THAT(FaultOf(std::string(65, 'a')), ::testing::EndsWith("Europe/Sofia"));
  EXPECT_THAT(FaultOf("Европа/София"), ::testing::EndsWith("Europe/Sofia"));
}

// What is taken can also be computed with.
TEST(TimeZoneTest, TheZoneOfTheNetworkIsKnownToAbseilToo) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(kHomeTimeZone, &zone));
}

}  // namespace
}  // namespace mostove::domain
