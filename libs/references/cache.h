// Names that a caller may refer to, as their services said a moment ago.
//
// Only what exists is kept: what is missing may come to exist at any time. An
// answer holds for callers who see the same, for a short time, and until its
// resource changes.
#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/call/call.h"

namespace mostove::references {

class Cache {
 public:
  Cache(size_t names_max, absl::Duration time_to_live)
      : names_max_(names_max), time_to_live_(time_to_live) {}

  // Whether the name was found for a caller of call::VisibilityOf a moment ago.
  bool Has(const std::string& visibility, absl::string_view name, absl::Time now);
  // Take it before the question is asked.
  uint64_t generation() const;
  // Keeps the names, unless some were dropped since `generation`: the answer may
  // be older than what they were dropped for.
  void Add(const std::string& visibility, const std::vector<std::string>& names, absl::Time now,
           uint64_t generation);
  void Drop(const std::vector<std::string>& names);

  int64_t hits() const;
  int64_t misses() const;

 private:
  struct Seen {
    std::string visibility;
    absl::Time until;
  };
  struct Entry {
    std::string name;
    std::vector<Seen> seen;
  };
  using Entries = std::list<Entry>;  // the one used last comes first

  const size_t names_max_;
  const absl::Duration time_to_live_;
  mutable std::mutex mutex_;
  Entries entries_;
  absl::flat_hash_map<absl::string_view, Entries::iterator> index_;
  uint64_t generation_ = 0;
  int64_t hits_ = 0;
  int64_t misses_ = 0;
};

}  // namespace mostove::references
