#include "services/gateway/front.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/http/endpoint.h"
#include "libs/rpc/grpc_server.h"
#include "libs/rpc/health.h"
#include "libs/status/macros.h"
#include "libs/telemetry/log.h"
#include "services/gateway/guard.h"

namespace mostove::gateway {
namespace {

absl::Status CheckGrpcAddress(const std::string& address) {
  ASSIGN_OR_RETURN(const http::Endpoint endpoint, http::ParseEndpoint(address));
  return CheckListenAddress(endpoint);
}

absl::StatusOr<std::unique_ptr<rpc::GrpcServer>> StartGrpc(const FrontOptions& options,
                                                           int listener,
                                                           std::vector<rpc::Invoker*> invokers,
                                                           rpc::Invoker* health,
                                                           telemetry::Metrics* metrics) {
  invokers.push_back(health);
  return rpc::GrpcServer::Start(
      {.invokers = std::move(invokers),
       .address = options.grpc,
       .listener = listener,
       .caller_of = [](const auto&) { return call::LocalAdministrator(); },
       .metrics = metrics,
       .localizes_errors = true});
}

}  // namespace

void AddFrontSettings(config::Settings& settings, FrontOptions* options) {
  settings.Add("http", &options->http, "Where to serve REST; loopback only until there are users.");
  settings.Add("grpc", &options->grpc, "Where to serve gRPC; loopback only until there are users.");
  AddHttpSettings(settings, &options->http_server);
}

absl::Status ServeFront(service::Program& program, const FrontOptions& options,
                        const std::vector<rpc::Invoker*>& invokers, service::Readiness& readiness,
                        telemetry::Metrics* metrics) {
  RETURN_IF_ERROR(CheckGrpcAddress(options.grpc));
  rpc::Health health;
  const auto health_table = health.Table(metrics);
  const auto health_invoker = rpc::MakeLocalInvoker({health_table.get()}, nullptr);
  ASSIGN_OR_RETURN(listen::Socket http_socket, program.Listen("http", options.http));
  ASSIGN_OR_RETURN(listen::Socket grpc_socket, program.Listen("grpc", options.grpc));
  const std::string http_address = http_socket.Address();
  const std::string grpc_address = grpc_socket.Address();
  ASSIGN_OR_RETURN(const auto grpc, StartGrpc(options, grpc_socket.Release(), invokers,
                                              health_invoker.get(), metrics));
  GatewayOptions gateway_options{.address = options.http, .listener = http_socket.Release()};
  Apply(options.http_server, gateway_options);
  ASSIGN_OR_RETURN(const auto gateway,
                   Gateway::Start(
                       std::move(gateway_options), invokers,
                       [](const http::Request&) { return call::LocalAdministrator(); }, metrics,
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
