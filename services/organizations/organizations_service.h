// The organizations service: organizations of the network and what they do
// where. All of its RPCs are standard methods; what is particular stands in
// organization_rules and activity_rules.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "libs/resource/validate.h"
#include "libs/rpc/service_table.h"
#include "libs/store/store.h"

namespace mostove::organizations {

struct ServiceOptions {
  sql::Database* database = nullptr;      // outlives the service
  telemetry::Metrics* metrics = nullptr;  // may be null
};

class Service {
 public:
  // Migrates the database, compares it with the protos and binds the table.
  static absl::StatusOr<std::unique_ptr<Service>> Open(const ServiceOptions& options);

  const rpc::ServiceTable& table() const { return *table_; }
  const store::Store& store() const { return *store_; }

 private:
  Service() = default;
  resource::TypeChecks checks_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<const rpc::ServiceTable> table_;
};

}  // namespace mostove::organizations
