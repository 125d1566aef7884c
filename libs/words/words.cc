#include "libs/words/words.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/words/fold.h"
#include "unicode/uchar.h"
#include "unicode/utf8.h"

namespace mostove::words {
namespace {

bool IsApostrophe(UChar32 c) { return c == '\'' || c == 0x2019 || c == 0x02BC; }

bool IsWordCharacter(UChar32 c) {
  if (c < 0x80) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
  return u_isalnum(c) || (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0;
}

UChar32 At(absl::string_view text, size_t at, size_t& next) {
  const auto* const bytes = reinterpret_cast<const uint8_t*>(text.data());
  const auto size = static_cast<int64_t>(text.size());
  auto position = static_cast<int64_t>(at);
  UChar32 code_point;
  U8_NEXT(bytes, position, size, code_point);
  next = static_cast<size_t>(position);
  return code_point;
}

// Past the word that begins at `begin`.
size_t EndOfWord(absl::string_view text, size_t begin) {
  size_t end = begin;
  while (end < text.size()) {
    size_t next;
    UChar32 c = At(text, end, next);
    if (c >= 0 && IsApostrophe(c) && next < text.size()) c = At(text, next, next);
    if (c < 0 || !IsWordCharacter(c)) break;
    end = next;
  }
  return end;
}

absl::flat_hash_set<std::string> FoldedSet(absl::string_view text) {
  absl::flat_hash_set<std::string> set;
  for (const absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    for (std::string& form : Fold(word)) set.insert(std::move(form));
  }
  return set;
}

}  // namespace

std::vector<Word> Split(absl::string_view text, size_t limit) {
  std::vector<Word> words;
  for (size_t at = 0; at < text.size() && words.size() < limit;) {
    size_t next;
    const UChar32 c = At(text, at, next);
    if (c < 0 || !IsWordCharacter(c)) {
      at = next;
      continue;
    }
    Word word = {.begin = at, .end = EndOfWord(text, at)};
    word.forms = Fold(text.substr(word.begin, word.end - word.begin));
    at = word.end;
    if (!word.forms.empty()) words.push_back(std::move(word));
  }
  return words;
}

std::string FoldText(absl::string_view text) {
  std::string folded;
  for (const Word& word : Split(text, text.size())) {
    absl::StrAppend(&folded, folded.empty() ? "" : " ", word.forms[0]);
  }
  return folded;
}

int TyposAllowed(size_t length) { return length < 4 ? 0 : length < 8 ? 1 : 2; }

int Distance(absl::string_view a, absl::string_view b, int limit) {
  const int rows = static_cast<int>(a.size());
  const int columns = static_cast<int>(b.size());
  if (std::abs(rows - columns) > limit) return limit + 1;
  if (rows > static_cast<int>(kWordLengthMax) || columns > static_cast<int>(kWordLengthMax)) {
    return a == b ? 0 : limit + 1;
  }
  // The last three rows of the table, of which only the band of `limit` beside the
  // diagonal matters.
  std::array<std::array<int, kWordLengthMax + 1>, 3> table;
  for (int column = 0; column <= columns; ++column) table[0][column] = column;
  for (int row = 1; row <= rows; ++row) {
    auto& now = table[row % 3];
    const auto& above = table[(row + 2) % 3];
    const auto& before = table[(row + 1) % 3];
    const int first = std::max(1, row - limit);
    const int last = std::min(columns, row + limit);
    now[0] = row;
    if (first > 1) now[first - 1] = limit + 1;
    int least = first > 1 ? limit + 1 : now[0];
    for (int column = first; column <= last; ++column) {
      const bool same = a[row - 1] == b[column - 1];
      int cost = above[column - 1] + (same ? 0 : 1);
      cost = std::min(cost, now[column - 1] + 1);
      // The cell above the band's end was not filled.
      if (column < row + limit || row == 1) cost = std::min(cost, above[column] + 1);
      if (row > 1 && column > 1 && a[row - 1] == b[column - 2] && a[row - 2] == b[column - 1]) {
        cost = std::min(cost, before[column - 2] + 1);
      }
      now[column] = cost;
      least = std::min(least, cost);
    }
    if (least > limit) return limit + 1;
  }
  return std::min(table[rows % 3][columns], limit + 1);
}

uint64_t Letters(absl::string_view folded) {
  uint64_t once = 0;
  uint64_t twice = 0;
  for (const char c : folded) {
    const uint64_t bit = c >= 'a' && c <= 'z' ? uint64_t{1} << (c - 'a') : uint64_t{1} << 26;
    twice |= once & bit;
    once |= bit;
  }
  return once | twice << 32;
}

bool IsLegalForm(absl::string_view folded) {
  static const auto* const forms = new absl::flat_hash_set<std::string>(
      FoldedSet("фондация фондацията сдружение сдружението асоциация дружество организация "
                "неправителствена нестопанска читалище юлнц юлнцоп нпо "
                "фонд фундація благодійний благодійна благодійне громадська громадське організація "
                "асоціація спілка товариство об'єднання "
                "foundation fund association society organization organisation charity charitable "
                "nonprofit nongovernmental ngo npo union ltd ev"));
  return forms->contains(folded);
}

bool IsWeak(absl::string_view folded) {
  static const auto* const small =
      new absl::flat_hash_set<std::string>(FoldedSet("за на и в във с със от по към при до или "
                                                     "та і й у з зі із для від про "
                                                     "the of for and in to at by with a an"));
  return small->contains(folded) || IsLegalForm(folded);
}

}  // namespace mostove::words
