#include "libs/service/host.h"

#include <utility>

#include "libs/service/directory.h"
#include "libs/status/macros.h"
#include "libs/telemetry/metrics.h"

namespace mostove::service {

absl::Status Host::OpenService(HostOptions& options, Definition definition) {
  std::vector<std::string> all;
  for (const DirectoryEntry& entry : Directory()) all.push_back(entry.service->full_name());
  ASSIGN_OR_RETURN(auto references, references::References::Make({.service = definition.service,
                                                                  .services = std::move(all),
                                                                  .peers = &peers_,
                                                                  .metrics = options.metrics}));
  ASSIGN_OR_RETURN(auto database, options.open_database(definition.name));
  ASSIGN_OR_RETURN(auto service,
                   Service::Open(std::move(definition), {.database = database.get(),
                                                         .metrics = options.metrics,
                                                         .references = references.get()}));
  RETURN_IF_ERROR(references->Open(service->store()));
  databases_.push_back(std::move(database));
  references_.push_back(std::move(references));
  services_.push_back(std::move(service));
  return absl::OkStatus();
}

void Host::StartWork(const HostOptions& options) {
  std::vector<const rpc::ServiceTable*> tables;
  std::vector<const store::Store*> stores;
  for (const auto& service : services_) {
    tables.push_back(&service->table());
    stores.push_back(&service->store());
  }
  pool_ = rpc::WorkerPool::Start(options.workers);
  peer_pool_ = rpc::WorkerPool::Start(options.peer_workers);
  invoker_ = rpc::MakeLocalInvoker(tables, pool_.get());
  peer_invoker_ = rpc::MakeLocalInvoker(tables, peer_pool_.get());
  for (rpc::Invoker* invoker : options.elsewhere) peers_.Add(invoker);
  peers_.Add(peer_invoker_.get());
  for (const auto& references : references_) references->Start();
  maintenance_ = std::make_unique<store::Maintenance>(stores);
}

absl::StatusOr<std::unique_ptr<Host>> Host::Open(HostOptions options) {
  std::unique_ptr<Host> host(new Host());
  for (Definition& definition : options.definitions) {
    RETURN_IF_ERROR(host->OpenService(options, std::move(definition)));
  }
  host->StartWork(options);
  if (options.metrics != nullptr) {
    options.metrics->Gauge("mostove_worker_queue_length", "Calls that wait for a thread.",
                           [pool = host->pool_.get()] { return double(pool->queued()); });
  }
  return host;
}

// Threads end before what they use.
Host::~Host() {
  for (const auto& references : references_) references->Stop();
  maintenance_.reset();
  pool_.reset();
  peer_pool_.reset();
}

}  // namespace mostove::service
