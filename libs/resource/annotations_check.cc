#include "libs/resource/annotations_check.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "libs/resource/fields.h"
#include "libs/resource/type.h"
#include "libs/status/macros.h"
#include "re2/re2.h"

namespace mostove::resource {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

absl::Status Fault(const FieldDescriptor* field, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(field->full_name(), ": ", what));
}

// What the values of a field are: for a map the field of its values.
const FieldDescriptor* ValueField(const FieldDescriptor* field) {
  return field->is_map() ? field->message_type()->map_value() : field;
}

bool IsNumber(const FieldDescriptor* value) {
  switch (value->cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
    case FieldDescriptor::CPPTYPE_ENUM:
    case FieldDescriptor::CPPTYPE_STRING:
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return false;
    default:
      return true;
  }
}

absl::Status CheckPattern(const FieldDescriptor* field, const v1::Limits& limits) {
  if (limits.pattern().empty()) {
    if (!limits.pattern_hint().empty()) return Fault(field, "limits have a hint, but no pattern");
    return absl::OkStatus();
  }
  const RE2 pattern(limits.pattern(), RE2::Quiet);
  if (!pattern.ok()) {
    return Fault(field, absl::StrCat("pattern does not compile: ", pattern.error()));
  }
  if (limits.pattern_hint().empty()) {
    return Fault(field, "a pattern asks for a pattern_hint that says it in words");
  }
  return absl::OkStatus();
}

absl::Status CheckEndOf(const FieldDescriptor* field, const v1::Limits& limits) {
  if (limits.end_of().empty()) return absl::OkStatus();
  const Descriptor* const type = field->is_repeated() ? nullptr : field->message_type();
  if (type == nullptr || (type->full_name() != "google.type.Date" &&
                          type->full_name() != "google.protobuf.Timestamp")) {
    return Fault(field, "end_of stands on a field that is neither a Date nor a Timestamp");
  }
  const FieldDescriptor* const start = field->containing_type()->FindFieldByName(limits.end_of());
  if (start == nullptr || start->is_repeated() || start->message_type() != type) {
    return Fault(field, absl::StrCat("end_of names \"", limits.end_of(),
                                     "\", which is no field of the same type beside it"));
  }
  return absl::OkStatus();
}

absl::Status CheckLimits(const FieldDescriptor* field) {
  if (!field->options().HasExtension(v1::limits)) return absl::OkStatus();
  const v1::Limits& limits = field->options().GetExtension(v1::limits);
  const FieldDescriptor* const value = ValueField(field);
  const bool text_limits = limits.min_length() > 0 || !limits.pattern().empty();
  const bool has_length = value->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
  if (text_limits && value->type() != FieldDescriptor::TYPE_STRING) {
    return Fault(field, "limits of text on a field that is no text");
  }
  if (limits.max_length() > 0 && !has_length) {
    return Fault(field, "max_length on a field that is neither text nor bytes");
  }
  const bool item_limits =
      limits.min_items() > 0 || limits.max_items() > 0 || limits.unique_items();
  if (item_limits && !field->is_repeated()) {
    return Fault(field, "limits of items on a field that is not repeated");
  }
  if (limits.unique_items() && field->is_map()) {
    return Fault(field, "unique_items on a map, whose keys are unique anyway");
  }
  if ((limits.has_minimum() || limits.has_maximum()) && !IsNumber(value)) {
    return Fault(field, "minimum or maximum on a field that is no number");
  }
  if ((limits.max_length() > 0 && limits.min_length() > limits.max_length()) ||
      (limits.max_items() > 0 && limits.min_items() > limits.max_items()) ||
      (limits.has_minimum() && limits.has_maximum() && limits.minimum() > limits.maximum())) {
    return Fault(field, "a lower limit is above the upper one");
  }
  RETURN_IF_ERROR(CheckEndOf(field, limits));
  return CheckPattern(field, limits);
}

absl::Status CheckVisibility(const FieldDescriptor* field) {
  const auto& options = field->options();
  const bool personal = options.GetExtension(v1::personal);
  if (personal && options.GetExtension(v1::visibility) > v1::OWNER) {
    return Fault(field, "personal data cannot have a visibility wider than OWNER");
  }
  const std::string& published_by = options.GetExtension(v1::published_by);
  if (published_by.empty()) return absl::OkStatus();
  if (personal) return Fault(field, "personal data cannot be published");
  if (field->message_type() == nullptr || field->is_repeated()) {
    return Fault(field, "published_by stands on a field that is no singular message");
  }
  const FieldDescriptor* const by = field->message_type()->FindFieldByName(published_by);
  if (by == nullptr || by->is_repeated() || by->type() != FieldDescriptor::TYPE_BOOL) {
    return Fault(
        field, absl::StrCat("published_by names \"", published_by, "\", which is no bool field of ",
                            field->message_type()->full_name()));
  }
  return absl::OkStatus();
}

// Where zero cannot be told from unset, REQUIRED would refuse zero.
absl::Status CheckRequired(const FieldDescriptor* field) {
  const bool plain_number = !field->is_repeated() && !field->has_presence() &&
                            (IsNumber(field) || field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL);
  if (plain_number && HasBehavior(field, google::api::REQUIRED)) {
    return Fault(
        field, "a REQUIRED number or bool has to be optional, so that 0 and false count as given");
  }
  return absl::OkStatus();
}

absl::Status CheckFields(const Descriptor* descriptor, bool top,
                         absl::flat_hash_set<const Descriptor*>& seen) {
  if (!seen.insert(descriptor).second) return absl::OkStatus();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* const field = descriptor->field(i);
    const auto& options = field->options();
    if (!top && options.ExtensionSize(v1::column) > 0) {
      return Fault(field, "a column is annotated on the field of the resource, with a path");
    }
    if (!top && options.HasExtension(v1::published_by)) {
      return Fault(field, "published_by only works on a field of the resource itself");
    }
    RETURN_IF_ERROR(CheckLimits(field));
    RETURN_IF_ERROR(CheckVisibility(field));
    RETURN_IF_ERROR(CheckRequired(field));
    const Descriptor* const inner = MessageTypeOf(field);
    // A resource within a resource is checked as a type of its own.
    if (inner == nullptr || IsValueType(inner) || IsResource(inner)) continue;
    RETURN_IF_ERROR(CheckFields(inner, false, seen));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckAnnotations(const Descriptor* resource) {
  absl::flat_hash_set<const Descriptor*> seen;
  return CheckFields(resource, true, seen);
}

}  // namespace mostove::resource
