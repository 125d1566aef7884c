// The comments of the protos, which the descriptors in a program lack.
#pragma once

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace mostove::openapi {

// Immutable, thread-safe. Texts are Markdown: lines are joined to paragraphs, and names of fields
// in backquotes are written as JSON writes them.
class Comments {
 public:
  // A serialized FileDescriptorSet that was made with --include_source_info. INTERNAL if it is not.
  static absl::StatusOr<Comments> Read(absl::string_view descriptor_set);
  // Those of the protos of this project, which are linked in. About 10 ms.
  static absl::StatusOr<Comments> OfThisProject();

  // What stands before a message, field, enum, service or method; "" if nothing does. Valid as long
  // as the comments.
  template <class Descriptor>
  absl::string_view Of(const Descriptor& descriptor) const {
    return Find(descriptor.full_name());
  }
  // Of an enum's value.
  absl::string_view Of(const google::protobuf::EnumValueDescriptor& value) const {
    return Find(value.type()->full_name() + "." + value.name());
  }

 private:
  absl::string_view Find(const std::string& name) const;

  // By full name; values of enums below their enum.
  absl::flat_hash_map<std::string, std::string> texts_;
};

}  // namespace mostove::openapi
