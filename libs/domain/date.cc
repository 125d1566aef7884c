#include "libs/domain/date.h"

namespace mostove::domain {
namespace {

absl::TimeZone LoadSofia() {
  absl::TimeZone zone;
  // Without tzdata: standard time, at most an hour off around midnight.
  if (!absl::LoadTimeZone("Europe/Sofia", &zone)) zone = absl::FixedTimeZone(2 * 60 * 60);
  return zone;
}

bool IsDate(const google::type::Date& date) {
  if (date.year() < 1 || date.year() > 9999 || date.month() < 0 || date.month() > 12) return false;
  if (date.day() == 0) return true;
  // CivilDay carries a day too many over into the next month.
  return date.month() != 0 && date.day() > 0 && date.day() <= 31 &&
         FirstDay(date).month() == date.month();
}

}  // namespace

absl::CivilDay Today(absl::Time now) {
  static const absl::TimeZone zone = LoadSofia();
  return absl::ToCivilDay(now, zone);
}

absl::CivilDay FirstDay(const google::type::Date& date) {
  return absl::CivilDay(date.year(), date.month() == 0 ? 1 : date.month(),
                        date.day() == 0 ? 1 : date.day());
}

absl::CivilDay LastDay(const google::type::Date& date) {
  if (date.month() == 0) return absl::CivilDay(date.year(), 12, 31);
  if (date.day() == 0) {
    return absl::CivilDay(absl::CivilMonth(date.year(), date.month()) + 1) - 1;
  }
  return FirstDay(date);
}

bool IsAfter(const google::type::Date& a, absl::CivilDay day) {
  return IsDate(a) && FirstDay(a) > day;
}

}  // namespace mostove::domain
