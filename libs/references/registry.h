// Which service owns which types, and whose resources refer to whose: all from
// the descriptors.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "libs/resource/type.h"
#include "libs/store/references.h"

namespace mostove::references {

struct OwnedType {
  const resource::Type* type;
  // The RPC that takes one back from deletion; null if there is none.
  const google::protobuf::MethodDescriptor* undelete = nullptr;
  std::vector<store::ReferenceField> references;  // that it holds
};

struct Service {
  const google::protobuf::ServiceDescriptor* descriptor;
  std::vector<OwnedType> types;
  // The RPCs by which services ask each other; null where it has none.
  const google::protobuf::MethodDescriptor* check_references = nullptr;
  const google::protobuf::MethodDescriptor* list_referrers = nullptr;
  const google::protobuf::MethodDescriptor* list_changes = nullptr;
};

// Types of one service that another one's resources refer to.
struct Followed {
  const Service* source;
  std::vector<std::string> types;    // all of them
  std::vector<std::string> guarded;  // those referred to with REFUSE or END
};

// Immutable; for every thread.
class Registry {
 public:
  // A service owns the resource types that its RPCs answer with. Fails with a
  // sentence for a type with two owners, a reference to a type that nobody
  // owns, a wrong END annotation, or an RPC that a reference needs and its
  // service lacks.
  static absl::StatusOr<std::unique_ptr<const Registry>> Build(
      const std::vector<const google::protobuf::ServiceDescriptor*>& services);

  const Service* Find(const google::protobuf::ServiceDescriptor* descriptor) const;
  // Null where there is none.
  const resource::Type* ByType(absl::string_view type) const;
  const resource::Type* ByName(absl::string_view name) const;
  const Service* OwnerOf(absl::string_view type) const;
  const OwnedType* Owned(absl::string_view type) const;

  // Services with resources that refuse the deletion of those of the type.
  std::vector<const Service*> Refusing(absl::string_view type) const;
  // Whose logs tell the service what it has to know. Of its own log that is
  // what ends its own resources.
  std::vector<Followed> FollowedBy(const Service& service) const;

 private:
  Registry() = default;
  absl::Status AddTypes(Service& service);
  absl::Status CheckReferences(const Service& holder) const;
  absl::Status CheckTarget(const Service& holder, const OwnedType& type,
                           const store::ReferenceField& reference) const;

  struct Owner {
    const Service* service;
    size_t index;
  };
  std::vector<std::unique_ptr<Service>> services_;
  absl::flat_hash_map<std::string, Owner> owners_;  // by type
};

}  // namespace mostove::references
