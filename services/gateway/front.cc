#include "services/gateway/front.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/http/endpoint.h"
#include "libs/redis/client.h"
#include "libs/rpc/grpc_server.h"
#include "libs/rpc/health.h"
#include "libs/status/macros.h"
#include "libs/telemetry/log.h"
#include "services/gateway/budgets.h"
#include "services/gateway/client_address.h"
#include "services/gateway/grpc_callers.h"
#include "services/gateway/guard.h"

namespace mostove::gateway {
namespace {

absl::Status CheckGrpcAddress(const std::string& address, const EntranceOptions& entrance) {
  ASSIGN_OR_RETURN(const http::Endpoint endpoint, http::ParseEndpoint(address));
  return CheckListenAddress(endpoint, entrance);
}

CallerProvider CallersOf(const FrontOptions& options) {
  return [authenticator = options.authenticator](
             absl::string_view authorization) -> absl::StatusOr<call::Caller> {
    if (authenticator == nullptr) return call::LocalAdministrator();
    return authenticator->Authenticate(authorization);
  };
}

// Tells limits to other gateways; null where there are none.
absl::StatusOr<std::unique_ptr<redis::Client>> ConnectRedis(const FrontOptions& options,
                                                            telemetry::Metrics* metrics) {
  if (options.redis.empty()) return nullptr;
  ASSIGN_OR_RETURN(redis::Address address, redis::Address::Parse(options.redis));
  return std::make_unique<redis::Client>(
      redis::ClientOptions{.address = std::move(address), .connections = 1, .metrics = metrics});
}

absl::StatusOr<std::unique_ptr<rpc::GrpcServer>> StartGrpc(const FrontOptions& options,
                                                           int listener, rpc::CallerOf caller_of,
                                                           std::vector<rpc::Invoker*> invokers,
                                                           rpc::Invoker* health,
                                                           telemetry::Metrics* metrics) {
  invokers.push_back(health);
  return rpc::GrpcServer::Start({.invokers = std::move(invokers),
                                 .address = options.grpc,
                                 .listener = listener,
                                 .caller_of = std::move(caller_of),
                                 .metrics = metrics,
                                 .localizes_errors = true});
}

void AddEntranceSettings(config::Settings& settings, FrontOptions* options) {
  EntranceOptions& entrance = options->entrance;
  settings.Add("edge_terminates_tls", &entrance.edge_terminates_tls,
               "A proxy before this program speaks TLS and nobody else reaches its ports: lets it "
               "listen beyond loopback when callers = tokens.");
  settings.Add("trusted_edges", &entrance.trusted_edges,
               "Addresses and networks of that proxy: the last address of its X-Forwarded-For is "
               "the client's.",
               config::Check<std::string>(TrustedEdges::Check));
  settings.Add("hosts", &entrance.hosts,
               "Names that the server answers to beside localhost and the issuer's, with commas "
               "between them.",
               config::Check<std::string>(CheckHosts));
  const auto count = config::Between<int64_t>(0, 1'000'000'000);
  LimitSettings& limits = options->limits;
  settings.Add("limits.calls_per_minute", &limits.calls_per_minute,
               "Requests of one caller; 0 is no limit, here and below.", count);
  settings.Add("limits.administrator_calls_per_minute", &limits.administrator_calls_per_minute,
               "Requests of one administrator of the network, batches included.", count);
  settings.Add("limits.batches_per_minute", &limits.batches_per_minute,
               "Batches of writes, which imports send, of one caller.", count);
  settings.Add("limits.public_calls_per_minute", &limits.public_calls_per_minute,
               "Requests without a valid token, of one IPv4 address or IPv6 /64 network.", count);
  settings.Add("limits.sign_ins_per_minute", &limits.sign_ins_per_minute,
               "Passwords and invitations, of one IPv4 address or IPv6 /64 network.", count);
}

}  // namespace

void AddFrontSettings(config::Settings& settings, FrontOptions* options) {
  settings.Add("http", &options->http,
               "Where to serve REST; beyond loopback see edge_terminates_tls.");
  settings.Add("grpc", &options->grpc,
               "Where to serve gRPC; beyond loopback see edge_terminates_tls.");
  AddEntranceSettings(settings, options);
  AddHttpSettings(settings, &options->http_server);
}

absl::Status ServeFront(service::Program& program, const FrontOptions& options,
                        const std::vector<rpc::Invoker*>& invokers, service::Readiness& readiness,
                        telemetry::Metrics* metrics) {
  EntranceOptions entrance = options.entrance;
  entrance.tokens = options.authenticator != nullptr;
  RETURN_IF_ERROR(CheckGrpcAddress(options.grpc, entrance));
  ASSIGN_OR_RETURN(const auto redis, ConnectRedis(options, metrics));
  Budgets budgets(options.limits, redis.get(), metrics);
  rpc::Health health;
  const auto health_table = health.Table(metrics);
  const auto health_invoker = rpc::MakeLocalInvoker({health_table.get()}, nullptr);
  ASSIGN_OR_RETURN(listen::Socket http_socket, program.Listen("http", options.http));
  ASSIGN_OR_RETURN(listen::Socket grpc_socket, program.Listen("grpc", options.grpc));
  const std::string http_address = http_socket.Address();
  const std::string grpc_address = grpc_socket.Address();
  ASSIGN_OR_RETURN(
      const auto grpc,
      StartGrpc(options, grpc_socket.Release(),
                GrpcCallersOf(CallersOf(options), options.entrance.trusted_edges, budgets),
                invokers, health_invoker.get(), metrics));
  GatewayOptions gateway_options{.address = options.http,
                                 .listener = http_socket.Release(),
                                 .entrance = entrance,
                                 .budgets = &budgets};
  Apply(options.http_server, gateway_options);
  ASSIGN_OR_RETURN(const auto gateway,
                   Gateway::Start(std::move(gateway_options), invokers, CallersOf(options), metrics,
                                  [&] { return readiness.status(); }));
  metrics->Gauge("mostove_http_connections", "Open HTTP connections.",
                 [&] { return static_cast<double>(gateway->connections()); });
  telemetry::Log(telemetry::Level::kInfo, "ready",
                 {{"http", http_address}, {"grpc", grpc_address}});
  health.SetServing("", true);
  for (const rpc::Invoker* invoker : invokers) {
    for (const auto* service : invoker->services()) health.SetServing(service->full_name(), true);
  }
  program.WaitForEnd();
  readiness.StartDraining();
  health.SetNothingServing();
  gateway->Stop(program.drain_time());
  grpc->Drain(program.drain_time());
  return absl::OkStatus();
}

}  // namespace mostove::gateway
