// The standard health protocol (grpc.health.v1.Health) as a service table.
#pragma once

#include <memory>
#include <string>

#include "libs/rpc/service_table.h"

namespace mostove::rpc {

// Safe for all threads. The table and its streams may outlive it.
class Health {
 public:
  Health();
  ~Health();

  // "" is the whole server. Services are unknown until they are set.
  void SetServing(const std::string& service, bool serving);
  // Everything that was set becomes NOT_SERVING: at the beginning of a drain.
  void SetNothingServing();

  // Check is inline: it answers also while the pool is full.
  std::unique_ptr<const ServiceTable> Table(telemetry::Metrics* metrics) const;

 private:
  class State;
  class Watch;
  std::shared_ptr<State> state_;
};

}  // namespace mostove::rpc
