#include "libs/service/host.h"

#include <utility>

#include "absl/time/clock.h"
#include "libs/changelog/changelog.h"
#include "libs/service/directory.h"
#include "libs/status/macros.h"
#include "libs/telemetry/metrics.h"

namespace mostove::service {
namespace {

constexpr absl::Duration kCheckTime = absl::Seconds(1);

void AddFigures(const answers::Answers& answers, telemetry::Metrics& metrics) {
  using Figures = answers::Answers::Figures;
  const auto read = [&answers](int64_t Figures::*figure) {
    return [&answers, figure] { return static_cast<double>(answers.figures().*figure); };
  };
  const std::string lookups = "mostove_answers_lookups_total";
  const std::string help = "Reads for which a kept answer was looked for.";
  metrics.CounterFrom(lookups, help, {{"result", "hit"}}, read(&Figures::hits));
  metrics.CounterFrom(lookups, help, {{"result", "miss"}}, read(&Figures::misses));
  metrics.CounterFrom("mostove_answers_shared_total",
                      "Misses that were answered by the read of another caller.", {},
                      read(&Figures::shared));
  metrics.Gauge("mostove_answers_bytes", "What kept answers take.", read(&Figures::bytes));
  metrics.Gauge("mostove_answers_kept", "Answers that are kept.", read(&Figures::answers));
}

void AddFigures(const sql::Figures& figures, const std::string& service,
                telemetry::Metrics& metrics) {
  const auto read = [](const std::atomic<int64_t>& number, double unit) {
    return [&number, unit] { return static_cast<double>(number) * unit; };
  };
  const auto timed = [&](const char* kind, const sql::Timed& one) {
    const telemetry::Metrics::Labels labels = {{"service", service}, {"kind", kind}};
    metrics.CounterFrom("mostove_database_waits_total",
                        "How often an answer of the database, or a connection, was waited for.",
                        labels, read(one.count, 1));
    metrics.CounterFrom("mostove_database_waits_seconds_total", "How long that took in all.",
                        labels, read(one.nanoseconds, 1e-9));
  };
  timed("read", figures.reads);
  timed("change", figures.changes);
  timed("commit", figures.commits);
  timed("connection", figures.connection_waits);
  const auto changes = [&](const char* commit, const std::atomic<int64_t>& number) {
    metrics.CounterFrom("mostove_database_changes_total",
                        "Changes, by whether they were committed with others that waited.",
                        {{"service", service}, {"commit", commit}}, read(number, 1));
  };
  changes("group", figures.grouped_changes);
  changes("separate", figures.separate_changes);
  metrics.CounterFrom("mostove_database_groups_total", "Transactions for changes that waited.",
                      {{"service", service}}, read(figures.groups, 1));
}

std::unique_ptr<rpc::WorkerPool> StartPool(const char* name, rpc::WorkerPoolOptions options,
                                           telemetry::Metrics* metrics) {
  const telemetry::Metrics::Labels labels = {{"pool", name}};
  if (metrics != nullptr) {
    options.wait = &metrics->Histogram("mostove_worker_wait_seconds",
                                       "How long calls waited for a thread.", labels);
  }
  auto pool = rpc::WorkerPool::Start(options);
  if (metrics == nullptr) return pool;
  metrics->Gauge("mostove_worker_queue_length", "Calls that wait for a thread.", labels,
                 [pool = pool.get()] { return static_cast<double>(pool->queued()); });
  metrics->Gauge("mostove_worker_busy", "Threads that run a call.", labels,
                 [pool = pool.get()] { return static_cast<double>(pool->busy()); });
  metrics->Gauge("mostove_worker_threads", "Threads for calls.", labels,
                 [threads = options.threads] { return static_cast<double>(threads); });
  metrics->Gauge("mostove_worker_queue_max", "Calls that may wait for a thread.", labels,
                 [most = options.queue_max] { return static_cast<double>(most); });
  return pool;
}

}  // namespace

absl::Status Host::OpenService(HostOptions& options, Definition definition) {
  std::vector<std::string> all;
  for (const DirectoryEntry& entry : Directory()) all.push_back(entry.service->full_name());
  ASSIGN_OR_RETURN(auto references, references::References::Make({.service = definition.service,
                                                                  .services = std::move(all),
                                                                  .peers = &peers_,
                                                                  .metrics = options.metrics}));
  ASSIGN_OR_RETURN(auto database, options.open_database(definition.name));
  const std::string full_name = definition.service;
  const auto make_worker = std::move(definition.worker);
  ASSIGN_OR_RETURN(auto service, Service::Open(std::move(definition),
                                               {.database = database.get(),
                                                .metrics = options.metrics,
                                                .references = references.get(),
                                                .committed = [waker = waker_.get(), full_name] {
                                                  waker->Written(full_name);
                                                }}));
  RETURN_IF_ERROR(references->Open(service->store()));
  waker_->Add(full_name, &service->tail(), references.get());
  if (options.metrics != nullptr) {
    AddFigures(database->figures(), service->name(), *options.metrics);
  }
  ASSIGN_OR_RETURN(
      auto part,
      privacy::Part::Open({.store = &service->store(), .name = service->name(), .peers = &peers_}));
  privacy_.push_back(std::move(part));
  if (make_worker) {
    ASSIGN_OR_RETURN(auto worker, make_worker(service->store()));
    workers_.push_back(std::move(worker));
  }
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
  pool_ = StartPool("requests", options.workers, options.metrics);
  peer_pool_ = StartPool("services", options.peer_workers, options.metrics);
  if (options.answers_bytes_max > 0) {
    answers_ = std::make_unique<answers::Answers>(options.answers_bytes_max);
  }
  if (identity_ != nullptr) {
    stream_watch_ = std::make_unique<rpc::StreamWatch>([identity = identity_](const auto& caller) {
      return identity->authenticator().CheckStillValid(caller);
    });
  }
  invoker_ = rpc::MakeLocalInvoker(tables, pool_.get(), answers_.get(), stream_watch_.get());
  peer_invoker_ = rpc::MakeLocalInvoker(tables, peer_pool_.get());
  for (rpc::Invoker* invoker : options.elsewhere) peers_.Add(invoker);
  peers_.Add(peer_invoker_.get());
  if (identity_ != nullptr) identity_->Start(&peers_);
  for (const auto& references : references_) references->Start();
  for (const auto& part : privacy_) part->Start();
  for (const auto& worker : workers_) worker->Start();
  for (const auto& service : services_) service->tail().Start();
  waker_->Start();
  maintenance_ = std::make_unique<store::Maintenance>(stores, options.retention.personal);
  std::vector<seal::Sealer::Target> logs;
  for (const auto& service : services_) {
    sql::Database* const database = &service->store().database();
    logs.push_back({service->name(), database, changelog::SealedLog()});
    logs.push_back({service->name(), database, audit::SealedLog(), options.retention.access_log});
  }
  sealer_ = std::make_unique<seal::Sealer>(std::move(logs));
}

absl::StatusOr<std::unique_ptr<Host>> Host::Open(HostOptions options) {
  std::unique_ptr<Host> host(new Host());
  host->identity_ = options.identity;
  ASSIGN_OR_RETURN(host->waker_, Waker::Make(options.redis, options.identity, options.metrics));
  for (Definition& definition : options.definitions) {
    RETURN_IF_ERROR(host->OpenService(options, std::move(definition)));
  }
  host->StartWork(options);
  if (options.metrics != nullptr && host->answers_ != nullptr) {
    AddFigures(*host->answers_, *options.metrics);
  }
  return host;
}

absl::Status Host::Check() const {
  if (identity_ != nullptr) RETURN_IF_ERROR(identity_->Check());
  for (const auto& database : databases_) {
    const absl::Time deadline = absl::Now() + kCheckTime;
    auto reader = database->Read(deadline);
    if (absl::IsDeadlineExceeded(reader.status())) continue;
    RETURN_IF_ERROR(reader.status());
    (*reader)->SetDeadline(deadline);
    RETURN_IF_ERROR((*reader)->Query("SELECT 1", {}, [](const sql::Row&) { return true; }));
  }
  return absl::OkStatus();
}

// Threads end before what they use.
Host::~Host() {
  if (waker_ != nullptr) waker_->Stop();
  if (identity_ != nullptr) identity_->Stop();
  stream_watch_.reset();
  for (const auto& references : references_) references->Stop();
  for (const auto& part : privacy_) part->Stop();
  for (const auto& worker : workers_) worker->Stop();
  for (const auto& service : services_) service->tail().Stop();
  maintenance_.reset();
  pool_.reset();
  peer_pool_.reset();
  for (const auto& service : services_) {
    service->access().CloseWindows(true);
    service->access().Flush();
  }
  sealer_.reset();  // last: it seals what they have written
}

}  // namespace mostove::service
