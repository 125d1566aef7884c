// What a service is: everything that tells it from the others.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libs/call/method.h"
#include "libs/resource/validate.h"
#include "libs/sql/database.h"
#include "libs/store/store.h"

namespace mostove::service {

// What a service does by itself, on a thread of its own. Start and Stop are called once each, and
// Stop before what it uses ends.
class Worker {
 public:
  virtual ~Worker() = default;
  virtual void Start() = 0;
  virtual void Stop() = 0;
};

struct Definition {
  std::string name;     // "funding": its database, its program mostove-funding
  std::string service;  // "mostove.funding.v1.FundingService"
  std::vector<sql::Migration> migrations;
  std::vector<store::CollectionSpec> collections;  // parents before children
  // Of its resources; those of the shared types (domain::Checks) come with it.
  resource::TypeChecks checks;
  // RPCs that are no standard methods, and those that take the place of one of the
  // same name; may be empty. The store outlives them, and may be written from
  // then on. An error stops the start.
  std::function<absl::StatusOr<std::vector<call::UnaryMethod>>(const store::Store&)> methods;
  // May be empty. Asked after `methods`; the store outlives it.
  std::function<absl::StatusOr<std::unique_ptr<Worker>>(const store::Store&)> worker;
};

// A check that is written for the resource's own type:
//   checks = {service::Check<v1::Activity>(CheckActivity)}
template <class Resource, class Function>
resource::TypeChecks::value_type Check(Function check) {
  return {Resource::descriptor()->full_name(),
          [check](const google::protobuf::Message& message, absl::string_view path,
                  status::Violations& violations) {
            check(static_cast<const Resource&>(message), path, violations);
          }};
}

}  // namespace mostove::service
