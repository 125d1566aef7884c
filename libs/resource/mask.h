// Field masks of updates (AIP-134, AIP-161).
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"
#include "libs/status/status.h"

namespace mostove::resource {

// A checked mask: paths of fields from the resource down.
class Mask {
 public:
  // An empty mask means the fields that are set in `patch`; "*" all fields.
  // Paths may use proto or JSON names and go into singular message fields and
  // into map values by key ("display_name.texts.bg", keys with other than
  // [a-zA-Z0-9_-] in backquotes). Violations on `field` (e.g. "update_mask")
  // for what is no path, goes through a repeated field, or names an OUTPUT_ONLY
  // or IDENTIFIER field; those are passed over where "*" or an empty mask
  // brought them. IMMUTABLE is checked by Apply.
  static Mask Build(const google::protobuf::FieldMask& mask, absl::string_view field,
                    const google::protobuf::Message& patch, status::Violations& violations);

  // Copies what the mask names from `patch` into `target`: set ones replace,
  // unset ones clear. Of repeated messages an item that is equal to one of the
  // target but for OUTPUT_ONLY fields keeps that one's. A message that comes into being only to be
  // empty is left unset. Violation IMMUTABLE (with path under `root`) where an IMMUTABLE field
  // would change. OUTPUT_ONLY fields inside copied messages keep the target's value.
  void Apply(const google::protobuf::Message& patch, google::protobuf::Message& target,
             absl::string_view root, status::Violations& violations) const;

  // True if the path (proto names) or anything under or above it is named.
  bool Touches(absl::string_view path) const;

 private:
  struct Step {
    const google::protobuf::FieldDescriptor* field;
    std::string key;  // of a map
    bool has_key = false;
  };
  friend class MaskWalk;

  // What is wrong with the path; "" when it was taken apart into `steps`.
  static std::string ParsePath(const google::protobuf::Descriptor* descriptor,
                               absl::string_view path, std::vector<Step>& steps);
  void DropCovered();

  std::vector<std::vector<Step>> paths_;
};

// Clears every OUTPUT_ONLY and IDENTIFIER field, at any depth: what a create
// ignores.
void ClearOutputOnly(google::protobuf::Message& message);

}  // namespace mostove::resource
