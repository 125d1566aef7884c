// References to other resources: which fields hold them, what they are worth,
// and who knows the resources of other services.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "libs/call/call.h"
#include "libs/resource/type.h"

namespace mostove::store {

// One name that a resource holds.
struct Reference {
  const google::protobuf::FieldDescriptor* field = nullptr;
  std::string path;  // "parties[2].organization"
  std::string name;

  const std::string& type() const;           // "organizations.mostove.bg/Organization", "*" for any
  resource::v1::OnDelete on_delete() const;  // KEEP where nothing is said
  // REFUSE or END: the store keeps it right when the target goes.
  bool guarded() const { return on_delete() != resource::v1::KEEP; }
  // The same name in the same field, wherever in a list it stands.
  bool Same(const Reference& other) const { return field == other.field && name == other.name; }
};

// Every text field annotated google.api.resource_reference that is set, at any
// depth; the resource's own name is none. Texts in maps are not looked at.
std::vector<Reference> ReferencesOf(const google::protobuf::Message& resource);

// Those of `after` that `before` (may be null) does not hold.
std::vector<Reference> AddedReferences(const google::protobuf::Message* before,
                                       const google::protobuf::Message& after);

// A field that may hold references, as the descriptor tells it.
struct ReferenceField {
  const google::protobuf::FieldDescriptor* field;
  std::string path;  // "parties.organization"
  std::string target;
  resource::v1::OnDelete on_delete;
  // With END: from the resource down to the google.type.Date that ends it.
  std::vector<const google::protobuf::FieldDescriptor*> end;
};

// The reference fields of a resource type, at any depth. Fails with a sentence
// that names message and field for END without an end_field that is a
// google.type.Date, and for an end_field without END.
absl::StatusOr<std::vector<ReferenceField>> ReferenceFieldsOf(
    const google::protobuf::Descriptor* resource);

// Resources that refer to another one.
struct Referrers {
  std::vector<std::string> names;  // those that the caller may see
  bool more = false;               // there are others

  bool empty() const { return names.empty() && !more; }
};
inline constexpr int kReferrersMax = 100;

// Knows the resources of other services. Safe for all threads.
class ReferenceSource {
 public:
  virtual ~ReferenceSource() = default;
  // Of whatever service; null where there is none.
  virtual const resource::Type* ByType(absl::string_view type) const = 0;
  virtual const resource::Type* ByName(absl::string_view name) const = 0;
  // Which of the names are no living resources that the caller may see.
  // UNAVAILABLE if a service that has to be asked is away.
  virtual absl::StatusOr<std::vector<std::string>> Missing(
      const call::Call& call, const std::vector<std::string>& names) = 0;
  // The next question about these names goes to their services.
  virtual void Forget(const std::vector<std::string>& names) = 0;
  // The resources of other services that refuse that this one is deleted.
  // UNAVAILABLE if a service that has to be asked is away.
  virtual absl::StatusOr<Referrers> Refusing(const call::Call& call, const resource::Type& type,
                                             absl::string_view name) = 0;
};

}  // namespace mostove::store
