// mostove-all: every service and the gateway in one process, on SQLite files.

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/config/settings.h"
#include "libs/http/endpoint.h"
#include "libs/rpc/grpc_server.h"
#include "libs/rpc/health.h"
#include "libs/rpc/invoker.h"
#include "libs/sql/database.h"
#include "libs/status/macros.h"
#include "libs/store/maintenance.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"
#include "services/gateway/gateway.h"
#include "services/gateway/guard.h"
#include "services/organizations/organizations_service.h"

namespace mostove {
namespace {

struct Options {
  std::string http = "127.0.0.1:8080";
  std::string grpc = "127.0.0.1:9090";
  std::string data;
  std::string log_level = "info";
  int worker_threads = 64;
  int worker_queue_max = 1024;
  int http_loop_threads = 1;
  absl::Duration drain_time = absl::Seconds(20);
};

std::string DefaultDataFolder() {
  const char* home = std::getenv("HOME");
  return absl::StrCat(home == nullptr ? "." : home, "/.local/share/mostove");
}

absl::StatusOr<std::unique_ptr<sql::Database>> OpenDatabase(const Options& options,
                                                            const std::string& service) {
  std::error_code error;
  std::filesystem::create_directories(options.data, error);
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("the data folder ", options.data, " cannot be made: ", error.message()));
  }
  // One for every thread that reads, so that no network thread ever waits for one.
  return sql::Database::Open(
      {.url = absl::StrCat("sqlite:", options.data, "/", service, ".db"),
       .readers_max = options.worker_threads + options.http_loop_threads + 2});
}

// Blocks until the process is asked to end.
void WaitForEnd(const sigset_t& signals) {
  int signal = 0;
  sigwait(&signals, &signal);
  telemetry::Log(telemetry::Level::kInfo, "stopping", {{"signal", int64_t{signal}}});
}

absl::Status CheckAddresses(const Options& options) {
  ASSIGN_OR_RETURN(const http::Endpoint grpc, http::ParseEndpoint(options.grpc));
  return gateway::CheckListenAddress(grpc);
}

// With the port that port 0 became.
std::string GrpcAddress(const Options& options, const rpc::GrpcServer& server) {
  return absl::StrCat(options.grpc.substr(0, options.grpc.rfind(':')), ":", server.port());
}

telemetry::Level LevelOf(const std::string& name) {
  if (name == "debug") return telemetry::Level::kDebug;
  if (name == "warning") return telemetry::Level::kWarning;
  return name == "error" ? telemetry::Level::kError : telemetry::Level::kInfo;
}

absl::Status Run(const Options& options, const sigset_t& signals) {
  RETURN_IF_ERROR(CheckAddresses(options));
  const auto metrics = telemetry::Metrics::Make();
  ASSIGN_OR_RETURN(const auto organizations_database, OpenDatabase(options, "organizations"));
  ASSIGN_OR_RETURN(const auto organizations,
                   organizations::Service::Open(
                       {.database = organizations_database.get(), .metrics = metrics.get()}));
  const store::Maintenance maintenance({&organizations->store()});

  const auto pool = rpc::WorkerPool::Start(
      {.threads = options.worker_threads, .queue_max = options.worker_queue_max});
  metrics->Gauge("mostove_worker_queue_length", "Calls that wait for a thread.",
                 [&] { return static_cast<double>(pool->queued()); });
  rpc::Health health;
  const auto health_table = health.Table(metrics.get());
  const auto invoker = rpc::MakeLocalInvoker({&organizations->table()}, pool.get());

  ASSIGN_OR_RETURN(const auto grpc,
                   rpc::GrpcServer::Start({.tables = {&organizations->table(), health_table.get()},
                                           .address = options.grpc,
                                           .pool = pool.get(),
                                           .caller_of = [](const rpc::MetadataReader&) {
                                             return call::LocalAdministrator();
                                           }}));
  ASSIGN_OR_RETURN(
      const auto gateway,
      gateway::Gateway::Start(
          {.address = options.http, .loop_threads = options.http_loop_threads}, {invoker.get()},
          [](const http::Request&) { return call::LocalAdministrator(); }, metrics.get(),
          [] { return absl::OkStatus(); }));
  metrics->Gauge("mostove_http_connections", "Open HTTP connections.",
                 [&] { return static_cast<double>(gateway->connections()); });
  const std::string http_address = gateway->endpoint().ToString();
  const std::string grpc_address = GrpcAddress(options, *grpc);
  telemetry::Log(telemetry::Level::kInfo, "ready",
                 {{"http", http_address}, {"grpc", grpc_address}, {"data", options.data}});

  health.SetServing("", true);
  health.SetServing(organizations->table().descriptor()->full_name(), true);
  WaitForEnd(signals);
  health.SetNothingServing();
  // A call that hangs does not keep the process: SIGALRM ends it.
  alarm(static_cast<unsigned>(absl::ToInt64Seconds(2 * options.drain_time)) + 10);
  gateway->Stop(options.drain_time);
  grpc->Drain(options.drain_time);
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  Options options;
  options.data = DefaultDataFolder();
  config::Settings settings("mostove-all",
                            "Every service and the gateway in one process, on SQLite files.");
  settings.Add("http", &options.http, "Where to serve REST; loopback only until there are users.");
  settings.Add("grpc", &options.grpc, "Where to serve gRPC; loopback only until there are users.");
  settings.Add("data", &options.data, "Folder of the databases.");
  settings.Add("log.level", &options.log_level, "debug, info, warning or error.");
  settings.Add("workers.threads", &options.worker_threads,
               "Threads for calls; most of them wait for a commit.", config::Between(1, 1000));
  settings.Add("workers.queue_max", &options.worker_queue_max,
               "Calls that may wait for a thread; more are refused.", config::Between(1, 100000));
  settings.Add("http_server.loop_threads", &options.http_loop_threads, "Threads of the network.",
               config::Between(1, 64));
  settings.Add("drain_time", &options.drain_time, "How long running calls may take at the end.");
  const auto text = settings.Read(argc, argv);
  if (!text.ok()) {
    std::fprintf(stderr, "%s\n", std::string(text.status().message()).c_str());
    return 2;
  }
  if (text->has_value()) {
    std::printf("%s", (*text)->c_str());
    return 0;
  }
  // Before any thread begins, so that all leave the signals to sigwait.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  telemetry::StartLog({.level = LevelOf(options.log_level)});
  const absl::Status result = Run(options, signals);
  telemetry::StopLog();
  if (!result.ok()) {
    std::fprintf(stderr, "mostove-all cannot start: %s\n", std::string(result.message()).c_str());
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace mostove

int main(int argc, char** argv) { return mostove::Main(argc, argv); }
