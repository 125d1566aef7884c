// Where in a document something stands, kept on the stack and put into words
// only when there is something to say about it.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace mostove::transcoding {

struct FieldPath {
  const FieldPath* parent = nullptr;
  absl::string_view name = {};
  int index = -1;  // of an element; then there is no name

  FieldPath Child(absl::string_view child) const { return {.parent = this, .name = child}; }
  FieldPath Element(int child_index) const { return {.parent = this, .index = child_index}; }
  // The entry of a map: by its key if that looks like a name, else by its place.
  FieldPath Entry(absl::string_view key, int position) const;

  // "identifiers[0].value"
  std::string ToString() const;
};

// Letters, digits, "_", "-", "@" and "$", up to 64: fit to be repeated in an error,
// where anything else could be somebody's data.
bool LooksLikeName(absl::string_view text);

// The candidate at a small edit distance from `name`; empty if there is none.
template <class Candidates>
std::string NearestName(absl::string_view name, const Candidates& candidates);
size_t EditDistance(absl::string_view a, absl::string_view b);

template <class Candidates>
std::string NearestName(absl::string_view name, const Candidates& candidates) {
  std::string best;
  size_t best_distance = name.size() / 3 < 2 ? name.size() / 3 + 1 : 3;
  for (const auto& candidate : candidates) {
    const size_t distance = EditDistance(name, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = std::string(candidate);
    }
  }
  return best;
}

}  // namespace mostove::transcoding
