// Names that stand for other resources since two were merged.
//
// Nothing that refers to a merged resource is rewritten: whoever reads a name asks
// here what it stands for, and whoever looks for a resource looks for all its names.
// Kept in memory; with no alias at all every question costs one atomic read.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace mostove::resource {

// For every thread.
class Aliases {
 public:
  // What each merged one was merged into, which may be merged itself.
  using Targets = absl::flat_hash_map<std::string, std::string>;

  bool empty() const { return empty_.load(std::memory_order_acquire); }
  // The resource that the name stands for in the end: `name` itself where it is no
  // alias, else `held`.
  absl::string_view Resolve(absl::string_view name, std::string& held) const;
  std::string Resolve(absl::string_view name) const;
  // All names of the resource that the name stands for, its own first.
  std::vector<std::string> NamesOf(absl::string_view name) const;
  // Adds the other names of all that is named.
  void Widen(std::vector<std::string>& names) const;

  // An empty target: it stands for itself.
  void Set(const std::string& name, const std::string& target);
  // Counts calls of Set.
  uint64_t settings() const;
  // What was read somewhere after `settings()` was asked. True when it differs from what
  // was known; not taken over when Set was called meanwhile.
  bool SetAll(Targets targets, uint64_t settings);

 private:
  std::string ResolveLocked(absl::string_view name) const;

  std::atomic<bool> empty_ = true;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  Targets targets_;
  uint64_t settings_ = 0;
};

}  // namespace mostove::resource
