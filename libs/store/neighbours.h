// What the other resources of a service say to one that is being written.
//
// Handed to Rules::settle, which runs twice for a create: before the
// transaction, so that every fault is told at once, and inside it, where what
// was found is locked until the commit.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/call/call.h"
#include "libs/call/method.h"
#include "libs/sql/sql.h"
#include "libs/store/row.h"

namespace mostove::store {

class Store;

class Neighbours {
 public:
  Neighbours(const Store& store, const call::Call& call, sql::Connection& connection, bool lock)
      : store_(store), call_(call), connection_(connection), lock_(lock) {}

  // The living resource of that name; none where there is none. In the
  // transaction it stays as it is until the commit; before it, only what the
  // caller sees is found, so that no violation tells of what is hidden. By the
  // transaction the references that the write adds have been checked, and a rule
  // holds for those that stood there whoever writes.
  template <class Resource>
  absl::StatusOr<std::optional<Resource>> Find(absl::string_view name) const {
    return Typed<Resource>(Find(Resource::descriptor(), name, Lock::kShare));
  }

  // As Find, and others who hold the same resource wait: for what is true of all
  // that belong to it together, such as a sum.
  template <class Resource>
  absl::StatusOr<std::optional<Resource>> Hold(absl::string_view name) const {
    return Typed<Resource>(Find(Resource::descriptor(), name, Lock::kUpdate));
  }

  // The living resources whose column of that path ("parent_grant") has the
  // value, whoever sees them: what they say is not to be told to the caller. "parent" stands for
  // the name of the parent. RESOURCE_EXHAUSTED when there are more than 10,000.
  template <class Resource>
  absl::StatusOr<std::vector<Resource>> With(absl::string_view path,
                                             const std::string& value) const {
    auto found = With(Resource::descriptor(), path, value);
    if (!found.ok()) return std::move(found).status();
    std::vector<Resource> resources;
    resources.reserve(found->size());
    for (call::MessagePtr& message : *found) {
      resources.push_back(std::move(static_cast<Resource&>(*message)));
    }
    return resources;
  }

 private:
  template <class Resource>
  static absl::StatusOr<std::optional<Resource>> Typed(absl::StatusOr<call::MessagePtr> found) {
    if (!found.ok()) return std::move(found).status();
    if (*found == nullptr) return std::nullopt;
    return std::move(static_cast<Resource&>(**found));
  }

  absl::StatusOr<call::MessagePtr> Find(const google::protobuf::Descriptor* descriptor,
                                        absl::string_view name, Lock lock) const;
  absl::StatusOr<std::vector<call::MessagePtr>> With(const google::protobuf::Descriptor* descriptor,
                                                     absl::string_view path,
                                                     const std::string& value) const;

  const Store& store_;
  const call::Call& call_;
  sql::Connection& connection_;
  bool lock_;
};

}  // namespace mostove::store
