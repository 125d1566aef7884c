#include "libs/domain/date.h"

#include "gtest/gtest.h"

namespace mostove::domain {
namespace {

google::type::Date Date(int year, int month = 0, int day = 0) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

TEST(DateTest, TheDayBeginsAtMidnightInSofia) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  EXPECT_EQ(Today(absl::FromCivil(absl::CivilMinute(2026, 1, 31, 21, 59), utc)),
            absl::CivilDay(2026, 1, 31));
  EXPECT_EQ(Today(absl::FromCivil(absl::CivilMinute(2026, 1, 31, 22, 0), utc)),
            absl::CivilDay(2026, 2, 1));
  // Summer time.
  EXPECT_EQ(Today(absl::FromCivil(absl::CivilMinute(2026, 7, 1, 21, 0), utc)),
            absl::CivilDay(2026, 7, 2));
}

TEST(DateTest, APartialDateMeansAllItsDays) {
  EXPECT_EQ(FirstDay(Date(2024)), absl::CivilDay(2024, 1, 1));
  EXPECT_EQ(LastDay(Date(2024)), absl::CivilDay(2024, 12, 31));
  EXPECT_EQ(LastDay(Date(2024, 2)), absl::CivilDay(2024, 2, 29));
  EXPECT_EQ(LastDay(Date(2023, 12)), absl::CivilDay(2023, 12, 31));
  EXPECT_EQ(FirstDay(Date(2024, 2, 5)), LastDay(Date(2024, 2, 5)));
}

TEST(DateTest, IsAfterOnlyWhereThatIsCertain) {
  EXPECT_TRUE(IsAfter(Date(2024, 5, 2), absl::CivilDay(2024, 5, 1)));
  EXPECT_FALSE(IsAfter(Date(2024), absl::CivilDay(2024, 5, 1)));
}

TEST(DateTest, WhatIsNoDateIsNotAfter) {
  for (const google::type::Date& wrong :
       {Date(0, 5, 1), Date(2020, 13), Date(2020, 0, 3), Date(2020, 2, 30), Date(2020, -1),
        Date(2020, 1, -5), Date(20200, 1, 1), Date(-5), Date(2020, 1, 40)}) {
    EXPECT_FALSE(IsAfter(wrong, absl::CivilDay(1, 1, 1))) << wrong.ShortDebugString();
  }
}

}  // namespace
}  // namespace mostove::domain
