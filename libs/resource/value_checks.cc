#include "libs/resource/value_checks.h"

#include <chrono>
#include <cstdint>

#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"
#include "google/type/latlng.pb.h"

namespace mostove::resource {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;

// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
constexpr int64_t kTimestampSecondsMin = -62135596800;
constexpr int64_t kTimestampSecondsMax = 253402300799;
// Some 10,000 years, as google/protobuf/duration.proto says.
constexpr int64_t kDurationSecondsMax = 315576000000;
constexpr int32_t kNanosMax = 999'999'999;

// The generated class, or a copy into it of a message of a dynamic pool.
template <typename T>
T As(const Message& message) {
  if (const T* const same = dynamic_cast<const T*>(&message)) return *same;
  T copy;
  copy.ParsePartialFromString(message.SerializePartialAsString());
  return copy;
}

ValueFault CheckTimestamp(const Message& message) {
  const auto value = As<google::protobuf::Timestamp>(message);
  if (value.seconds() >= kTimestampSecondsMin && value.seconds() <= kTimestampSecondsMax &&
      value.nanos() >= 0 && value.nanos() <= kNanosMax) {
    return {};
  }
  return {"TIMESTAMP", "has to be a time of the years 0001 to 9999"};
}

ValueFault CheckDuration(const Message& message) {
  const auto value = As<google::protobuf::Duration>(message);
  const int64_t seconds = value.seconds();
  const int32_t nanos = value.nanos();
  const bool one_sign = (seconds >= 0 || nanos <= 0) && (seconds <= 0 || nanos >= 0);
  if (one_sign && seconds >= -kDurationSecondsMax && seconds <= kDurationSecondsMax &&
      nanos >= -kNanosMax && nanos <= kNanosMax) {
    return {};
  }
  return {"DURATION", "has to be a duration of at most 10,000 years either way"};
}

ValueFault CheckDate(const Message& message) {
  const auto value = As<google::type::Date>(message);
  if (value.year() < 1 || value.year() > 9999) {
    return {"DATE", "has to be a date with a year from 1 to 9999"};
  }
  if (value.month() == 0 && value.day() == 0) return {};
  if (value.month() < 1 || value.month() > 12) {
    return {"DATE", value.month() == 0 ? "has to have a month where it has a day"
                                       : "has to have a month from 1 to 12"};
  }
  if (value.day() == 0) return {};
  const bool exists =
      value.day() > 0 && value.day() <= 31 &&
      std::chrono::year_month_day(std::chrono::year(value.year()),
                                  std::chrono::month(static_cast<unsigned>(value.month())),
                                  std::chrono::day(static_cast<unsigned>(value.day())))
          .ok();
  if (exists) return {};
  return {"DATE", "has to have a day that the month has"};
}

ValueFault CheckLatLng(const Message& message) {
  const auto value = As<google::type::LatLng>(message);
  // Also false for NaN.
  const bool in_range = value.latitude() >= -90 && value.latitude() <= 90 &&
                        value.longitude() >= -180 && value.longitude() <= 180;
  if (in_range) return {};
  return {"LATLNG", "has to have a latitude from -90 to 90 and a longitude from -180 to 180"};
}

bool IsAfter(const google::protobuf::Timestamp& a, const google::protobuf::Timestamp& b) {
  return a.seconds() != b.seconds() ? a.seconds() > b.seconds() : a.nanos() > b.nanos();
}

}  // namespace

bool IsBefore(const google::type::Date& a, const google::type::Date& b) {
  if (a.year() != b.year()) return a.year() < b.year();
  if (a.month() == 0 || b.month() == 0) return false;
  if (a.month() != b.month()) return a.month() < b.month();
  return a.day() != 0 && b.day() != 0 && a.day() < b.day();
}

ValueFault CheckEnd(const Message& start, const Message& end) {
  using google::protobuf::Timestamp;
  using google::type::Date;
  const bool dates = end.GetDescriptor()->full_name() == Date::descriptor()->full_name();
  const bool ends = dates ? !IsBefore(As<Date>(end), As<Date>(start))
                          : IsAfter(As<Timestamp>(end), As<Timestamp>(start));
  if (ends) return {};
  return {"END_BEFORE_START", dates ? "has to be on the day that the period begins, or later"
                                    : "has to be after the time that the period begins"};
}

ValueCheck ValueCheckOf(const Descriptor* descriptor) {
  const std::string& name = descriptor->full_name();
  if (name == "google.protobuf.Timestamp") return CheckTimestamp;
  if (name == "google.protobuf.Duration") return CheckDuration;
  if (name == "google.type.Date") return CheckDate;
  if (name == "google.type.LatLng") return CheckLatLng;
  return nullptr;
}

}  // namespace mostove::resource
