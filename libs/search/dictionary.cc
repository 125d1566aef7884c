#include "libs/search/dictionary.h"

#include <algorithm>
#include <bitset>
#include <mutex>
#include <utility>

namespace mostove::search {

void Dictionary::Add(absl::string_view word, uint32_t audiences) {
  if (word.empty() || word.size() > words::kWordLengthMax) return;
  std::unique_lock lock(mutex_);
  Shelf& shelf = shelves_[word.size()];
  const auto [place, fresh] =
      places_.try_emplace(std::string(word), static_cast<uint32_t>(shelf.letters.size()));
  if (fresh) {
    shelf.letters.push_back(words::Letters(word));
    shelf.audiences.push_back(0);
    shelf.words.append(word.data(), word.size());
  }
  shelf.audiences[place->second] |= static_cast<uint8_t>(audiences);
}

bool Dictionary::Has(absl::string_view word, uint32_t audiences) const {
  std::shared_lock lock(mutex_);
  const auto place = places_.find(std::string(word));
  if (place == places_.end()) return false;
  return (shelves_[word.size()].audiences[place->second] & audiences) == audiences;
}

size_t Dictionary::size() const {
  std::shared_lock lock(mutex_);
  return places_.size();
}

std::vector<std::string> Dictionary::Nearest(absl::string_view word, uint32_t audiences, int typos,
                                             size_t limit) const {
  std::vector<std::pair<int, std::string>> found;
  const uint64_t letters = words::Letters(word);
  const size_t shortest = word.size() > static_cast<size_t>(typos) ? word.size() - typos : 1;
  const size_t longest = std::min(word.size() + typos, words::kWordLengthMax);
  std::shared_lock lock(mutex_);
  for (size_t length = shortest; length <= longest; ++length) {
    const Shelf& shelf = shelves_[length];
    for (size_t i = 0; i < shelf.letters.size(); ++i) {
      if ((shelf.audiences[i] & audiences) == 0) continue;
      // Popcount spares nearly all calls of Distance.
      if (std::bitset<64>(shelf.letters[i] ^ letters).count() > 2 * static_cast<size_t>(typos)) {
        continue;
      }
      const absl::string_view near(shelf.words.data() + i * length, length);
      const int distance = words::Distance(word, near, typos);
      if (distance > 0 && distance <= typos) found.emplace_back(distance, std::string(near));
    }
  }
  lock.unlock();
  std::sort(found.begin(), found.end());
  if (found.size() > limit) found.resize(limit);
  std::vector<std::string> nearest;
  nearest.reserve(found.size());
  for (auto& [distance, text] : found) nearest.push_back(std::move(text));
  return nearest;
}

std::vector<std::string> Dictionary::Beginning(absl::string_view prefix, uint32_t audiences,
                                               size_t limit) const {
  std::vector<std::string> found;
  std::shared_lock lock(mutex_);
  for (size_t length = prefix.size() + 1; length < shelves_.size(); ++length) {
    const Shelf& shelf = shelves_[length];
    const size_t before = found.size();
    for (size_t i = 0; i < shelf.letters.size(); ++i) {
      if (shelf.words.compare(i * length, prefix.size(), prefix.data(), prefix.size()) != 0) {
        continue;
      }
      if ((shelf.audiences[i] & audiences) == 0) continue;
      found.push_back(shelf.words.substr(i * length, length));
    }
    // By the alphabet, and not in the order in which they came: that tells nothing.
    std::sort(found.begin() + static_cast<int64_t>(before), found.end());
    if (found.size() >= limit) {
      found.resize(limit);
      break;
    }
  }
  return found;
}

}  // namespace mostove::search
