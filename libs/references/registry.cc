#include "libs/references/registry.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/api/resource.pb.h"
#include "libs/resource/name.h"
#include "libs/resource/visibility.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::references {
namespace {

using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;
using store::ReferenceField;

constexpr char kAnyType[] = "*";

const MethodDescriptor* UndeleteOf(const ServiceDescriptor& service, const resource::Type& type) {
  std::string name = absl::StrCat("Undelete", type.singular());
  char& first = name[sizeof("Undelete") - 1];
  first = absl::ascii_toupper(static_cast<unsigned char>(first));
  const MethodDescriptor* method = service.FindMethodByName(name);
  const bool usable = method != nullptr && method->input_type()->FindFieldByName("name") &&
                      method->input_type()->FindFieldByName("etag");
  return usable ? method : nullptr;
}

bool IsGuarded(const ReferenceField& reference) {
  return reference.on_delete != resource::v1::KEEP;
}

bool RefersTo(const ReferenceField& reference, absl::string_view type) {
  return reference.target == kAnyType || reference.target == type;
}

absl::Status Lacks(const Service& service, absl::string_view rpc, const std::string& why) {
  return status::Internal(
      absl::StrCat(service.descriptor->full_name(), " needs the RPC ", rpc, ": ", why));
}

}  // namespace

absl::StatusOr<std::unique_ptr<const Registry>> Registry::Build(
    const std::vector<const ServiceDescriptor*>& services) {
  std::unique_ptr<Registry> registry(new Registry());
  for (const ServiceDescriptor* descriptor : services) {
    registry->services_.push_back(std::make_unique<Service>());
    Service& service = *registry->services_.back();
    service.descriptor = descriptor;
    service.check_references = descriptor->FindMethodByName("CheckReferences");
    service.list_referrers = descriptor->FindMethodByName("ListReferrers");
    service.list_changes = descriptor->FindMethodByName("ListChanges");
    RETURN_IF_ERROR(registry->AddTypes(service));
  }
  for (const auto& service : registry->services_) {
    RETURN_IF_ERROR(registry->CheckReferences(*service));
  }
  return registry;
}

absl::Status Registry::AddTypes(Service& service) {
  for (int i = 0; i < service.descriptor->method_count(); ++i) {
    const auto* message = service.descriptor->method(i)->output_type();
    const resource::Type* type = resource::TypeOf(message);
    if (type == nullptr) continue;
    const auto [owner, fresh] =
        owners_.try_emplace(type->type(), Owner{&service, service.types.size()});
    if (!fresh && owner->second.service != &service) {
      return status::Internal(absl::StrCat(
          type->type(), " has two owners: ", owner->second.service->descriptor->full_name(),
          " and ", service.descriptor->full_name()));
    }
    if (!fresh) continue;
    OwnedType owned{type, UndeleteOf(*service.descriptor, *type), {}};
    ASSIGN_OR_RETURN(owned.references, store::ReferenceFieldsOf(message));
    service.types.push_back(std::move(owned));
  }
  return absl::OkStatus();
}

absl::Status Registry::CheckReferences(const Service& holder) const {
  for (const OwnedType& type : holder.types) {
    for (const ReferenceField& reference : type.references) {
      if (reference.target == kAnyType) {
        for (const auto& [target, owner] : owners_) {
          ReferenceField each = reference;
          each.target = target;
          RETURN_IF_ERROR(CheckTarget(holder, type, each));
        }
      } else {
        RETURN_IF_ERROR(CheckTarget(holder, type, reference));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status Registry::CheckTarget(const Service& holder, const OwnedType& type,
                                   const ReferenceField& reference) const {
  const std::string why =
      absl::StrCat("the field ", reference.path, " of ", type.type->descriptor()->full_name(),
                   " refers to ", reference.target);
  const auto found = owners_.find(reference.target);
  if (found == owners_.end()) {
    return status::Internal(absl::StrCat(why, ", which no service owns"));
  }
  const Service& owner = *found->second.service;
  const bool same = &owner == &holder;
  if (!same && owner.check_references == nullptr) return Lacks(owner, "CheckReferences", why);
  if (!IsGuarded(reference)) return absl::OkStatus();
  if (owner.list_changes == nullptr) return Lacks(owner, "ListChanges", why);
  if (reference.on_delete != resource::v1::REFUSE || same) return absl::OkStatus();
  if (holder.list_referrers == nullptr) return Lacks(holder, "ListReferrers", why);
  if (owner.types[found->second.index].undelete == nullptr) {
    return Lacks(owner, "Undelete with name and etag", why);
  }
  return absl::OkStatus();
}

const Service* Registry::Find(const ServiceDescriptor* descriptor) const {
  for (const auto& service : services_) {
    if (service->descriptor == descriptor) return service.get();
  }
  return nullptr;
}

const OwnedType* Registry::Owned(absl::string_view type) const {
  const auto owner = owners_.find(type);
  return owner == owners_.end() ? nullptr : &owner->second.service->types[owner->second.index];
}

const Service* Registry::OwnerOf(absl::string_view type) const {
  const auto owner = owners_.find(type);
  return owner == owners_.end() ? nullptr : owner->second.service;
}

const resource::Type* Registry::ByType(absl::string_view type) const {
  const OwnedType* owned = Owned(type);
  return owned == nullptr ? nullptr : owned->type;
}

const resource::Type* Registry::ByName(absl::string_view name) const {
  for (const auto& service : services_) {
    for (const OwnedType& owned : service->types) {
      if (resource::MatchesName(*owned.type, name)) return owned.type;
    }
  }
  return nullptr;
}

std::vector<const Service*> Registry::Refusing(absl::string_view type) const {
  const auto refuses = [&](const OwnedType& owned) {
    return std::any_of(
        owned.references.begin(), owned.references.end(), [&](const ReferenceField& reference) {
          return reference.on_delete == resource::v1::REFUSE && RefersTo(reference, type);
        });
  };
  std::vector<const Service*> refusing;
  for (const auto& service : services_) {
    if (std::any_of(service->types.begin(), service->types.end(), refuses)) {
      refusing.push_back(service.get());
    }
  }
  return refusing;
}

std::vector<Followed> Registry::FollowedBy(const Service& service) const {
  std::vector<Followed> followed;
  for (const auto& source : services_) {
    const bool own = source.get() == &service;
    Followed from{source.get(), {}, {}};
    for (const OwnedType& target : source->types) {
      bool named = false;  // "*" alone, kept as a record, is not worth a reader
      bool guarded = false;
      for (const OwnedType& holder : service.types) {
        for (const ReferenceField& reference : holder.references) {
          if (!RefersTo(reference, target.type->type())) continue;
          // Of its own the store refuses within the transaction.
          guarded =
              guarded || (own ? reference.on_delete == resource::v1::END : IsGuarded(reference));
          named = named || (!own && reference.target != kAnyType);
        }
      }
      if (guarded) from.guarded.push_back(target.type->type());
      if (guarded || named) from.types.push_back(target.type->type());
    }
    if (!from.types.empty() && source->list_changes != nullptr) followed.push_back(std::move(from));
  }
  return followed;
}

}  // namespace mostove::references
