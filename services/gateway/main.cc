// mostove-gateway: REST and gRPC for services that run in other processes.

#include "libs/auth/identity.h"
#include "libs/rpc/peers.h"
#include "libs/service/readiness.h"
#include "libs/service/remote.h"
#include "libs/status/macros.h"
#include "services/gateway/front.h"

namespace mostove::gateway {
namespace {

absl::Status Serve(service::Program& program, FrontOptions options,
                   const auth::IdentityOptions& identity_options, service::Remote& remote) {
  telemetry::Metrics& metrics = program.metrics();
  RETURN_IF_ERROR(remote.Connect(&metrics));
  remote.WatchHealth(metrics);
  rpc::Peers peers;
  for (rpc::Invoker* const invoker : remote.invokers()) peers.Add(invoker);
  auth::Identity identity(identity_options, "services/gateway", &metrics);
  identity.Start(&peers);
  if (!identity.local()) options.authenticator = &identity.authenticator();
  options.entrance.issuer = identity_options.issuer;
  service::Readiness readiness([&] {
    absl::Status status = remote.Check();
    status.Update(identity.Check());
    return status;
  });
  RETURN_IF_ERROR(
      program.AwaitBeforeServing([&] { return identity.Check().ok(); }, auth::kStartWait));
  return ServeFront(program, options, remote.invokers(), readiness, &metrics);
}

int Main(int argc, char** argv) {
  FrontOptions options;
  auth::IdentityOptions identity;
  service::Program program("mostove-gateway", "REST and gRPC for services of other processes.");
  service::Remote remote("");
  AddFrontSettings(program.settings(), &options);
  program.settings().Add("redis", &options.redis,
                         "Redis that other gateways have too, to share limits with them: "
                         "unix:PATH, HOST:PORT or sentinel:NAME@HOST:PORT,…; empty: none.");
  auth::AddIdentitySettings(program.settings(), &identity);
  remote.AddSettings(program.settings());
  return program.Run(argc, argv, [&] { return Serve(program, options, identity, remote); });
}

}  // namespace
}  // namespace mostove::gateway

int main(int argc, char** argv) { return mostove::gateway::Main(argc, argv); }
