#include "libs/store/references.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "google/api/resource.pb.h"
#include "google/protobuf/descriptor.h"

namespace mostove::store {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Walks only what is set, so a resource without references costs one pass.
void Collect(const Message& message, const std::string& prefix, std::vector<Reference>& found) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const std::string path =
        prefix.empty() ? field->name() : absl::StrCat(prefix, ".", field->name());
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      const std::string& type =
          field->options().GetExtension(google::api::resource_reference).type();
      if (type.empty()) continue;
      if (!field->is_repeated()) {
        found.push_back({path, type, reflection->GetString(message, field)});
        continue;
      }
      for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
        found.push_back({absl::StrCat(path, "[", i, "]"), type,
                         reflection->GetRepeatedString(message, field, i)});
      }
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_map()) {
      if (!field->is_repeated()) {
        Collect(reflection->GetMessage(message, field), path, found);
        continue;
      }
      for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
        Collect(reflection->GetRepeatedMessage(message, field, i), absl::StrCat(path, "[", i, "]"),
                found);
      }
    }
  }
}

}  // namespace

std::vector<Reference> ReferencesOf(const Message& resource) {
  std::vector<Reference> found;
  Collect(resource, "", found);
  return found;
}

}  // namespace mostove::store
