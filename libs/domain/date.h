// Dates of records, which may lack their day, or day and month.
#pragma once

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "google/type/date.pb.h"

namespace mostove::domain {

// Which day it is where the network is (Europe/Sofia).
absl::CivilDay Today(absl::Time now);

// The first and the last day that the date may mean: of 2026-02 these are
// 2026-02-01 and 2026-02-28. The date has a year and is valid.
absl::CivilDay FirstDay(const google::type::Date& date);
absl::CivilDay LastDay(const google::type::Date& date);

// True when every day that the date may mean lies after `day`. False where it is
// not a date (no year, a month 13).
bool IsAfter(const google::type::Date& a, absl::CivilDay day);

}  // namespace mostove::domain
