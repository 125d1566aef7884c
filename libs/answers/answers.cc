#include "libs/answers/answers.h"

#include <list>
#include <mutex>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"

namespace mostove::answers {
namespace {

constexpr size_t kShards = 16;
// A single answer takes at most this part of its shard.
constexpr size_t kPartMax = 4;
// Nodes, counters and what the allocator rounds up.
constexpr size_t kOverhead = 256;

}  // namespace

struct Answers::Shard {
  struct Kept {
    std::string key;
    AnswerPtr answer;
    Basis basis;
    size_t bytes = 0;
  };
  using List = std::list<Kept>;  // the one used last comes first

  // A read under way.
  struct Flight {
    std::vector<Waiter> before;  // came before it began: its answer is good for them
    std::vector<Waiter> during;  // for them if it still holds at its end
  };

  void Erase(List::iterator kept) {
    bytes -= kept->bytes;
    index.erase(kept->key);
    list.erase(kept);
  }

  void Keep(absl::string_view key, AnswerPtr answer, const Basis& basis) {
    if (const auto old = index.find(key); old != index.end()) Erase(old->second);
    const size_t size = kOverhead + key.size() + answer->bytes.capacity() + answer->tag.capacity() +
                        answer->fields.capacity();
    if (size > bytes_max / kPartMax) return;
    list.push_front({std::string(key), std::move(answer), basis, size});
    index.emplace(list.front().key, list.begin());
    bytes += size;
    while (bytes > bytes_max) Erase(std::prev(list.end()));
  }

  std::mutex mutex;
  size_t bytes_max = 0;
  size_t bytes = 0;
  List list;
  absl::flat_hash_map<absl::string_view, List::iterator> index;
  absl::flat_hash_map<std::string, Flight> flights;
  int64_t hits = 0, misses = 0, shared = 0;
};

Answers::Answers(size_t bytes_max) {
  for (size_t i = 0; i < kShards; ++i) {
    shards_.push_back(std::make_unique<Shard>());
    shards_.back()->bytes_max = bytes_max / kShards;
  }
}

Answers::~Answers() = default;

Answers::Shard& Answers::ShardOf(absl::string_view key) const {
  return *shards_[(absl::Hash<absl::string_view>()(key) >> 32) % kShards];
}

AnswerPtr Answers::Find(absl::string_view key, absl::Time now) {
  Shard& shard = ShardOf(key);
  const std::lock_guard<std::mutex> lock(shard.mutex);
  const auto found = shard.index.find(key);
  if (found == shard.index.end()) {
    ++shard.misses;
    return nullptr;
  }
  const Shard::List::iterator kept = found->second;
  if (!kept->basis.Holds(now)) {
    ++shard.misses;
    shard.Erase(kept);
    return nullptr;
  }
  ++shard.hits;
  shard.list.splice(shard.list.begin(), shard.list, kept);
  return kept->answer;
}

bool Answers::Lead(absl::string_view key, absl::Time now, Waiter waiter) {
  AnswerPtr answer;
  {
    Shard& shard = ShardOf(key);
    const std::lock_guard<std::mutex> lock(shard.mutex);
    const auto kept = shard.index.find(key);
    if (kept != shard.index.end() && kept->second->basis.Holds(now)) {
      answer = kept->second->answer;
      ++shard.shared;
    } else {
      const auto [flight, first] = shard.flights.try_emplace(key);
      if (!first) flight->second.during.push_back(std::move(waiter));
      return first;
    }
  }
  waiter(Turn::kAnswered, std::move(answer));
  return false;
}

void Answers::Finish(absl::string_view key, AnswerPtr answer, const Basis& basis, absl::Time now,
                     bool pass_on) {
  std::vector<Waiter> answered, alone;
  Waiter next;
  if (basis.empty()) answer = nullptr;
  {
    Shard& shard = ShardOf(key);
    const std::lock_guard<std::mutex> lock(shard.mutex);
    const auto found = shard.flights.find(key);
    Shard::Flight& flight = found->second;
    const bool holds = answer != nullptr && basis.Holds(now);
    if (holds) shard.Keep(key, answer, basis);
    if (answer != nullptr) answered = std::exchange(flight.before, {});
    // Those who are not answered by now are of the next read, which begins after
    // all of them have come.
    for (Waiter& waiter : flight.during) {
      (holds ? answered : flight.before).push_back(std::move(waiter));
    }
    flight.during.clear();
    if (answer == nullptr && !pass_on) alone = std::exchange(flight.before, {});
    if (flight.before.empty()) {
      shard.flights.erase(found);
    } else {
      next = std::move(flight.before.back());
      flight.before.pop_back();
    }
    shard.shared += static_cast<int64_t>(answered.size());
  }
  for (const Waiter& waiter : answered) waiter(Turn::kAnswered, answer);
  for (const Waiter& waiter : alone) waiter(Turn::kAlone, nullptr);
  if (next) next(Turn::kLead, nullptr);
}

Answers::Figures Answers::figures() const {
  Figures sum;
  for (const std::unique_ptr<Shard>& shard : shards_) {
    const std::lock_guard<std::mutex> lock(shard->mutex);
    sum.hits += shard->hits;
    sum.misses += shard->misses;
    sum.shared += shard->shared;
    sum.bytes += static_cast<int64_t>(shard->bytes);
    sum.answers += static_cast<int64_t>(shard->list.size());
  }
  return sum;
}

}  // namespace mostove::answers
