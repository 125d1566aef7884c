// Ranges of Google's value types: Timestamp, Duration, Date, LatLng.
#pragma once

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/type/date.pb.h"

namespace mostove::resource {

// `reason` is null where nothing is wrong.
struct ValueFault {
  const char* reason = nullptr;
  const char* text = nullptr;
};
using ValueCheck = ValueFault (*)(const google::protobuf::Message& value);

// Null for a type that has no range of its own.
ValueCheck ValueCheckOf(const google::protobuf::Descriptor* descriptor);

// True when every day that `a` may mean lies before every day of `b`: parts that
// one of the two does not know decide nothing. Both are valid.
bool IsBefore(const google::type::Date& a, const google::type::Date& b);

// What is wrong with a period of two Timestamps or two google.type.Dates. A time
// has to come after the other; a date may be the same, and one that lacks its
// day, or day and month, only comes before another where all of it does.
ValueFault CheckEnd(const google::protobuf::Message& start, const google::protobuf::Message& end);

}  // namespace mostove::resource
