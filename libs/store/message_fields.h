// Small things that every write does with the fields of a resource.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"
#include "libs/call/method.h"
#include "libs/resource/type.h"
#include "libs/store/log_entry.h"

namespace mostove::store {

inline call::MessagePtr NewMessage(const resource::Type& type) {
  return call::MessagePtr(google::protobuf::MessageFactory::generated_factory()
                              ->GetPrototype(type.descriptor())
                              ->New());
}

inline std::string NameOf(const resource::Type& type, const google::protobuf::Message& message) {
  return message.GetReflection()->GetString(message, type.name_field());
}

// Nothing where the type has no such field.
inline void SetTime(google::protobuf::Message& message,
                    const google::protobuf::FieldDescriptor* field, absl::Time time) {
  if (field == nullptr) return;
  auto* timestamp = static_cast<google::protobuf::Timestamp*>(
      message.GetReflection()->MutableMessage(&message, field));
  SetTimestamp(time, *timestamp);
}

}  // namespace mostove::store
