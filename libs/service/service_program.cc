#include "libs/service/service_program.h"

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/auth/identity.h"
#include "libs/http/endpoint.h"
#include "libs/rpc/h2_server.h"
#include "libs/rpc/health.h"
#include "libs/service/host.h"
#include "libs/service/operations.h"
#include "libs/service/program.h"
#include "libs/service/readiness.h"
#include "libs/service/remote.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"

namespace mostove::service {
namespace {

struct Options {
  std::string address;
  std::string database;
  std::string redis;
  std::string operations;
  absl::Duration database_wait = absl::Minutes(1);
  rpc::WorkerPoolOptions workers;
  int64_t answers_bytes_max = kAnswersBytesMax;
  Retention retention;
  auth::IdentityOptions identity;
};

// What operators are told is for this machine.
absl::Status CheckOperations(const std::string& address) {
  ASSIGN_OR_RETURN(const http::Endpoint endpoint, http::ParseEndpoint(address));
  if (endpoint.loopback) return absl::OkStatus();
  return status::Precondition("NOT_LOOPBACK", absl::StrCat("refusing to tell figures on ", address,
                                                           "; use 127.0.0.1 or [::1]"));
}

// A database that does not answer yet may be starting: programs start in any
// order.
absl::StatusOr<std::unique_ptr<sql::Database>> OpenDatabase(Program& program,
                                                            const Options& options) {
  const absl::Time give_up = absl::Now() + options.database_wait;
  while (true) {
    auto database =
        sql::Database::Open({.url = options.database, .readers_max = options.workers.threads + 20});
    if (database.ok() || !absl::IsUnavailable(database.status()) || absl::Now() >= give_up) {
      return database;
    }
    const std::string why(database.status().message());
    telemetry::Log(telemetry::Level::kWarning, "database_away", {{"error", why}});
    if (program.AskedToEndWithin(absl::Seconds(1))) {
      return absl::CancelledError("asked to end while it waited for its database");
    }
  }
}

// The address for operators; none when it is "".
absl::StatusOr<std::unique_ptr<http::Server>> StartOperations(Program& program,
                                                              const std::string& address,
                                                              telemetry::Metrics& metrics,
                                                              const Readiness& readiness) {
  if (address.empty()) return nullptr;
  RETURN_IF_ERROR(CheckOperations(address));
  ASSIGN_OR_RETURN(listen::Socket socket, program.Listen("operations", address));
  return ServeOperations(std::move(socket), metrics, [&] { return readiness.status(); });
}

absl::Status Serve(Program& program, const Options& options, Remote& remote,
                   Definition definition) {
  telemetry::Metrics& metrics = program.metrics();
  RETURN_IF_ERROR(remote.Connect(&metrics));
  RETURN_IF_ERROR(remote.CheckListen(options.address));
  auth::Identity identity(options.identity, absl::StrCat("services/", definition.name), &metrics);
  // Operators are answered from the start to the end, whatever is away; so what
  // they are told of is destroyed after what answers them.
  std::unique_ptr<Host> host;
  std::atomic<const Host*> open = nullptr;
  rpc::Health health;
  health.SetServing("", false);
  Readiness readiness(
      [&] {
        const Host* const opened = open;
        return opened != nullptr ? opened->Check() : absl::UnavailableError("the database is away");
      },
      [&](bool ready) { health.SetServing("", ready); });
  ASSIGN_OR_RETURN(const auto operations,
                   StartOperations(program, options.operations, metrics, readiness));
  const auto open_database = [&](const std::string&) { return OpenDatabase(program, options); };
  ASSIGN_OR_RETURN(host, Host::Open({.definitions = {std::move(definition)},
                                     .open_database = open_database,
                                     .elsewhere = remote.invokers(),
                                     .workers = options.workers,
                                     .answers_bytes_max = options.answers_bytes_max,
                                     .redis = options.redis,
                                     .identity = &identity,
                                     .metrics = &metrics,
                                     .retention = options.retention}));
  RETURN_IF_ERROR(
      program.AwaitBeforeServing([&] { return identity.Check().ok(); }, auth::kStartWait));
  // Only programs of this user can open a Unix socket.
  const bool trusted = absl::StartsWith(options.address, "unix:");
  const auto health_table = health.Table(&metrics);
  const auto health_invoker = rpc::MakeLocalInvoker({health_table.get()}, nullptr);
  ASSIGN_OR_RETURN(listen::Socket socket, program.Listen("address", options.address));
  ASSIGN_OR_RETURN(const auto server,
                   rpc::StartH2Server({.invokers = {&host->invoker(), health_invoker.get()},
                                       .address = options.address,
                                       .listener = socket.Release(),
                                       .caller_of = identity.CallersBetweenServices(trusted),
                                       .tls = remote.tls(),
                                       .metrics = &metrics,
                                       .limits = rpc::LimitsBetweenServices()}));
  const std::string asked = operations == nullptr ? "" : operations->endpoint().ToString();
  telemetry::Log(telemetry::Level::kInfo, "ready",
                 {{"grpc", options.address}, {"operations", asked}});
  open = host.get();
  program.WaitForEnd();
  readiness.StartDraining();
  health.SetNothingServing();
  server->Drain(program.drain_time());
  return absl::OkStatus();
}

}  // namespace

int Main(int argc, char** argv, Definition definition) {
  const std::string name = definition.name;
  return Main(
      argc, argv, name, [](config::Settings&) {},
      [&](const CommonSettings&) { return std::move(definition); });
}

int Main(int argc, char** argv, const std::string& name,
         const std::function<void(config::Settings&)>& add_settings,
         const std::function<Definition(const CommonSettings&)>& define) {
  Options options;
  Program program(absl::StrCat("mostove-", name),
                  absl::StrCat("The ", name, " service, over gRPC."));
  config::Settings& settings = program.settings();
  settings.Add("address", &options.address,
               "Where to serve: unix:PATH, or ADDR:PORT; beyond loopback with TLS.",
               config::NotEmpty());
  settings.AddSecret("database", &options.database,
                     "URL of its database: postgresql://... or sqlite:FILE.");
  settings.Add("operations", &options.operations,
               "Where to serve /metrics, /healthz and /readyz over HTTP: ADDR:PORT of loopback; "
               "empty: nowhere.");
  settings.Add("database_wait", &options.database_wait,
               "How long to wait at the start for a database that does not answer.");
  program.AddWorkerSettings(&options.workers);
  program.AddAnswersSetting(&options.answers_bytes_max);
  AddRetentionSettings(program.settings(), &options.retention);
  Remote remote(name);
  settings.Add("redis", &options.redis,
               "Redis that wakes the processes of other services and copies: unix:/path, host:port "
               "or sentinel:NAME@host:port,host:port; empty: none, they look by themselves.");
  remote.AddSettings(settings);
  auth::AddIdentitySettings(settings, &options.identity);
  add_settings(settings);
  return program.Run(argc, argv, [&] {
    return Serve(program, options, remote,
                 define({.callers = options.identity, .redis = options.redis}));
  });
}

}  // namespace mostove::service
