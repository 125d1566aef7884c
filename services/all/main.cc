// mostove-all: every service and the gateway in one process, on SQLite files.

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/http/endpoint.h"
#include "libs/rpc/grpc_server.h"
#include "libs/rpc/health.h"
#include "libs/service/host.h"
#include "libs/service/program.h"
#include "libs/status/macros.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"
#include "services/gateway/gateway.h"
#include "services/gateway/guard.h"
#include "services/organizations/definition.h"

namespace mostove {
namespace {

struct Options {
  std::string http = "127.0.0.1:8080";
  std::string grpc = "127.0.0.1:9090";
  std::string data;
  rpc::WorkerPoolOptions workers;
  int http_loop_threads = 1;
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
       .readers_max = options.workers.threads + options.http_loop_threads + 20});
}

absl::Status CheckAddresses(const Options& options) {
  ASSIGN_OR_RETURN(const http::Endpoint grpc, http::ParseEndpoint(options.grpc));
  return gateway::CheckListenAddress(grpc);
}

// With the port that port 0 became.
std::string GrpcAddress(const Options& options, const rpc::GrpcServer& server) {
  return absl::StrCat(options.grpc.substr(0, options.grpc.rfind(':')), ":", server.port());
}

absl::Status Serve(service::Program& program, const Options& options) {
  RETURN_IF_ERROR(CheckAddresses(options));
  const auto metrics = telemetry::Metrics::Make();
  ASSIGN_OR_RETURN(
      const auto host,
      service::Host::Open(
          {.definitions = {organizations::Define()},
           .open_database = [&](const std::string& name) { return OpenDatabase(options, name); },
           .workers = options.workers,
           .metrics = metrics.get()}));
  rpc::Health health;
  const auto health_table = health.Table(metrics.get());
  std::vector<const rpc::ServiceTable*> tables = {health_table.get()};
  for (const auto& service : host->services()) tables.push_back(&service->table());

  ASSIGN_OR_RETURN(const auto grpc, rpc::GrpcServer::Start({.tables = tables,
                                                            .address = options.grpc,
                                                            .pool = &host->workers(),
                                                            .caller_of = [](const auto&) {
                                                              return call::LocalAdministrator();
                                                            }}));
  ASSIGN_OR_RETURN(
      const auto gateway,
      gateway::Gateway::Start(
          {.address = options.http, .loop_threads = options.http_loop_threads}, {&host->invoker()},
          [](const http::Request&) { return call::LocalAdministrator(); }, metrics.get(),
          [] { return absl::OkStatus(); }));
  metrics->Gauge("mostove_http_connections", "Open HTTP connections.",
                 [&] { return static_cast<double>(gateway->connections()); });
  const std::string http_address = gateway->endpoint().ToString();
  const std::string grpc_address = GrpcAddress(options, *grpc);
  telemetry::Log(telemetry::Level::kInfo, "ready",
                 {{"http", http_address}, {"grpc", grpc_address}, {"data", options.data}});

  health.SetServing("", true);
  for (const auto& service : host->services()) {
    health.SetServing(service->table().descriptor()->full_name(), true);
  }
  program.WaitForEnd();
  health.SetNothingServing();
  gateway->Stop(program.drain_time());
  grpc->Drain(program.drain_time());
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  Options options;
  options.data = DefaultDataFolder();
  service::Program program("mostove-all",
                           "Every service and the gateway in one process, on SQLite files.");
  config::Settings& settings = program.settings();
  settings.Add("http", &options.http, "Where to serve REST; loopback only until there are users.");
  settings.Add("grpc", &options.grpc, "Where to serve gRPC; loopback only until there are users.");
  settings.Add("data", &options.data, "Folder of the databases.");
  settings.Add("http_server.loop_threads", &options.http_loop_threads, "Threads of the network.",
               config::Between(1, 64));
  program.AddWorkerSettings(&options.workers);
  return program.Run(argc, argv, [&] { return Serve(program, options); });
}

}  // namespace
}  // namespace mostove

int main(int argc, char** argv) { return mostove::Main(argc, argv); }
