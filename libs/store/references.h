// References to other resources inside a message.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/message.h"

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

}  // namespace mostove::store
