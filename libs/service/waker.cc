#include "libs/service/waker.h"

#include <utility>

#include "libs/status/macros.h"

namespace mostove::service {

absl::StatusOr<std::unique_ptr<Waker>> Waker::Make(const std::string& redis,
                                                   auth::Identity* identity,
                                                   telemetry::Metrics* metrics) {
  std::unique_ptr<Waker> waker(new Waker(identity));
  if (redis.empty()) return waker;
  ASSIGN_OR_RETURN(redis::Address address, redis::Address::Parse(redis));
  waker->client_ = std::make_unique<redis::Client>(
      redis::ClientOptions{.address = address, .connections = 1, .metrics = metrics});
  waker->wakeups_ = std::make_unique<redis::Wakeups>(
      redis::WakeupOptions{
          .client = waker->client_.get(), .address = std::move(address), .metrics = metrics},
      [waker = waker.get()](const std::string& service) { waker->WrittenElsewhere(service); });
  return waker;
}

Waker::~Waker() { Stop(); }

void Waker::Add(const std::string& service, live::Tail* tail, references::References* references) {
  locals_.push_back({service, tail, references});
}

void Waker::Start() {
  if (wakeups_ != nullptr) wakeups_->Start();
}

void Waker::Stop() {
  if (wakeups_ != nullptr) wakeups_->Stop();
}

void Waker::Written(const std::string& service) {
  for (const Local& local : locals_) local.references->Wake(service);
  if (identity_ != nullptr) identity_->Wake(service);
  if (wakeups_ != nullptr) wakeups_->Tell(service);
}

void Waker::WrittenElsewhere(const std::string& service) {
  for (const Local& local : locals_) {
    if (service.empty() || service == local.service) local.tail->Wake();
    local.references->Wake(service);
  }
  if (identity_ != nullptr) identity_->Wake(service);
}

}  // namespace mostove::service
