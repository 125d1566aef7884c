// Words as people write them, folded so that the same word in another script, case
// or transliteration is the same text: "Sofia", "София", "софия", "Sofiya", "sofja".
//
// Folding: NFKC and case folding; Bulgarian letters by the law's transliteration,
// Ukrainian ones by КМУ 55/2010; marks stripped; then what transliterations differ
// in is made equal: y and j are i, kh is h, w is v, doubled letters are one.
// A folded word consists of [a-z0-9] alone. Immutable tables; safe for all threads.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace mostove::words {

// Folded words are cut after so many characters.
inline constexpr size_t kWordLengthMax = 40;

// A word and where it stands in its text.
struct Word {
  size_t begin = 0;  // in bytes
  size_t end = 0;
  // The first is the usual one. A Cyrillic word that the two transliterations write
  // differently has both: "Громада" is "gromada" and "hromada", the Ukrainian one
  // first where the word has і, ї, є or ґ.
  std::vector<std::string> forms;
};

// Runs of letters, marks and digits, `limit` at most; an apostrophe within one belongs
// to it. What cannot be folded to anything (a lone mark) is left out. Bytes that are
// no UTF-8 separate words.
std::vector<Word> Split(absl::string_view text, size_t limit);

// The forms of one word.
std::vector<std::string> Fold(absl::string_view word);

// The usual forms of the text's words with a space between: "fondatsia pomosht sofia".
std::string FoldText(absl::string_view text);

// How many typos there may be in a folded word of that length: none up to three
// letters, one up to seven, two from eight.
int TyposAllowed(size_t length);

// Insertions, deletions, substitutions and swaps of neighbours that make one text of
// the other (optimal string alignment); `limit` + 1 where there are more.
int Distance(absl::string_view a, absl::string_view b, int limit);

// Which letters a folded word has, as bits. Words of distance d differ in 2 d bits at
// most, which spares most calls of Distance.
uint64_t Letters(absl::string_view folded);

// What kind of organization it is, in Bulgarian, Ukrainian and English: of a folded
// word, "fondatsia", "foundation", "sdruzhenie".
bool IsLegalForm(absl::string_view folded);
// A legal form, or one of the small words between the others: "za", "the".
bool IsWeak(absl::string_view folded);

}  // namespace mostove::words
