// mostove-gateway: REST and gRPC for services that run in other processes.

#include "libs/service/readiness.h"
#include "libs/service/remote.h"
#include "libs/telemetry/process.h"
#include "services/gateway/front.h"

namespace mostove::gateway {
namespace {

absl::Status Serve(service::Program& program, const FrontOptions& options,
                   service::Remote& remote) {
  const auto metrics = telemetry::Metrics::Make();
  telemetry::AddProcessFigures(*metrics, program.name());
  remote.Connect();
  remote.WatchHealth(*metrics);
  service::Readiness readiness([&] { return remote.Check(); });
  return ServeFront(program, options, remote.invokers(), readiness, metrics.get());
}

int Main(int argc, char** argv) {
  FrontOptions options;
  service::Remote remote("");
  service::Program program("mostove-gateway", "REST and gRPC for services of other processes.");
  AddFrontSettings(program.settings(), &options);
  remote.AddSettings(program.settings());
  return program.Run(argc, argv, [&] { return Serve(program, options, remote); });
}

}  // namespace
}  // namespace mostove::gateway

int main(int argc, char** argv) { return mostove::gateway::Main(argc, argv); }
