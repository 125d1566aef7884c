#include "libs/store/maintenance.h"

#include <string>
#include <utility>

#include "libs/telemetry/log.h"

namespace mostove::store {
namespace {

// Rows of one transaction: short ones let writers in between.
constexpr int kPurgeBatch = 500;

void Purge(const Store& store) {
  while (true) {
    const auto purged = store.idempotency().Purge(absl::Now(), kPurgeBatch);
    if (!purged.ok()) {
      const std::string message(purged.status().message());
      telemetry::Log(telemetry::Level::kWarning, "purge_failed", {{"error", message}});
      return;
    }
    if (*purged < kPurgeBatch) return;
  }
}

}  // namespace

Maintenance::Maintenance(std::vector<const Store*> stores, absl::Duration interval)
    : stores_(std::move(stores)), interval_(interval), thread_([this] { Loop(); }) {}

Maintenance::~Maintenance() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    end_ = true;
  }
  ending_.notify_all();
  thread_.join();
}

void Maintenance::Loop() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!ending_.wait_for(lock, absl::ToChronoMilliseconds(interval_), [this] { return end_; })) {
    lock.unlock();
    for (const Store* store : stores_) Purge(*store);
    lock.lock();
  }
}

}  // namespace mostove::store
