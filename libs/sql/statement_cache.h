// The prepared statements of one connection by their text; the one not used for
// longest goes when there are too many.
#pragma once

#include <list>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace mostove::sql {

template <typename Prepared>
class StatementCache {
 public:
  explicit StatementCache(size_t statements_max) : statements_max_(statements_max) {}

  // nullptr when it is not there. Valid until the next Insert or Clear.
  Prepared* Find(absl::string_view text) {
    const auto found = by_text_.find(text);
    if (found == by_text_.end()) return nullptr;
    if (found->second != newest_first_.begin()) {
      newest_first_.splice(newest_first_.begin(), newest_first_, found->second);
    }
    return &found->second->second;
  }

  // Takes the oldest out if there is no room for another one.
  std::optional<Prepared> MakeRoom() {
    if (newest_first_.size() < statements_max_) return std::nullopt;
    by_text_.erase(newest_first_.back().first);
    Prepared oldest = std::move(newest_first_.back().second);
    newest_first_.pop_back();
    return oldest;
  }

  // `text` must not be there yet. Call MakeRoom before.
  void Insert(absl::string_view text, Prepared prepared) {
    newest_first_.emplace_front(std::string(text), std::move(prepared));
    by_text_.emplace(newest_first_.front().first, newest_first_.begin());
  }

  void Clear() {
    by_text_.clear();
    newest_first_.clear();
  }

 private:
  using Entries = std::list<std::pair<std::string, Prepared>>;

  const size_t statements_max_;
  Entries newest_first_;
  // The keys are views of the entries' texts.
  absl::flat_hash_map<absl::string_view, typename Entries::iterator> by_text_;
};

}  // namespace mostove::sql
