// One word to its folded forms: see words.h.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "unicode/utypes.h"

namespace mostove::words {

// Latin letters for a Cyrillic one in lower case; null for other letters.
const char* BulgarianLetter(UChar32 letter);  // закон за транслитерацията, ДВ 19/2009
const char* UkrainianLetter(UChar32 letter);  // КМУ 55/2010

// What transliterations differ in is made equal, and the word cut at its longest.
std::string Collapse(absl::string_view latin);

}  // namespace mostove::words
