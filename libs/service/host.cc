#include "libs/service/host.h"

#include <utility>

#include "libs/status/macros.h"
#include "libs/telemetry/metrics.h"

namespace mostove::service {

absl::Status Host::OpenServices(HostOptions& options) {
  for (Definition& definition : options.definitions) {
    ASSIGN_OR_RETURN(auto database, options.open_database(definition.name));
    databases_.push_back(std::move(database));
    ASSIGN_OR_RETURN(auto service,
                     Service::Open(std::move(definition), {.database = databases_.back().get(),
                                                           .metrics = options.metrics}));
    services_.push_back(std::move(service));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Host>> Host::Open(HostOptions options) {
  std::unique_ptr<Host> host(new Host());
  RETURN_IF_ERROR(host->OpenServices(options));
  std::vector<const rpc::ServiceTable*> tables;
  std::vector<const store::Store*> stores;
  for (const auto& service : host->services_) {
    tables.push_back(&service->table());
    stores.push_back(&service->store());
  }
  host->pool_ = rpc::WorkerPool::Start(options.workers);
  host->peer_pool_ = rpc::WorkerPool::Start(options.peer_workers);
  host->invoker_ = rpc::MakeLocalInvoker(tables, host->pool_.get());
  host->peer_invoker_ = rpc::MakeLocalInvoker(tables, host->peer_pool_.get());
  for (rpc::Invoker* invoker : options.elsewhere) host->peers_.Add(invoker);
  host->peers_.Add(host->peer_invoker_.get());
  host->maintenance_ = std::make_unique<store::Maintenance>(stores);
  if (options.metrics != nullptr) {
    options.metrics->Gauge("mostove_worker_queue_length", "Calls that wait for a thread.",
                           [pool = host->pool_.get()] { return double(pool->queued()); });
  }
  return host;
}

// Threads end before what they use.
Host::~Host() {
  maintenance_.reset();
  pool_.reset();
  peer_pool_.reset();
}

}  // namespace mostove::service
