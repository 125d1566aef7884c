// mostove-identity: this service alone, over gRPC.

#include "libs/service/service_program.h"
#include "services/identity/definition.h"

int main(int argc, char** argv) {
  mostove::identity::Options options;
  return mostove::service::Main(
      argc, argv, "identity",
      [&](mostove::config::Settings& settings) {
        mostove::identity::AddSettings(settings, &options);
      },
      [&](const mostove::service::CommonSettings& common) {
        options.issuer = common.callers.issuer;
        options.redis = common.redis;
        return mostove::identity::Define(options);
      });
}
