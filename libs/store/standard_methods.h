// The standard methods of every collection, bound to a service's RPCs by their
// names and the fields of their messages (AIP-131 to 135, 164, 231, 233).
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "libs/call/method.h"
#include "libs/store/store.h"

namespace mostove::store {

// One function for each RPC of the service that is a standard method of a
// resource in the store: Get, List, Create, Update, Delete, Undelete, BatchGet
// and BatchCreate with the resource's name after it, and ListHistory,
// ListChanges, CheckReferences and ListReferrers. Others are the service's own. Fails with a
// sentence when such an RPC lacks a field that its method needs.
absl::StatusOr<std::vector<call::UnaryMethod>> StandardMethods(
    const google::protobuf::ServiceDescriptor* service, const Store& store);

}  // namespace mostove::store
