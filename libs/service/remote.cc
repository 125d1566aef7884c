#include "libs/service/remote.h"

#include <algorithm>
#include <future>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "grpc/health/v1/health.pb.h"
#include "libs/service/directory.h"
#include "libs/status/status.h"
#include "libs/telemetry/log.h"

namespace mostove::service {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr absl::Duration kCheckTime = absl::Seconds(1);

std::vector<std::string> AddressesIn(const std::string& list) {
  std::vector<std::string> addresses;
  for (absl::string_view address : absl::StrSplit(list, ',', absl::SkipWhitespace())) {
    addresses.emplace_back(absl::StripAsciiWhitespace(address));
  }
  return addresses;
}

const google::protobuf::ServiceDescriptor* HealthService() {
  return HealthCheckRequest::descriptor()->file()->FindServiceByName("Health");
}

// Whether it says that it is serving.
std::future<bool> AskHealth(rpc::Invoker& health) {
  call::Call call;
  call.caller = call::LocalAdministrator();
  call.deadline = absl::Now() + kCheckTime;
  const auto answered = std::make_shared<std::promise<bool>>();
  health.Invoke(HealthService()->FindMethodByName("Check"), std::move(call),
                std::make_unique<HealthCheckRequest>(),
                [answered](absl::StatusOr<call::MessagePtr> answer) {
                  answered->set_value(answer.ok() &&
                                      static_cast<const HealthCheckResponse&>(**answer).status() ==
                                          HealthCheckResponse::SERVING);
                });
  return answered->get_future();
}

}  // namespace

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

void Remote::Connect(telemetry::Metrics* metrics) {
  loop_.Run();
  for (const DirectoryEntry& entry : Directory()) {
    const auto given = addresses_.find(entry.name);
    if (given == addresses_.end()) continue;
    std::vector<std::string> addresses = AddressesIn(given->second);
    if (addresses.empty()) {
      telemetry::Log(telemetry::Level::kWarning, "service_without_address",
                     {{"service", entry.name}});
      continue;
    }
    invokers_[entry.name] = rpc::MakeGrpcInvoker({.services = {entry.service},
                                                  .addresses = std::move(addresses),
                                                  .loop = &loop_,
                                                  .metrics = metrics});
  }
}

std::vector<rpc::Invoker*> Remote::invokers() const {
  std::vector<rpc::Invoker*> invokers;
  for (const auto& [name, invoker] : invokers_) invokers.push_back(invoker.get());
  return invokers;
}

void Remote::WatchHealth(telemetry::Metrics& metrics) {
  health_loop_.Run();
  for (const auto& [name, invoker] : invokers_) {
    for (const std::string& address : AddressesIn(addresses_[name])) {
      auto& copies = copies_[name];
      const Copy* const copy = copies.emplace_back(std::make_unique<Copy>()).get();
      copies.back()->health = rpc::MakeGrpcInvoker({.services = {HealthService()},
                                                    .addresses = {address},
                                                    .loop = &health_loop_,
                                                    .wait_max = kCheckTime / 4});
      metrics.Gauge("mostove_service_up", "Whether a copy of a service says that it is serving.",
                    {{"service", name}, {"copy", absl::StrCat(copies.size())}},
                    [copy] { return copy->serving ? 1 : 0; });
    }
  }
}

absl::Status Remote::Check() const {
  std::vector<std::pair<const Copy*, std::future<bool>>> asked;
  for (const auto& [name, copies] : copies_) {
    for (const auto& copy : copies) asked.emplace_back(copy.get(), AskHealth(*copy->health));
  }
  for (auto& [copy, answer] : asked) copy->serving = answer.get();
  for (const auto& [name, copies] : copies_) {
    const auto serves = [](const auto& copy) { return copy->serving.load(); };
    if (std::any_of(copies.begin(), copies.end(), serves)) continue;
    return status::Unavailable("SERVICE_AWAY",
                               absl::StrCat("the service ", name, " is not there; try again soon"),
                               absl::Seconds(1));
  }
  return absl::OkStatus();
}

}  // namespace mostove::service
