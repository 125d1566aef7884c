// Resources as they were recorded at a time, from the change log: without what
// is personal, which is not kept there.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "libs/call/method.h"
#include "libs/sql/sql.h"
#include "libs/store/store.h"

namespace mostove::organizations {

// Of one type and below `parent` ("" for top-level types); those that were not
// there then, or deleted, are left out.
absl::StatusOr<std::vector<call::MessagePtr>> ReadAsKnown(
    const store::Store& store, sql::Connection& connection,
    const google::protobuf::Descriptor* descriptor, const std::string& parent, absl::Time known);
// The one of that name; null where it was not there.
absl::StatusOr<call::MessagePtr> ReadOneAsKnown(const store::Store& store,
                                                sql::Connection& connection,
                                                const std::string& name, absl::Time known);

template <class Resource>
absl::StatusOr<std::vector<Resource>> AllAsKnown(const store::Store& store,
                                                 sql::Connection& connection,
                                                 const std::string& parent, absl::Time known) {
  auto found = ReadAsKnown(store, connection, Resource::descriptor(), parent, known);
  if (!found.ok()) return std::move(found).status();
  std::vector<Resource> all;
  for (call::MessagePtr& message : *found) {
    all.push_back(std::move(static_cast<Resource&>(*message)));
  }
  return all;
}

}  // namespace mostove::organizations
