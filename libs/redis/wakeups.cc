#include "libs/redis/wakeups.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/status/macros.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"

namespace mostove::redis {
namespace {

constexpr char kKept[] = "1000";  // messages, more or less: a hint is soon worth nothing
constexpr char kWaitMillis[] = "5000";
// Redis answers after that at the latest; later means that it hangs.
constexpr absl::Duration kAnswerTime = absl::Seconds(7);
constexpr absl::Duration kTellTime = absl::Milliseconds(200);
constexpr absl::Duration kOpenTime = absl::Seconds(1);
constexpr int kRetryFactorMax = 8;

std::string MakeSelf() {
  absl::BitGen random;
  return absl::StrCat(getpid(), "-", absl::Hex(absl::Uniform<uint64_t>(random)));
}

telemetry::Metrics& OrNowhere(telemetry::Metrics* metrics) {
  return metrics == nullptr ? telemetry::Metrics::Nowhere() : *metrics;
}

// The value of a field in the flat list of an entry.
std::string Find(const Reply& fields, absl::string_view name) {
  for (size_t i = 0; i + 1 < fields.elements.size(); i += 2) {
    if (fields.elements[i].text == name) return fields.elements[i + 1].text;
  }
  return "";
}

}  // namespace

Wakeups::Wakeups(WakeupOptions options, Woken woken)
    : options_(std::move(options)),
      woken_(std::move(woken)),
      self_(MakeSelf()),
      interrupt_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      told_(OrNowhere(options_.metrics)
                .Counter("mostove_wakeups_sent_total", "Wake-ups sent over Redis.")),
      heard_(OrNowhere(options_.metrics)
                 .Counter("mostove_wakeups_received_total",
                          "Wake-ups of other processes received over Redis.")) {}

Wakeups::~Wakeups() {
  Stop();
  close(interrupt_);
}

void Wakeups::Start() {
  teller_ = std::thread([this] { TellLoop(); });
  listener_ = std::thread([this] { ListenLoop(); });
}

void Wakeups::Stop() {
  {
    const std::lock_guard lock(mutex_);
    end_ = true;
    changed_.notify_all();
  }
  const uint64_t one = 1;
  (void)!write(interrupt_, &one, sizeof one);
  if (teller_.joinable()) teller_.join();
  if (listener_.joinable()) listener_.join();
}

void Wakeups::Tell(const std::string& service) {
  const std::lock_guard lock(mutex_);
  if (to_tell_.insert(service).second && to_tell_.size() == 1) changed_.notify_all();
}

void Wakeups::TellLoop() {
  while (true) {
    std::set<std::string> services;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return end_ || !to_tell_.empty(); });
      if (end_) return;
      services = std::exchange(to_tell_, {});
    }
    for (const std::string& service : services) {
      const auto told = options_.client->Do(
          {"XADD", options_.stream, "MAXLEN", "~", kKept, "*", "from", self_, "service", service},
          absl::Now() + kTellTime);
      if (told.ok()) told_.Add();
    }
    if (Pause(options_.pace)) return;
  }
}

// True when it is time to end.
bool Wakeups::Pause(absl::Duration time) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, absl::ToChronoNanoseconds(time), [this] { return end_; });
}

void Wakeups::ListenLoop() {
  int factor = 1;
  while (true) {
    const absl::Time began = absl::Now();
    const absl::Status lost = Listen();
    if (lost.ok()) return;
    // One line for each time that it was lost after it had worked.
    if (factor == 1) {
      telemetry::Log(telemetry::Level::kWarning, "redis_wakeups_lost",
                     {{"why", absl::string_view(lost.message())}});
    }
    factor = absl::Now() - began > kAnswerTime ? 1 : std::min(2 * factor, kRetryFactorMax);
    if (Pause(factor * options_.retry)) return;
  }
}

absl::Status Wakeups::Listen() {
  ASSIGN_OR_RETURN(const auto connection,
                   Connection::Open(options_.address, absl::Now() + kOpenTime));
  std::string last = "$";
  {
    // "$" anew with each question would miss what comes between two of them.
    ASSIGN_OR_RETURN(const Reply newest,
                     connection->Do({"XREVRANGE", options_.stream, "+", "-", "COUNT", "1"},
                                    absl::Now() + kOpenTime));
    if (newest.elements.empty()) {
      last = "0";
    } else if (!newest.elements[0].elements.empty()) {
      last = newest.elements[0].elements[0].text;
    }
  }
  woken_("");
  while (true) {
    connection->Append({"XREAD", "BLOCK", kWaitMillis, "STREAMS", options_.stream, last});
    ASSIGN_OR_RETURN(const std::vector<Reply> replies,
                     connection->Exchange(absl::Now() + kAnswerTime, interrupt_));
    {
      const std::lock_guard lock(mutex_);
      if (end_) return absl::OkStatus();
    }
    if (replies.empty()) return absl::UnavailableError("Redis does not answer");
    if (replies[0].kind == Reply::Kind::kError) {
      return absl::UnavailableError(absl::StrCat("Redis: ", replies[0].text));
    }
    if (replies[0].elements.empty()) continue;  // nothing for so long
    // [[stream, [[id, [field, value, ...]], ...]]]
    const Reply& stream = replies[0].elements[0];
    if (stream.elements.size() != 2) return absl::UnavailableError("Redis sent no entries");
    std::set<std::string> services;
    for (const Reply& entry : stream.elements[1].elements) {
      if (entry.elements.size() != 2) continue;
      last = entry.elements[0].text;
      if (Find(entry.elements[1], "from") != self_) {
        services.insert(Find(entry.elements[1], "service"));
      }
    }
    for (const std::string& service : services) {
      heard_.Add();
      woken_(service);
    }
  }
}

}  // namespace mostove::redis
