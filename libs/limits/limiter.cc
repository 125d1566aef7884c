#include "libs/limits/limiter.h"

#include <algorithm>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/digest/digest.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::limits {
namespace {

constexpr size_t kShards = 16;
constexpr size_t kReportsPerCommand = 200;
// Other processes hear of a key's first request, and of so much of a quota, at once.
constexpr int kSoonPartOfQuota = 20;
constexpr absl::Duration kSoon = absl::Milliseconds(5);
constexpr absl::Duration kForgetInterval = absl::Seconds(5);
constexpr absl::Duration kRedisTime = absl::Milliseconds(250);

// Adds what was taken to what stands there, by the clock of Redis, and answers how long it takes
// until the quota is whole again. In microseconds: numbers in Redis have 53 bits. What several
// processes let pass beyond the quota is paid back by waiting, a window at most.
constexpr char kScript[] = R"(local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local debts = {}
for i = 1, #KEYS do
  local taken = tonumber(ARGV[2 * i - 1])
  local window = tonumber(ARGV[2 * i])
  local full = math.max(tonumber(redis.call('GET', KEYS[i]) or '0'), now) + taken
  full = math.min(full, now + 2 * window)
  if full > now then
    redis.call('SET', KEYS[i], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
  end
  debts[i] = full - now
end
return debts)";

int64_t Nanos(absl::Time time) { return absl::ToUnixNanos(time); }
int64_t Micros(int64_t nanos) { return (nanos + 999) / 1000; }

// A key may be an address: what stands in Redis does not say it.
std::string RedisKey(const Budget& budget, absl::string_view key) {
  return absl::StrCat("mostove:limits:", budget.name, ":",
                      digest::Sha256Hex(absl::StrCat(budget.name, ":", key)).substr(0, 32));
}

}  // namespace

Limiter::Limiter(std::vector<Budget> budgets, LimiterOptions options)
    : options_(options),
      keys_per_shard_max_(
          std::max<size_t>(options.keys_max / kShards / std::max<size_t>(budgets.size(), 1), 1)) {
  telemetry::Metrics& metrics =
      options.metrics == nullptr ? telemetry::Metrics::Nowhere() : *options.metrics;
  for (Budget& budget : budgets) {
    BudgetState state;
    state.window = absl::ToInt64Nanoseconds(budget.window);
    state.step = budget.quota == 0 ? 0 : std::max<int64_t>(state.window / budget.quota, 1);
    state.shards = std::make_unique<Shard[]>(kShards);
    state.refused = &metrics.Counter("mostove_limits_refused_total",
                                     "Requests beyond a caller's or an address's budget.",
                                     {{"budget", budget.name}});
    state.budget = std::move(budget);
    budgets_.push_back(std::move(state));
  }
  thread_ = std::thread([this] { Run(); });
}

Limiter::~Limiter() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  woken_.notify_one();
  thread_.join();
}

Limiter::Shard& Limiter::ShardOf(const BudgetState& state, absl::string_view key) {
  // Other bits than those that the map uses.
  return state.shards[(absl::Hash<absl::string_view>()(key) >> 40) % kShards];
}

// Under the shard's mutex.
Limiter::Entry& Limiter::EntryOf(Shard& shard, absl::string_view key) {
  const auto found = shard.entries.find(key);
  if (found != shard.entries.end()) return found->second;
  if (shard.entries.size() >= keys_per_shard_max_) shard.entries.erase(shard.entries.begin());
  return shard.entries[std::string(key)];
}

Verdict Limiter::Take(size_t budget, absl::string_view key, absl::Time now) {
  BudgetState& state = budgets_[budget];
  if (state.step == 0) return {};
  const int64_t at = Nanos(now);
  Shard& shard = ShardOf(state, key);
  Verdict verdict;
  bool tell_soon = false;
  {
    const std::lock_guard lock(shard.mutex);
    Entry& entry = EntryOf(shard, key);
    const int64_t full_at = std::max(entry.full_at, at) + state.step;
    const int64_t room = state.window - (full_at - at);
    verdict.admitted = room >= 0;
    if (verdict.admitted) {
      entry.full_at = full_at;
      verdict.remaining = room / state.step;
      verdict.reset = absl::Nanoseconds(full_at - at);
      if (options_.redis != nullptr) {
        const int64_t soon = state.window / kSoonPartOfQuota;
        tell_soon = full_at - at == state.step ||
                    (entry.unshared < soon && entry.unshared + state.step >= soon);
        entry.unshared += state.step;
        if (!entry.listed) shard.unshared_keys.emplace_back(key);
        entry.listed = true;
      }
    } else {
      verdict.reset = absl::Nanoseconds(entry.full_at - at);
      verdict.retry_after = absl::Nanoseconds(-room);
    }
  }
  if (!verdict.admitted) state.refused->Add();
  if (tell_soon) WakeThread();
  return verdict;
}

