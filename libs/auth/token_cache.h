// Bearers of tokens that were verified, so that a known token costs a look-up.
#pragma once

#include <array>
#include <mutex>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/auth/directory.h"

namespace mostove::auth {

// For all threads. A token is found by its whole text.
class TokenCache {
 public:
  // What a token says is true until it ends; what its bearer may do, at one
  // version of the directory.
  struct Entry {
    TokenClaims claims;
    std::string key_id;
    Directory::Bearer bearer;
    uint64_t version = 0;
  };
  // `tokens_max`: about; the least that is kept is one per shard.
  explicit TokenCache(size_t tokens_max) : per_shard_(tokens_max / kShards + 1) {}

  enum class Found {
    kNothing,
    kBearer,  // in `caller`
    kClaims,  // in `entry`: the directory has to be asked anew who that is
  };
  Found Find(absl::string_view token, uint64_t version, absl::Time now, call::Caller& caller,
             Entry& entry) const;
  void Keep(absl::string_view token, Entry entry, absl::Time now);
  void Forget(absl::string_view token);
  size_t size() const;

 private:
  static constexpr size_t kShards = 16;
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    absl::flat_hash_map<std::string, Entry> entries;  // guarded by mutex
  };
  Shard& ShardOf(absl::string_view token) const;

  const size_t per_shard_;
  mutable std::array<Shard, kShards> shards_;
};

}  // namespace mostove::auth
