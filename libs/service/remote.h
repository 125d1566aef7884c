// The services of other processes: where they are, and the ways to them.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/config/settings.h"
#include "libs/loop/loop.h"
#include "libs/rpc/grpc_invoker.h"
#include "libs/telemetry/metrics.h"

namespace mostove::service {

class Remote {
 public:
  // `self`: the service that runs in this process; "" for none.
  explicit Remote(const std::string& self);

  // A setting services.NAME for each service: its addresses, separated by
  // commas; several are copies of it.
  void AddSettings(config::Settings& settings);
  // After the settings are read. Connects in the background, in any order. A
  // service without an address is left out. Metrics (may be null) outlive this,
  // which outlives every reading of them.
  void Connect(telemetry::Metrics* metrics);

  std::vector<rpc::Invoker*> invokers() const;
  // After Connect: Check can be asked, and mostove_service_up tells of it.
  void WatchHealth(telemetry::Metrics& metrics);
  // OK when of every service a copy says that it is serving; else a sentence
  // that names one. Blocks, a second at most.
  absl::Status Check() const;

 private:
  // The standard health service of one copy.
  struct Copy {
    std::unique_ptr<rpc::GrpcInvoker> health;
    mutable std::atomic<bool> serving = false;
  };

  loop::Loop health_loop_;
  std::map<std::string, std::string> addresses_;  // by name of the service
  loop::Loop loop_;                               // carries the calls of threads that are no loop's
  std::map<std::string, std::unique_ptr<rpc::GrpcInvoker>> invokers_;
  std::map<std::string, std::vector<std::unique_ptr<Copy>>> copies_;
};

}  // namespace mostove::service
