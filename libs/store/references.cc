#include "libs/store/references.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "google/api/resource.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/type/date.pb.h"
#include "libs/resource/fields.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::store {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

const std::string& TargetOf(const FieldDescriptor* field) {
  return field->options().GetExtension(google::api::resource_reference).type();
}

bool IsReference(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_STRING && !TargetOf(field).empty();
}

resource::v1::OnDelete OnDeleteOf(const FieldDescriptor* field) {
  const auto on_delete = field->options().GetExtension(resource::v1::reference).on_delete();
  return on_delete == resource::v1::ON_DELETE_UNSPECIFIED ? resource::v1::KEEP : on_delete;
}

bool HoldsMessages(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_map();
}

std::string Join(const std::string& prefix, const FieldDescriptor* field) {
  return prefix.empty() ? field->name() : absl::StrCat(prefix, ".", field->name());
}

// Walks only what is set, so a resource without references costs one pass.
void Collect(const Message& message, const std::string& prefix, std::vector<Reference>& found) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool is_reference = IsReference(field);
    if (!is_reference && !HoldsMessages(field)) continue;
    const std::string path = Join(prefix, field);
    if (!field->is_repeated()) {
      if (is_reference) {
        found.push_back({field, path, reflection->GetString(message, field)});
      } else {
        Collect(reflection->GetMessage(message, field), path, found);
      }
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      const std::string item = absl::StrCat(path, "[", i, "]");
      if (is_reference) {
        found.push_back({field, item, reflection->GetRepeatedString(message, field, i)});
      } else {
        Collect(reflection->GetRepeatedMessage(message, field, i), item, found);
      }
    }
  }
}

bool IsSingularDate(const std::vector<const FieldDescriptor*>& path) {
  if (path.empty()) return false;
  for (const FieldDescriptor* field : path) {
    if (field->is_repeated()) return false;
  }
  return path.back()->message_type() == google::type::Date::descriptor();
}

absl::StatusOr<ReferenceField> Describe(const Descriptor* resource, const FieldDescriptor* field,
                                        const std::string& path) {
  ReferenceField described{field, path, TargetOf(field), OnDeleteOf(field), {}};
  const std::string& end_field = field->options().GetExtension(resource::v1::reference).end_field();
  if (described.on_delete == resource::v1::END) {
    described.end = resource::ResolvePath(resource, end_field);
    if (!IsSingularDate(described.end)) {
      return status::Internal(absl::StrCat(
          "the reference ", path, " of ", resource->full_name(),
          " ends the resource, so its end_field has to be the path of a google.type.Date there; '",
          end_field, "' is not"));
    }
  } else if (!end_field.empty()) {
    return status::Internal(absl::StrCat("the reference ", path, " of ", resource->full_name(),
                                         " has an end_field and is not annotated END"));
  }
  return described;
}

absl::Status Describe(const Descriptor* resource, const Descriptor* message,
                      const std::string& prefix, absl::flat_hash_set<const Descriptor*>& on_the_way,
                      std::vector<ReferenceField>& fields) {
  if (!on_the_way.insert(message).second) return absl::OkStatus();
  for (int i = 0; i < message->field_count(); ++i) {
    const FieldDescriptor* field = message->field(i);
    if (IsReference(field)) {
      ASSIGN_OR_RETURN(ReferenceField described, Describe(resource, field, Join(prefix, field)));
      fields.push_back(std::move(described));
    } else if (HoldsMessages(field)) {
      RETURN_IF_ERROR(
          Describe(resource, field->message_type(), Join(prefix, field), on_the_way, fields));
    }
  }
  on_the_way.erase(message);
  return absl::OkStatus();
}

}  // namespace

const std::string& Reference::type() const { return TargetOf(field); }

resource::v1::OnDelete Reference::on_delete() const { return OnDeleteOf(field); }

std::vector<Reference> ReferencesOf(const Message& resource) {
  std::vector<Reference> found;
  Collect(resource, "", found);
  return found;
}

std::vector<Reference> AddedReferences(const Message* before, const Message& after) {
  std::vector<Reference> added = ReferencesOf(after);
  if (before == nullptr || added.empty()) return added;
  const std::vector<Reference> held = ReferencesOf(*before);
  std::erase_if(added, [&](const Reference& reference) {
    return std::any_of(held.begin(), held.end(),
                       [&](const Reference& other) { return other.Same(reference); });
  });
  return added;
}

absl::StatusOr<std::vector<ReferenceField>> ReferenceFieldsOf(const Descriptor* resource) {
  std::vector<ReferenceField> fields;
  absl::flat_hash_set<const Descriptor*> on_the_way;
  RETURN_IF_ERROR(Describe(resource, resource, "", on_the_way, fields));
  return fields;
}

}  // namespace mostove::store