size_t Limiter::keys() const {
  size_t count = 0;
  for (const BudgetState& state : budgets_) {
    for (size_t i = 0; i < kShards; ++i) {
      const std::lock_guard lock(state.shards[i].mutex);
      count += state.shards[i].entries.size();
    }
  }
  return count;
}

// --- with other processes

absl::Status Limiter::Share() {
  if (options_.redis == nullptr) return absl::OkStatus();
  const std::lock_guard lock(share_mutex_);
  const std::vector<Report> reports = Collect();
  for (size_t begin = 0; begin < reports.size(); begin += kReportsPerCommand) {
    const size_t end = std::min(begin + kReportsPerCommand, reports.size());
    const absl::Status sent = Send(reports, begin, end);
    if (sent.ok()) continue;
    for (size_t i = begin; i < reports.size(); ++i) Relist(reports[i]);
    return sent;
  }
  return absl::OkStatus();
}

std::vector<Limiter::Report> Limiter::Collect() {
  std::vector<Report> reports;
  const int64_t now = Nanos(absl::Now());
  for (BudgetState& state : budgets_) {
    for (size_t i = 0; i < kShards; ++i) {
      Shard& shard = state.shards[i];
      const std::lock_guard lock(shard.mutex);
      for (std::string& key : std::exchange(shard.unshared_keys, {})) {
        const auto found = shard.entries.find(key);
        if (found == shard.entries.end()) continue;
        Entry& entry = found->second;
        entry.listed = false;
        // What has come back meanwhile, while Redis was away, nobody has to know of.
        entry.unshared = std::min(entry.unshared, std::max<int64_t>(entry.full_at - now, 0));
        if (entry.unshared > 0) reports.push_back({&state, std::move(key), entry.unshared});
      }
    }
  }
  return reports;
}

absl::Status Limiter::Send(const std::vector<Report>& reports, size_t begin, size_t end) {
  redis::Command command = {"eval", kScript, absl::StrCat(end - begin)};
  for (size_t i = begin; i < end; ++i) {
    command.push_back(RedisKey(reports[i].budget->budget, reports[i].key));
  }
  for (size_t i = begin; i < end; ++i) {
    command.push_back(absl::StrCat(Micros(reports[i].taken)));
    command.push_back(absl::StrCat(Micros(reports[i].budget->window)));
  }
  ASSIGN_OR_RETURN(const redis::Reply reply, options_.redis->Do(command, absl::Now() + kRedisTime));
  if (reply.elements.size() != end - begin) {
    return status::Internal("Redis answered the limits' script with something else");
  }
  const absl::Time now = absl::Now();
  for (size_t i = begin; i < end; ++i) {
    Learn(reports[i], reply.elements[i - begin].integer * 1000, now);
  }
  return absl::OkStatus();
}

// `debt`: of all processes together, with what was reported.
void Limiter::Learn(const Report& report, int64_t debt, absl::Time now) {
  Shard& shard = ShardOf(*report.budget, report.key);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.entries.find(report.key);
  if (found == shard.entries.end()) return;
  Entry& entry = found->second;
  entry.unshared -= std::min(report.taken, entry.unshared);
  entry.full_at = Nanos(now) + debt + entry.unshared;
}

void Limiter::Relist(const Report& report) {
  Shard& shard = ShardOf(*report.budget, report.key);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.entries.find(report.key);
  if (found == shard.entries.end() || found->second.listed) return;
  found->second.listed = true;
  shard.unshared_keys.push_back(report.key);
}

void Limiter::Forget(absl::Time now) {
  for (BudgetState& state : budgets_) {
    for (size_t i = 0; i < kShards; ++i) {
      const std::lock_guard lock(state.shards[i].mutex);
      absl::erase_if(state.shards[i].entries,
                     [&](const auto& entry) { return entry.second.full_at <= Nanos(now); });
    }
  }
}

void Limiter::WakeThread() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(wanted_, true)) return;
  }
  woken_.notify_one();
}

void Limiter::Run() {
  absl::Time forget = absl::Now() + kForgetInterval;
  std::unique_lock lock(mutex_);
  while (!ended_) {
    const absl::Duration wait =
        options_.redis == nullptr ? kForgetInterval : options_.share_interval;
    woken_.wait_for(lock, absl::ToChronoNanoseconds(wait), [this] { return wanted_ || ended_; });
    wanted_ = false;
    if (ended_) return;
    lock.unlock();
    Share().IgnoreError();  // the client counts and pauses; what was taken stays here
    if (const absl::Time now = absl::Now(); now >= forget) {
      Forget(now);
      forget = now + kForgetInterval;
    }
    lock.lock();
    // Many first requests make one command.
    woken_.wait_for(lock, absl::ToChronoNanoseconds(kSoon), [this] { return ended_; });
  }
}

}  // namespace mostove::limits
