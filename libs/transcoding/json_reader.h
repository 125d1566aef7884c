// Reads messages from JSON by the proto3 mapping, strictly.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "libs/status/status.h"

namespace mostove::transcoding {

struct JsonReadOptions {
  // Where the document stands in the request; paths of violations begin with
  // it: "organization" makes "organization.identifiers[0].value".
  absl::string_view root = {};
};

// Sets the fields of `into` that the document holds; `into` should be empty.
// Names may be JSON names or proto names. The document is UTF-8 by RFC 8259
// with an object at its top (for a well-known type, that type's own form).
//
// Adds a violation for everything that is wrong, up to 100. Fields are paths in
// proto names; descriptions never repeat a value. Reasons:
//   MALFORMED_JSON  not JSON: bad syntax or UTF-8, byte order mark, lone
//                   surrogate, anything after the document. Stands alone, on
//                   `root`, or on "body" where that is empty.
//   DEPTH           more than 100 levels of arrays and objects.
//   UNKNOWN_FIELD   no such field; a near name is suggested.
//   DUPLICATE_KEY   a member given twice, also as `legal_name` and `legalName`.
//   ONEOF           two members of one oneof.
//   WRONG_TYPE      another type than the field's.
//   OUT_OF_RANGE    a number, time or duration beyond what the field can hold.
//   UNKNOWN_ENUM    no such name in the enum, or no such number.
//   INVALID_VALUE   text that is not of the field's form (time, base64, mask,
//                   type of an Any).
//   NUL             a text or a key with U+0000.
// After a violation the content of `into` is undefined.
//
// Thread-safe; each thread keeps a parser.
void ReadJson(absl::string_view text, google::protobuf::Message& into,
              const JsonReadOptions& options, status::Violations& violations);

// The same; INVALID_ARGUMENT with all violations.
absl::Status ReadJson(absl::string_view text, google::protobuf::Message& into,
                      const JsonReadOptions& options = {});

}  // namespace mostove::transcoding
