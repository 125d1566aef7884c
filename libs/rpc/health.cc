#include "libs/rpc/health.h"

#include <cstdlib>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "grpc/health/v1/health.pb.h"
#include "libs/status/status.h"

namespace mostove::rpc {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using Serving = HealthCheckResponse::ServingStatus;

}  // namespace

class Health::State {
 public:
  void Set(const std::string& service, bool serving) {
    Change([&] { serving_[service] = Of(serving); });
  }

  void SetAll(bool serving) {
    Change([&] {
      for (auto& [service, status] : serving_) status = Of(serving);
    });
  }

  // SERVICE_UNKNOWN if it was never set.
  Serving Get(const std::string& service) const {
    std::lock_guard lock(mutex_);
    return GetLocked(service);
  }

  // The state if it is not `seen`; otherwise `wake` is called when it may be.
  std::optional<Serving> GetOrWait(const std::string& service, std::optional<Serving> seen,
                                   const void* watcher, const std::function<void()>& wake) {
    std::lock_guard lock(mutex_);
    const Serving now = GetLocked(service);
    if (now != seen) return now;
    waiting_[watcher] = wake;
    return std::nullopt;
  }

  void Forget(const void* watcher) {
    std::lock_guard lock(mutex_);
    waiting_.erase(watcher);
  }

 private:
  static Serving Of(bool serving) {
    return serving ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
  }

  Serving GetLocked(const std::string& service) const {
    const auto found = serving_.find(service);
    return found == serving_.end() ? HealthCheckResponse::SERVICE_UNKNOWN : found->second;
  }

  void Change(const std::function<void()>& change) {
    std::map<const void*, std::function<void()>> waiting;
    {
      std::lock_guard lock(mutex_);
      change();
      waiting.swap(waiting_);
    }
    for (const auto& [watcher, wake] : waiting) wake();
  }

  mutable std::mutex mutex_;
  std::map<std::string, Serving> serving_;                // guarded by mutex_
  std::map<const void*, std::function<void()>> waiting_;  // guarded by mutex_
};

// One message now, one at each change.
class Health::Watch : public call::MessageStream {
 public:
  Watch(std::shared_ptr<State> state, std::string service)
      : state_(std::move(state)), service_(std::move(service)) {}
  ~Watch() override { state_->Forget(this); }

  absl::StatusOr<call::MessagePtr> Next(const std::function<void()>& wake) override {
    const std::optional<Serving> now = state_->GetOrWait(service_, sent_, this, wake);
    if (!now.has_value()) return nullptr;
    sent_ = now;
    auto response = std::make_unique<HealthCheckResponse>();
    response->set_status(*now);
    return response;
  }

 private:
  const std::shared_ptr<State> state_;
  const std::string service_;
  std::optional<Serving> sent_;
};

Health::Health() : state_(std::make_shared<State>()) {}
Health::~Health() = default;

void Health::SetServing(const std::string& service, bool serving) { state_->Set(service, serving); }

void Health::SetNothingServing() { state_->SetAll(false); }

std::unique_ptr<const ServiceTable> Health::Table(telemetry::Metrics* metrics) const {
  const auto check = [state = state_](const call::Call&, const google::protobuf::Message& request)
      -> absl::StatusOr<call::MessagePtr> {
    const auto& service = static_cast<const HealthCheckRequest&>(request).service();
    const Serving now = state->Get(service);
    if (now == HealthCheckResponse::SERVICE_UNKNOWN) {
      return status::Make(absl::StatusCode::kNotFound, "SERVICE_UNKNOWN",
                          "the server has no service of that name");
    }
    auto response = std::make_unique<HealthCheckResponse>();
    response->set_status(now);
    return response;
  };
  const auto watch = [state = state_](const call::Call&, const google::protobuf::Message& request)
      -> absl::StatusOr<std::unique_ptr<call::MessageStream>> {
    return std::make_unique<Watch>(state,
                                   static_cast<const HealthCheckRequest&>(request).service());
  };
  const auto* asked = HealthCheckRequest::descriptor();
  const auto* answered = HealthCheckResponse::descriptor();
  auto table = ServiceTable::Bind(
      "grpc.health.v1.Health", {{"Check", asked, answered, check}},
      {{"Watch", asked, answered, watch}},
      {.metrics = metrics, .public_without_annotation = true, .inline_without_annotation = true});
  if (!table.ok()) std::abort();  // both methods stand above
  return *std::move(table);
}

}  // namespace mostove::rpc
