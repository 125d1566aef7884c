#include "libs/sql/placeholders.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace mostove::sql {
namespace {

size_t After(absl::string_view text, absl::string_view end, size_t from) {
  const size_t found = text.find(end, from);
  return found == absl::string_view::npos ? text.size() : found + end.size();
}

// The length of the quoted text or comment that `text` begins with; else 0.
size_t QuotedLength(absl::string_view text) {
  // A doubled quote ends one text and begins the next, to the same effect.
  if (text[0] == '\'' || text[0] == '"') return After(text, text.substr(0, 1), 1);
  if (absl::StartsWith(text, "--")) return After(text, "\n", 2);
  if (absl::StartsWith(text, "/*")) return After(text, "*/", 2);
  if (text[0] != '$') return 0;
  const size_t name_end =
      std::find_if_not(text.begin() + 1, text.end(),
                       [](char c) { return absl::ascii_isalnum(c) || c == '_'; }) -
      text.begin();
  if (name_end == text.size() || text[name_end] != '$') return 0;
  return After(text, text.substr(0, name_end + 1), name_end + 1);
}

}  // namespace

std::string ToDollarPlaceholders(absl::string_view statement) {
  std::string translated;
  translated.reserve(statement.size());
  while (!statement.empty()) {
    size_t length = QuotedLength(statement);
    if (length > 0) {
      translated.append(statement.data(), length);
    } else {
      const bool mark =
          statement[0] == '?' && statement.size() > 1 && absl::ascii_isdigit(statement[1]);
      translated += mark ? '$' : statement[0];
      length = 1;
    }
    statement.remove_prefix(length);
  }
  return translated;
}

}  // namespace mostove::sql
