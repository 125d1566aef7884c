#include "libs/resource/visibility.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "google/protobuf/any.pb.h"
#include "libs/resource/fields.h"
#include "libs/resource/name.h"
#include "libs/resource/plan.h"

namespace mostove::resource {

using google::protobuf::Any;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::Reflection;

namespace {

struct TypePlan {
  std::unique_ptr<const Type> type;

  void Build(const Descriptor* descriptor, Plans<TypePlan>::Builder&) {
    if (!IsResource(descriptor)) return;
    auto built = Type::Build(descriptor);
    if (!built.ok()) {
      // Services check their types when they start. To go on without one would
      // show fields that nobody may see.
      std::fprintf(stderr, "%s\n", built.status().ToString().c_str());
      std::abort();
    }
    type = *std::move(built);
  }
};

bool IsAny(const Descriptor* descriptor) {
  return descriptor->full_name() == "google.protobuf.Any";
}

bool HoldsResources(const Descriptor* descriptor) {
  return AnyTypeWithin(descriptor,
                       [](const Descriptor* type) { return IsResource(type) || IsAny(type); });
}

// What a level may not see of messages of one type.
struct RedactLevelPlan {
  struct Publishable {
    const FieldDescriptor* field;
    const FieldDescriptor* published;  // bool inside
  };
  std::vector<const FieldDescriptor*> clear;
  std::vector<Publishable> clear_unless_published;
  // Fields with something narrower, a resource or an Any inside.
  std::vector<const FieldDescriptor*> descend;
};

// Whether a field of a message inside a resource is narrower than `level`;
// without an annotation it is as visible as the message.
bool NarrowsInside(const FieldDescriptor* field, Audience level) {
  const Audience own = field->options().GetExtension(v1::visibility);
  if (own != v1::AUDIENCE_UNSPECIFIED && own < level) return true;
  return field->options().GetExtension(v1::personal) && v1::OWNER < level;
}

bool AnyFieldNarrows(const Descriptor* type, Audience level) {
  for (int i = 0; i < type->field_count(); ++i) {
    if (NarrowsInside(type->field(i), level)) return true;
  }
  return false;
}

bool NeedsDescent(const Descriptor* type, Audience level) {
  return AnyTypeWithin(type, [level](const Descriptor* inner) {
    return IsResource(inner) || IsAny(inner) || AnyFieldNarrows(inner, level);
  });
}

struct RedactPlan {
  const Type* type = nullptr;  // null: no resource
  bool is_any = false;
  // For a message that is no resource and stands in none.
  std::vector<const FieldDescriptor*> outside;
  // For a resource, or a message inside one, by level.
  std::array<RedactLevelPlan, v1::PUBLIC + 1> levels;

  void Build(const Descriptor* descriptor, Plans<RedactPlan>::Builder&) {
    type = TypeOf(descriptor);
    is_any = IsAny(descriptor);
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const FieldDescriptor* const field = descriptor->field(i);
      const Descriptor* const inner = MessageTypeOf(field);
      if (inner != nullptr && HoldsResources(inner)) outside.push_back(field);
      for (int level = v1::OWNER; level <= v1::PUBLIC; ++level) {
        AddField(field, static_cast<Audience>(level));
      }
    }
  }

  void AddField(const FieldDescriptor* field, Audience level) {
    RedactLevelPlan& plan = levels[level];
    const Descriptor* const inner = MessageTypeOf(field);
    const bool hidden =
        type != nullptr ? type->FieldVisibility(field) < level : NarrowsInside(field, level);
    const std::string& by = field->options().GetExtension(v1::published_by);
    const bool publishable = hidden && type != nullptr && !by.empty();
    if (publishable) {
      plan.clear_unless_published.push_back({field, inner->FindFieldByName(by)});
    } else if (hidden) {
      plan.clear.push_back(field);
      return;
    }
    if (inner != nullptr && NeedsDescent(inner, level)) plan.descend.push_back(field);
  }
};

void RedactInside(const call::Caller& caller, Message& message, const RedactPlan& plan,
                  Audience level);
void RedactOutside(const call::Caller& caller, Message& message);

// A resource in an Any that cannot be read is dropped rather than shown.
void RedactAny(const call::Caller& caller, Message& message) {
  auto* any = dynamic_cast<Any*>(&message);
  if (any == nullptr) return;  // of a dynamic pool: not made by a service
  const size_t slash = any->type_url().rfind('/');
  const Descriptor* const inner =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
          any->type_url().substr(slash == std::string::npos ? 0 : slash + 1));
  if (inner == nullptr || !HoldsResources(inner)) return;
  const std::unique_ptr<Message> unpacked(
      MessageFactory::generated_factory()->GetPrototype(inner)->New());
  if (!unpacked->ParseFromString(any->value())) return any->clear_value();
  RedactOutside(caller, *unpacked);
  unpacked->SerializeToString(any->mutable_value());
}

