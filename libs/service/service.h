// A service that is open: its store and its table.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/audit/access_log.h"
#include "libs/live/tail.h"
#include "libs/rpc/service_table.h"
#include "libs/service/definition.h"
#include "libs/store/store.h"

namespace mostove::service {

struct ServiceOptions {
  sql::Database* database = nullptr;             // outlives the service
  telemetry::Metrics* metrics = nullptr;         // may be null
  store::ReferenceSource* references = nullptr;  // of other services; may be null; outlives it
  // Called after each of its commits, before the writer is told; must not
  // block. May be empty.
  std::function<void()> committed;
};

class Service {
 public:
  // Migrates the database, compares it with the protos and binds the table.
  static absl::StatusOr<std::unique_ptr<Service>> Open(Definition definition,
                                                       const ServiceOptions& options);

  const std::string& name() const { return name_; }
  const rpc::ServiceTable& table() const { return *table_; }
  const store::Store& store() const { return *store_; }
  audit::AccessLog& access() const { return *access_; }
  // Start it when the service is to be served; Stop it before the service ends.
  live::Tail& tail() const { return *tail_; }

 private:
  Service() = default;
  std::string name_;
  resource::TypeChecks checks_;
  std::unique_ptr<audit::AccessLog> access_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<live::Tail> tail_;
  std::unique_ptr<const rpc::ServiceTable> table_;
};

}  // namespace mostove::service
