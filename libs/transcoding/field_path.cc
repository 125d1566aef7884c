#include "libs/transcoding/field_path.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace mostove::transcoding {

FieldPath FieldPath::Entry(absl::string_view key, int position) const {
  return LooksLikeName(key) ? Child(key) : Element(position);
}

std::string FieldPath::ToString() const {
  std::string result = parent == nullptr ? "" : parent->ToString();
  if (index >= 0) {
    absl::StrAppend(&result, "[", index, "]");
  } else if (!name.empty()) {
    absl::StrAppend(&result, result.empty() ? "" : ".", name);
  }
  return result;
}

bool LooksLikeName(absl::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '@' || c == '$';
  });
}

size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

}  // namespace mostove::transcoding
