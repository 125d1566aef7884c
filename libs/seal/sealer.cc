#include "libs/seal/sealer.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/telemetry/log.h"

namespace mostove::seal {
namespace {

void LogFailure(const Sealer::Target& target, const absl::Status& failed) {
  const std::string message(failed.message());
  telemetry::Log(telemetry::Level::kWarning, "seal_failed",
                 {{"database", absl::string_view(target.name)},
                  {"log", absl::string_view(target.log.table)},
                  {"error", absl::string_view(message)}});
}

}  // namespace

Sealer::Sealer(std::vector<Target> targets, absl::Duration interval)
    : targets_(std::move(targets)), interval_(interval), thread_([this] { Loop(); }) {}

Sealer::~Sealer() {
  {
    const std::lock_guard lock(mutex_);
    end_ = true;
  }
  ending_.notify_all();
  thread_.join();
}

void Sealer::Loop() {
  std::unique_lock lock(mutex_);
  bool end = false;
  while (!end) {
    end = ending_.wait_for(lock, absl::ToChronoMilliseconds(interval_), [this] { return end_; });
    lock.unlock();
    SealAll();
    if (absl::Now() >= next_hour_) {
      next_hour_ = absl::Now() + absl::Hours(1);
      PurgeAll();
      LogHeads();
    }
    lock.lock();
  }
}

void Sealer::SealAll() {
  for (const Target& target : targets_) {
    while (true) {
      const auto sealed = SealNext(*target.database, target.log, absl::Now());
      if (!sealed.ok()) LogFailure(target, sealed.status());
      if (!sealed.ok() || *sealed < kRowsMax) break;
    }
  }
}

void Sealer::PurgeAll() {
  for (const Target& target : targets_) {
    if (target.retention == absl::InfiniteDuration()) continue;
    while (true) {
      const absl::Time now = absl::Now();
      const auto purged = Purge(*target.database, target.log, now - target.retention, now);
      if (!purged.ok()) LogFailure(target, purged.status());
      if (!purged.ok() || *purged == 0) break;
    }
  }
}

void Sealer::LogHeads() {
  for (const Target& target : targets_) {
    const auto reader = target.database->Read(absl::Now() + absl::Seconds(1));
    if (!reader.ok()) continue;
    const auto last = Last(**reader, target.log);
    if (!last.ok() || last->ordinal == 0) continue;
    const std::string head = absl::BytesToHexString(last->hash);
    telemetry::Log(telemetry::Level::kInfo, "log_head",
                   {{"database", absl::string_view(target.name)},
                    {"log", absl::string_view(target.log.table)},
                    {"seals", last->ordinal},
                    {"head", absl::string_view(head)}});
  }
}

}  // namespace mostove::seal
