#include "libs/audit/shown.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "libs/resource/fields.h"
#include "libs/resource/plan.h"
#include "libs/resource/visibility.h"

namespace mostove::audit {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;
using resource::Plans;
using resource::Type;

bool IsAny(const Descriptor* type) { return type == google::protobuf::Any::descriptor(); }

// Whether a field of a message inside a resource is for owners only.
bool IsPrivateInside(const FieldDescriptor* field) {
  const resource::Audience own = field->options().GetExtension(resource::v1::visibility);
  return field->options().GetExtension(resource::v1::personal) ||
         (own != resource::v1::AUDIENCE_UNSPECIFIED && own < resource::v1::NETWORK);
}

bool HoldsPrivate(const Descriptor* type) {
  return resource::AnyTypeWithin(type, [](const Descriptor* inner) {
    for (int i = 0; i < inner->field_count(); ++i) {
      if (IsPrivateInside(inner->field(i))) return true;
    }
    return false;
  });
}

bool HoldsResources(const Descriptor* type) {
  return resource::AnyTypeWithin(
      type, [](const Descriptor* inner) { return resource::IsResource(inner) || IsAny(inner); });
}

// What to do with a field by its number.
struct Field {
  const Descriptor* enter = nullptr;  // the message in it
  bool is_private = false;
  bool is_personal = false;
  bool is_name = false;
  bool is_owner = false;
  int published = 0;  // the number of a bool inside that makes it public
};

// By number of the field.
struct ShownPlan {
  const Type* type = nullptr;  // null: no resource
  bool is_any = false;
  bool may_show = false;
  std::vector<Field> inside;   // of a resource, or of a message within one
  std::vector<Field> outside;  // of a message that holds resources

  void Build(const Descriptor* descriptor, Plans<ShownPlan>::Builder&) {
    type = resource::TypeOf(descriptor);
    is_any = IsAny(descriptor);
    may_show = HoldsResources(descriptor);
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const FieldDescriptor* field = descriptor->field(i);
      const Descriptor* inner = field->message_type();
      At(inside, field->number()) = InsideOf(field);
      if (inner != nullptr && HoldsResources(inner)) At(outside, field->number()).enter = inner;
    }
  }

  static Field& At(std::vector<Field>& fields, int number) {
    if (fields.size() <= static_cast<size_t>(number)) fields.resize(number + 1);
    return fields[number];
  }

  bool IsStandard(const FieldDescriptor* field) const {
    return field == type->name_field() || field == type->etag_field() ||
           field == type->create_time_field() || field == type->update_time_field() ||
           field == type->delete_time_field();
  }

  Field InsideOf(const FieldDescriptor* field) const {
    Field plan;
    const Descriptor* inner = field->message_type();
    plan.is_personal = field->options().GetExtension(resource::v1::personal);
    plan.is_private = IsPrivateInside(field);
    if (type != nullptr) {
      plan.is_private = !IsStandard(field) && type->FieldVisibility(field) < resource::v1::NETWORK;
      plan.is_name = field == type->name_field();
      // Owners deeper inside are not looked for: no resource has such.
      for (const auto& path : type->owners()) {
        plan.is_owner = plan.is_owner || (path.size() == 1 && path[0] == field);
      }
      const std::string& by = field->options().GetExtension(resource::v1::published_by);
      if (plan.is_private && !by.empty()) plan.published = inner->FindFieldByName(by)->number();
    }
    if (inner != nullptr && !plan.is_personal && HoldsPrivate(inner)) plan.enter = inner;
    return plan;
  }
};

absl::string_view OwnerIn(absl::string_view name) {
  const size_t collection = name.find('/');
  if (collection == absl::string_view::npos) return name;
  return name.substr(0, name.find('/', collection + 1));
}

// What one resource shows.
struct Seen {
  std::string name;
  std::vector<std::string> owners;
  bool is_private = false;
  bool is_personal = false;

  void AddOwner(absl::string_view name_of_owner) {
    const absl::string_view owner = OwnerIn(name_of_owner);
    if (owner.empty()) return;
    if (std::find(owners.begin(), owners.end(), owner) == owners.end()) {
      owners.emplace_back(owner);
    }
  }
};

