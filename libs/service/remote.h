// The services of other processes: where they are, and the ways to them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/config/settings.h"
#include "libs/rpc/grpc_invoker.h"

namespace mostove::service {

class Remote {
 public:
  // `self`: the service that runs in this process; "" for none.
  explicit Remote(const std::string& self);

  // A setting services.NAME for each service: its addresses, separated by
  // commas; several are copies of it.
  void AddSettings(config::Settings& settings);
  // After the settings are read. Connects in the background, in any order. A
  // service without an address is left out.
  void Connect();

  std::vector<rpc::Invoker*> invokers() const;
  // OK when every service can be reached; else a sentence that names one.
  absl::Status Check() const;

 private:
  std::map<std::string, std::string> addresses_;  // by name of the service
  std::map<std::string, std::unique_ptr<rpc::GrpcInvoker>> invokers_;
};

}  // namespace mostove::service
