#include "libs/references/cache.h"

namespace mostove::references {
namespace {

// Of one name; more callers than that ask again.
constexpr size_t kSeenMax = 16;

}  // namespace

bool Cache::Has(const std::string& visibility, absl::string_view name, absl::Time now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = index_.find(name);
  if (found != index_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    for (const Seen& seen : found->second->seen) {
      if (seen.visibility != visibility || seen.until <= now) continue;
      ++hits_;
      return true;
    }
  }
  ++misses_;
  return false;
}

uint64_t Cache::generation() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return generation_;
}

void Cache::Add(const std::string& visibility, const std::vector<std::string>& names,
                absl::Time now, uint64_t generation) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (generation != generation_) return;
  for (const std::string& name : names) {
    auto found = index_.find(name);
    if (found == index_.end()) {
      entries_.push_front({name, {}});
      found = index_.emplace(entries_.front().name, entries_.begin()).first;
    }
    std::vector<Seen>& seen = found->second->seen;
    std::erase_if(
        seen, [&](const Seen& old) { return old.until <= now || old.visibility == visibility; });
    if (seen.size() == kSeenMax) seen.erase(seen.begin());
    seen.push_back({visibility, now + time_to_live_});
    if (entries_.size() > names_max_) {
      index_.erase(entries_.back().name);
      entries_.pop_back();
    }
  }
}

void Cache::Drop(const std::vector<std::string>& names) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++generation_;
  for (const std::string& name : names) {
    const auto found = index_.find(name);
    if (found == index_.end()) continue;
    const Entries::iterator entry = found->second;
    index_.erase(found);
    entries_.erase(entry);
  }
}

int64_t Cache::hits() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return hits_;
}

int64_t Cache::misses() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return misses_;
}

}  // namespace mostove::references
