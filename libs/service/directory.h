// The services of this system.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace mostove::service {

struct DirectoryEntry {
  std::string name;  // "funding"
  const google::protobuf::ServiceDescriptor* service;
};

// One for each proto/mostove/NAME/v1/NAME_service.proto, in the order of the names.
const std::vector<DirectoryEntry>& Directory();

}  // namespace mostove::service
