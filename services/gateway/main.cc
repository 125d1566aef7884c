// mostove-gateway: REST and gRPC for services that run in other processes.

#include "libs/service/readiness.h"
#include "libs/service/remote.h"
#include "libs/status/macros.h"
#include "services/gateway/front.h"

namespace mostove::gateway {
namespace {

absl::Status Serve(service::Program& program, const FrontOptions& options,
                   service::Remote& remote) {
  telemetry::Metrics& metrics = program.metrics();
  RETURN_IF_ERROR(remote.Connect(&metrics));
  remote.WatchHealth(metrics);
  service::Readiness readiness([&] { return remote.Check(); });
  return ServeFront(program, options, remote.invokers(), readiness, &metrics);
}

int Main(int argc, char** argv) {
  FrontOptions options;
  service::Program program("mostove-gateway", "REST and gRPC for services of other processes.");
  service::Remote remote("");
  AddFrontSettings(program.settings(), &options);
  program.settings().Add("redis", &options.redis,
                         "Redis that other gateways have too, to share limits with them: "
                         "unix:PATH, HOST:PORT or sentinel:NAME@HOST:PORT,…; empty: none.");
  remote.AddSettings(program.settings());
  return program.Run(argc, argv, [&] { return Serve(program, options, remote); });
}

}  // namespace
}  // namespace mostove::gateway

int main(int argc, char** argv) { return mostove::gateway::Main(argc, argv); }
