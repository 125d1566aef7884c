// References to other resources inside a message.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "libs/call/call.h"

namespace mostove::store {

struct Reference {
  std::string path;  // "refugee_leadership.attested_by"
  std::string type;  // "organizations.mostove.bg/Organization", "*" for any
  std::string name;

  bool operator==(const Reference&) const = default;
};

// Every text field annotated google.api.resource_reference that is set, at any
// depth; the resource's own name is none.
std::vector<Reference> ReferencesOf(const google::protobuf::Message& resource);

// Knows the resources of other services.
class ReferenceSource {
 public:
  virtual ~ReferenceSource() = default;
  // Which of the names are no living resources that the caller may see.
  // UNAVAILABLE if a service that has to be asked is away.
  virtual absl::StatusOr<std::vector<std::string>> Missing(
      const call::Call& call, const std::vector<std::string>& names) = 0;
};

}  // namespace mostove::store
