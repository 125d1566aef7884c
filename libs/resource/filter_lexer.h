// The tokens of a filter (AIP-160).
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mostove::resource::filter {

enum class TokenKind {
  kText,        // a word without quotes; also AND, OR and NOT
  kString,      // quoted
  kComparator,  // = != < <= > >= :
  kMinus,       // at the beginning of a word or before a quote or parenthesis
  kDot,
  kComma,
  kOpen,
  kClose,
  kEnd,
};

enum class Comparator { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual, kHas };

struct Token {
  TokenKind kind;
  int position = 0;           // of its first character, from 1
  bool space_before = false;  // also true at the beginning of the filter
  Comparator comparator = Comparator::kEqual;
  // kText and kString: the text without quotes and escapes.
  std::string text;
  // Offsets in `text` of asterisks that were not escaped.
  std::vector<size_t> stars;

  bool IsWord(absl::string_view word) const { return kind == TokenKind::kText && text == word; }
};

// INVALID_ARGUMENT with "at character 7: ...".
absl::Status ErrorAt(int position, absl::string_view message);

// The last token is kEnd. Refuses text of more than 4,000 characters, invalid
// UTF-8, control characters, strings without an end and unknown escapes.
//
// A word ends at white space and at any of ( ) , . : = < > " ' and !=, but a
// time such as 2026-01-31T10:00:00.5+02:00 is one word.
absl::StatusOr<std::vector<Token>> Tokenize(absl::string_view text);

absl::string_view ComparatorText(Comparator comparator);

}  // namespace mostove::resource::filter
