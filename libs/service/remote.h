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
#include "libs/tls/credentials.h"

namespace mostove::service {

class Remote {
 public:
  // `self`: the service that runs in this process; "" for none.
  explicit Remote(const std::string& self);

  // A setting services.NAME for each service: its addresses, separated by
  // commas; several are copies of it. And tls.certificate, tls.key, tls.authority.
  void AddSettings(config::Settings& settings);
  // After the settings are read. Connects in the background, in any order. A
  // service without an address is left out. Metrics (may be null) outlive this,
  // which outlives every reading of them. FAILED_PRECONDITION, reason
  // TLS_REQUIRED, for an address beyond this machine without TLS; otherwise a
  // sentence about an address or file that cannot be used.
  absl::Status Connect(telemetry::Metrics* metrics);
  // Whether a program may listen there: unix:PATH, loopback, or with TLS anywhere.
  absl::Status CheckListen(const std::string& address) const;
  // After Connect; null without the settings.
  tls::Credentials* tls() const { return tls_.get(); }

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

  rpc::GrpcInvokerOptions WayTo(const std::string& service,
                                std::vector<std::string> addresses) const;

  const std::string self_;  // "services/funding"
  tls::Files tls_files_;
  std::unique_ptr<tls::Credentials> tls_;
  loop::Loop health_loop_;
  std::map<std::string, std::string> addresses_;  // by name of the service
  loop::Loop loop_;                               // carries the calls of threads that are no loop's
  std::map<std::string, std::unique_ptr<rpc::GrpcInvoker>> invokers_;
  std::map<std::string, std::vector<std::unique_ptr<Copy>>> copies_;
};

}  // namespace mostove::service
