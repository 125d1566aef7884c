// Writes messages as JSON by the proto3 mapping.
#pragma once

#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace mostove::transcoding {

struct JsonWriteOptions {
  // Says for which fields without a value of their own (empty text, 0, false,
  // an empty list) a member is printed all the same. Fields that can be absent
  // (messages, `optional`, members of a oneof) are never printed empty.
  bool (*always_print)(const google::protobuf::FieldDescriptor& field) = nullptr;
};

// Appends `message` to `out` as compact JSON: always well-formed, always valid
// UTF-8, and the same bytes for equal messages (members in the order of field
// numbers, map entries by key).
//
// Fields without a value are left out, except what callers page with: a
// `next_page_token`, and the repeated messages beside it (`[]`).
//
// What has no JSON form is not passed on as something else: ill-formed UTF-8
// becomes U+FFFD; a Timestamp or Duration out of its range and a Value that is
// empty or not finite become null; an Any of a type unknown here, or whose
// bytes are not of its type, keeps its "@type" alone.
//
// Thread-safe. A table per message type is made on first use and kept for ever,
// so descriptors have to live as long as the process.
void WriteJson(const google::protobuf::Message& message, std::string& out,
               const JsonWriteOptions& options = {});

}  // namespace mostove::transcoding