// Reads the fields of one message and gives each with its plan to `each`, with
// the bytes of texts and messages.
template <class Each>
void ForEachField(const std::vector<Field>& fields, absl::string_view bytes, const Each& each) {
  CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()),
                      static_cast<int>(bytes.size()));
  while (const uint32_t tag = in.ReadTag()) {
    const auto number = static_cast<size_t>(WireFormatLite::GetTagFieldNumber(tag));
    absl::string_view value;
    if (WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      uint32_t length = 0;
      if (!in.ReadVarint32(&length)) return;
      const int at = in.CurrentPosition();
      if (length > bytes.size() - static_cast<size_t>(at)) return;
      value = bytes.substr(at, length);
      in.Skip(static_cast<int>(length));
    } else if (!WireFormatLite::SkipField(&in, tag)) {
      return;
    }
    if (number < fields.size()) each(fields[number], value);
  }
}

bool IsTrue(absl::string_view bytes, int number) {
  bool value = false;
  CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()),
                      static_cast<int>(bytes.size()));
  while (const uint32_t tag = in.ReadTag()) {
    uint64_t found = 0;
    if (tag == WireFormatLite::MakeTag(number, WireFormatLite::WIRETYPE_VARINT)) {
      if (!in.ReadVarint64(&found)) return false;
      value = found != 0;
    } else if (!WireFormatLite::SkipField(&in, tag)) {
      return false;
    }
  }
  return value;
}

class Scan {
 public:
  explicit Scan(const call::Caller& caller)
      : caller_(caller),
        is_program_(caller.service || absl::StartsWith(caller.name, "services/")) {}

  void Outside(const Descriptor* type, absl::string_view bytes, bool alone) {
    const ShownPlan& plan = Plans<ShownPlan>::Of(type);
    if (plan.is_any) return InAny(bytes);
    if (plan.type != nullptr) {
      Seen seen;
      Inside(plan, bytes, seen);
      return Add(std::move(seen), alone);
    }
    ForEachField(plan.outside, bytes, [&](const Field& field, absl::string_view value) {
      if (field.enter != nullptr) Outside(field.enter, value, false);
    });
  }

  std::vector<call::Shown> Take() { return std::move(shown_); }

 private:
  void InAny(absl::string_view bytes) {
    google::protobuf::Any any;
    if (!any.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
    const absl::string_view url = any.type_url();
    const size_t slash = url.rfind('/');
    const Descriptor* type =
        google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
            std::string(url.substr(slash == absl::string_view::npos ? 0 : slash + 1)));
    if (type != nullptr && HoldsResources(type)) Outside(type, any.value(), false);
  }

  void Inside(const ShownPlan& plan, absl::string_view bytes, Seen& seen) {
    ForEachField(plan.inside, bytes, [&](const Field& field, absl::string_view value) {
      if (field.is_name) seen.name = std::string(value);
      if (field.is_owner) seen.AddOwner(value);
      if (field.published == 0 || !IsTrue(value, field.published)) {
        seen.is_private = seen.is_private || field.is_private;
      }
      seen.is_personal = seen.is_personal || field.is_personal;
      if (field.enter == nullptr) return;
      const ShownPlan& inner = Plans<ShownPlan>::Of(field.enter);
      if (inner.type != nullptr || inner.is_any) return Outside(field.enter, value, false);
      Inside(inner, value, seen);
    });
  }

  bool IsOwn(const std::string& owner) const {
    return std::find(caller_.organizations.begin(), caller_.organizations.end(), owner) !=
           caller_.organizations.end();
  }

  void Add(Seen seen, bool alone) {
    if (!seen.is_private && !seen.is_personal) return;
    if (seen.owners.empty()) seen.owners.emplace_back();
    for (std::string& owner : seen.owners) {
      if (!seen.is_personal && (is_program_ || IsOwn(owner))) continue;
      call::Shown one = {alone ? seen.name : "", std::move(owner), seen.is_personal};
      if (std::find(shown_.begin(), shown_.end(), one) == shown_.end()) {
        shown_.push_back(std::move(one));
      }
    }
  }

  const call::Caller& caller_;
  const bool is_program_;
  std::vector<call::Shown> shown_;
};

}  // namespace

bool MayShow(const call::Caller& caller, const Descriptor* type) {
  const bool sees_more = caller.administrator || !caller.organizations.empty();
  return sees_more && Plans<ShownPlan>::Of(type).may_show;
}

std::vector<call::Shown> ShownIn(const call::Caller& caller, const Descriptor* type,
                                 absl::string_view bytes) {
  Scan scan(caller);
  scan.Outside(type, bytes, true);
  return scan.Take();
}

}  // namespace mostove::audit
