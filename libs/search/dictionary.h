// The words that stand in the index, for words with typos.
//
// Each word is known with the audiences that see a resource with it: who looks for
// near ones is told only of those that stand in what this caller may see.
#pragma once

#include <array>
#include <cstdint>
#include <shared_mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "libs/words/words.h"

namespace mostove::search {

// Safe for all threads.
class Dictionary {
 public:
  // `audiences`: bits of 1 << resource::Audience.
  void Add(absl::string_view word, uint32_t audiences);
  // Whether all of these audiences see the word.
  bool Has(absl::string_view word, uint32_t audiences) const;
  size_t size() const;

  // Words at a distance of 1 to `typos` that one of the audiences sees, the nearest
  // first, then by the alphabet; `limit` at most.
  std::vector<std::string> Nearest(absl::string_view word, uint32_t audiences, int typos,
                                   size_t limit) const;

  // Words that begin so, longer than it, the shortest first; `limit` at most.
  std::vector<std::string> Beginning(absl::string_view prefix, uint32_t audiences,
                                     size_t limit) const;

 private:
  // Words of one length, their letters one after the other.
  struct Shelf {
    std::vector<uint64_t> letters;
    std::vector<uint8_t> audiences;
    std::string words;
  };

  mutable std::shared_mutex mutex_;
  std::array<Shelf, words::kWordLengthMax + 1> shelves_;  // guarded by mutex_
  absl::flat_hash_map<std::string, uint32_t> places_;     // on its shelf; guarded by mutex_
};

}  // namespace mostove::search
