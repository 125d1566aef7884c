#include "libs/service/remote.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/service/directory.h"
#include "libs/status/macros.h"
#include "libs/telemetry/log.h"

namespace mostove::service {

Remote::Remote(const std::string& self) {
  for (const DirectoryEntry& entry : Directory()) {
    if (entry.name != self) addresses_[entry.name];
  }
}

void Remote::AddSettings(config::Settings& settings) {
  for (auto& [name, address] : addresses_) {
    settings.Add(absl::StrCat("services.", name), &address,
                 absl::StrCat("Where the ", name,
                              " service is: unix:PATH or ADDR:PORT; several, separated by commas, "
                              "are copies of it."));
  }
}

void Remote::Connect() {
  for (const DirectoryEntry& entry : Directory()) {
    const auto given = addresses_.find(entry.name);
    if (given == addresses_.end()) continue;
    std::vector<std::string> addresses;
    for (absl::string_view address : absl::StrSplit(given->second, ',', absl::SkipWhitespace())) {
      addresses.emplace_back(absl::StripAsciiWhitespace(address));
    }
    if (addresses.empty()) {
      telemetry::Log(telemetry::Level::kWarning, "service_without_address",
                     {{"service", entry.name}});
      continue;
    }
    invokers_[entry.name] =
        rpc::MakeGrpcInvoker({.services = {entry.service}, .addresses = std::move(addresses)});
  }
}

std::vector<rpc::Invoker*> Remote::invokers() const {
  std::vector<rpc::Invoker*> invokers;
  for (const auto& [name, invoker] : invokers_) invokers.push_back(invoker.get());
  return invokers;
}

absl::Status Remote::Check() const {
  for (const auto& [name, invoker] : invokers_) {
    RETURN_IF_ERROR(invoker->Check());
  }
  return absl::OkStatus();
}

}  // namespace mostove::service