// A message that is a resource or an Any has its own rules wherever it stands.
bool RedactOnItsOwn(const call::Caller& caller, Message& message, const RedactPlan& plan) {
  if (plan.is_any) {
    RedactAny(caller, message);
  } else if (plan.type != nullptr) {
    RedactInside(caller, message, plan, LevelOf(caller, *plan.type, message));
  } else {
    return false;
  }
  return true;
}

void RedactInside(const call::Caller& caller, Message& message, const RedactPlan& plan,
                  Audience level) {
  const Reflection& reflection = *message.GetReflection();
  const RedactLevelPlan& rules = plan.levels[level];
  // Fields of a later version: who may see them is not known here.
  if (!reflection.GetUnknownFields(message).empty()) {
    reflection.MutableUnknownFields(&message)->Clear();
  }
  for (const FieldDescriptor* field : rules.clear) reflection.ClearField(&message, field);
  for (const auto& [field, published] : rules.clear_unless_published) {
    if (!reflection.HasField(message, field)) continue;
    const Message& inner = reflection.GetMessage(message, field);
    if (!inner.GetReflection()->GetBool(inner, published)) reflection.ClearField(&message, field);
  }
  for (const FieldDescriptor* field : rules.descend) {
    ForEachMessage(message, field, [&](Message& inner) {
      const RedactPlan& inner_plan = Plans<RedactPlan>::Of(inner.GetDescriptor());
      if (!RedactOnItsOwn(caller, inner, inner_plan)) {
        RedactInside(caller, inner, inner_plan, level);
      }
    });
  }
}

void RedactOutside(const call::Caller& caller, Message& message) {
  const RedactPlan& plan = Plans<RedactPlan>::Of(message.GetDescriptor());
  if (RedactOnItsOwn(caller, message, plan)) return;
  for (const FieldDescriptor* field : plan.outside) {
    ForEachMessage(message, field, [&](Message& inner) { RedactOutside(caller, inner); });
  }
}

// Calls `each` with every text at the end of an owner path.
template <typename Each>
void ForEachOwner(const std::vector<const FieldDescriptor*>& path, const Message& resource,
                  const Each& each) {
  const Message* message = &resource;
  for (const FieldDescriptor* field : path) {
    const Reflection& reflection = *message->GetReflection();
    if (field->message_type() != nullptr) {
      message = &reflection.GetMessage(*message, field);
      continue;
    }
    std::string scratch;
    if (!field->is_repeated()) {
      return each(reflection.GetStringReference(*message, field, &scratch));
    }
    for (int i = 0; i < reflection.FieldSize(*message, field); ++i) {
      each(reflection.GetRepeatedStringReference(*message, field, i, &scratch));
    }
  }
}

}  // namespace

const Type* TypeOf(const Descriptor* descriptor) {
  return Plans<TypePlan>::Of(descriptor).type.get();
}

std::vector<std::string> OwnersOf(const Type& type, const Message& resource, Audience level) {
  std::vector<std::string> owners;
  for (const auto& path : type.owners()) {
    if (type.FieldVisibility(path.front()) < level) continue;
    ForEachOwner(path, resource, [&owners](absl::string_view name) {
      const absl::string_view owner = OwnerOf(name);
      if (owner.empty()) return;
      if (std::find(owners.begin(), owners.end(), owner) == owners.end()) {
        owners.emplace_back(owner);
      }
    });
  }
  return owners;
}

bool IsOwnedBy(const std::vector<std::string>& owners, const Type& type, const Message& resource) {
  if (owners.empty()) return false;
  bool owned = false;
  for (const auto& path : type.owners()) {
    ForEachOwner(path, resource, [&](absl::string_view name) {
      const absl::string_view owner = OwnerOf(name);
      owned = owned ||
              (!owner.empty() && std::any_of(owners.begin(), owners.end(),
                                             [&](const std::string& own) { return own == owner; }));
    });
  }
  return owned;
}

Audience LevelOf(const call::Caller& caller) {
  if (caller.administrator) return v1::ADMINISTRATOR;
  return caller.network ? v1::NETWORK : v1::PUBLIC;
}

Audience LevelOf(const call::Caller& caller, const Type& type, const Message& resource) {
  const bool owner = !caller.administrator && IsOwnedBy(caller.organizations, type, resource);
  return owner ? v1::OWNER : LevelOf(caller);
}

void Redact(const call::Caller& caller, Message& message) {
  if (caller.administrator) return;  // sees everything
  RedactOutside(caller, message);
}

}  // namespace mostove::resource
