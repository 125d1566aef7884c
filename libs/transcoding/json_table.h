// What JSON's reader and writer need to know of a message type, looked up once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "libs/transcoding/text_maps.h"

namespace mostove::transcoding {

// Types with a JSON form of their own. google.protobuf.Empty needs none.
enum class WellKnown : uint8_t {
  kNone,
  kAny,
  kDuration,
  kFieldMask,
  kListValue,
  kStruct,
  kTimestamp,
  kValue,
  kWrapper,
};

struct JsonTable;

struct JsonField {
  const google::protobuf::FieldDescriptor* descriptor;
  std::string key;  // with quotes and colon: `"legalName":`
  google::protobuf::FieldDescriptor::CppType type;
  google::protobuf::FieldDescriptor::Type exact_type;
  const google::protobuf::OneofDescriptor* oneof;  // null for most
  bool is_repeated;                                // not of a map
  bool is_map;
  bool is_bytes;
  bool is_null_value;  // of the enum google.protobuf.NullValue
  bool has_presence;
  bool always_printed;       // see WriteJson
  const JsonTable* message;  // of a message field, also of a map (its entry)
  TextMapGetter text_map;    // null for most
};

struct JsonTable {
  const google::protobuf::Descriptor* descriptor;
  WellKnown well_known;
  std::vector<JsonField> fields;  // by number
  std::vector<int> numbers;       // of the fields
  bool prints_always = false;     // some of the fields
  // Index in `fields`, by JSON name and by proto name.
  absl::flat_hash_map<absl::string_view, uint32_t> by_name;
};

// Made on first use and kept for ever. Lock-free for a type that the thread has
// asked for before.
const JsonTable& TableOf(const google::protobuf::Descriptor* descriptor);

// True for a type with a JSON form that is a text, so that a query parameter
// can carry it: times, masks, wrappers.
bool IsTextual(const google::protobuf::Descriptor& descriptor);

}  // namespace mostove::transcoding
