#include "libs/auth/token_cache.h"

#include <utility>

#include "absl/hash/hash.h"

namespace mostove::auth {

// A token ends with its signature, which is as good as random.
TokenCache::Shard& TokenCache::ShardOf(absl::string_view token) const {
  return shards_[absl::HashOf(token.substr(token.size() - std::min<size_t>(token.size(), 16))) %
                 kShards];
}

TokenCache::Found TokenCache::Find(absl::string_view token, uint64_t version, absl::Time now,
                                   call::Caller& caller, Entry& entry) const {
  const Shard& shard = ShardOf(token);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.entries.find(token);
  if (found == shard.entries.end()) return Found::kNothing;
  const Entry& kept = found->second;
  if (kept.version == version && now < kept.bearer.valid_until) {
    caller = kept.bearer.caller;
    return Found::kBearer;
  }
  entry = kept;
  return Found::kClaims;
}

void TokenCache::Keep(absl::string_view token, Entry entry, absl::Time now) {
  Shard& shard = ShardOf(token);
  const std::lock_guard lock(shard.mutex);
  if (shard.entries.size() >= per_shard_ && !shard.entries.contains(token)) {
    absl::erase_if(shard.entries,
                   [now](const auto& kept) { return kept.second.claims.expire_time <= now; });
    if (shard.entries.size() >= per_shard_) shard.entries.erase(shard.entries.begin());
  }
  shard.entries.insert_or_assign(std::string(token), std::move(entry));
}

void TokenCache::Forget(absl::string_view token) {
  Shard& shard = ShardOf(token);
  const std::lock_guard lock(shard.mutex);
  shard.entries.erase(token);
}

size_t TokenCache::size() const {
  size_t size = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    size += shard.entries.size();
  }
  return size;
}

}  // namespace mostove::auth
