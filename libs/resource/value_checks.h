// Ranges of Google's value types: Timestamp, Duration, Date, LatLng.
#pragma once

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace mostove::resource {

// `reason` is null where nothing is wrong.
struct ValueFault {
  const char* reason = nullptr;
  const char* text = nullptr;
};
using ValueCheck = ValueFault (*)(const google::protobuf::Message& value);

// Null for a type that has no range of its own.
ValueCheck ValueCheckOf(const google::protobuf::Descriptor* descriptor);

}  // namespace mostove::resource
