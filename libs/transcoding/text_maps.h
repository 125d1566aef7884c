// Maps of texts whose generated class is known here. Reflection shows a map only
// after it has copied every entry; in lists of resources that say things in
// several languages this was a fifth of the time.
#pragma once

#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/map.h"
#include "google/protobuf/message.h"

namespace mostove::transcoding {

using TextMap = google::protobuf::Map<std::string, std::string>;

// Null for a message that is not of the generated class (a dynamic one).
using TextMapGetter = const TextMap* (*)(const google::protobuf::Message& message);

// Null for all other fields.
TextMapGetter TextMapGetterOf(const google::protobuf::FieldDescriptor& field);

}  // namespace mostove::transcoding
