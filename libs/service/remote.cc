#include "libs/service/remote.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <future>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "grpc/health/v1/health.pb.h"
#include "libs/h2/address.h"
#include "libs/service/directory.h"
#include "libs/status/macros.h"
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

// Nobody but this machine hears what is said there.
absl::StatusOr<bool> IsOfThisMachine(const std::string& text) {
  ASSIGN_OR_RETURN(const h2::Address address, h2::ParseAddress(text));
  if (!address.path.empty() || address.host == "localhost") return true;
  boost::system::error_code error;
  const auto numeric = boost::asio::ip::make_address(address.host, error);
  return !error && numeric.is_loopback();
}

absl::Status CheckAddress(const std::string& address, bool has_tls) {
  ASSIGN_OR_RETURN(const bool is_ours, IsOfThisMachine(address));
  if (is_ours || has_tls) return absl::OkStatus();
  return status::Precondition(
      "TLS_REQUIRED",
      absl::StrCat(address,
                   " is beyond this machine: programs talk there with TLS only; set "
                   "tls.certificate, tls.key and tls.authority, or use unix:PATH or "
                   "127.0.0.1"));
}

// Null when none of them is set.
absl::StatusOr<std::unique_ptr<tls::Credentials>> LoadTls(const tls::Files& files,
                                                          const std::string& self) {
  const int given = !files.certificate.empty() + !files.key.empty() + !files.authority.empty();
  if (given == 0) return nullptr;
  if (given < 3) {
    return absl::InvalidArgumentError(
        "tls.certificate, tls.key and tls.authority belong together: set all three");
  }
  return tls::Credentials::Load(files, self);
}

}  // namespace

Remote::Remote(const std::string& self)
    : self_(absl::StrCat("services/", self.empty() ? "gateway" : self)) {
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
  settings.Add("tls.certificate", &tls_files_.certificate,
               absl::StrCat("Certificate (PEM) that names this program, URI:mostove://", self_,
                            "; for connections over TCP to and from other programs."));
  settings.Add("tls.key", &tls_files_.key, "Its key (PEM).");
  settings.Add("tls.authority", &tls_files_.authority,
               "Certificates (PEM) of who issues those of this installation's programs.");
}

absl::Status Remote::CheckListen(const std::string& address) const {
  return CheckAddress(address, tls_ != nullptr);
}

rpc::GrpcInvokerOptions Remote::WayTo(const std::string& service,
                                      std::vector<std::string> addresses) const {
  return {.addresses = std::move(addresses),
          .tls = tls_.get(),
          .peer = absl::StrCat("services/", service)};
}

absl::Status Remote::Connect(telemetry::Metrics* metrics) {
  ASSIGN_OR_RETURN(tls_, LoadTls(tls_files_, self_));
  if (tls_ != nullptr && metrics != nullptr) {
    metrics->Gauge("mostove_tls_certificate_end_seconds",
                   "When the certificate of this program ends, in seconds since 1970.", {}, [this] {
                     return absl::ToDoubleSeconds(tls_->expire_time() - absl::UnixEpoch());
                   });
  }
  for (const auto& [name, list] : addresses_) {
    for (const std::string& address : AddressesIn(list)) {
      RETURN_IF_ERROR(CheckAddress(address, tls_ != nullptr));
    }
  }
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
    rpc::GrpcInvokerOptions way = WayTo(entry.name, std::move(addresses));
    way.services = {entry.service};
    way.loop = &loop_;
    way.metrics = metrics;
    invokers_[entry.name] = rpc::MakeGrpcInvoker(std::move(way));
  }
  return absl::OkStatus();
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
      rpc::GrpcInvokerOptions way = WayTo(name, {address});
      way.services = {HealthService()};
      way.loop = &health_loop_;
      way.wait_max = kCheckTime / 4;
      copies.back()->health = rpc::MakeGrpcInvoker(std::move(way));
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
