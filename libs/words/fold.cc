#include "libs/words/fold.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "libs/words/words.h"
#include "unicode/bytestream.h"
#include "unicode/normalizer2.h"
#include "unicode/stringpiece.h"
#include "unicode/translit.h"
#include "unicode/uchar.h"
#include "unicode/unistr.h"

namespace mostove::words {
namespace {

const icu::Normalizer2* CaseFolder() {
  // Only missing ICU data could make this fail; so for the others.
  static const icu::Normalizer2* const folder = [] {
    UErrorCode error = U_ZERO_ERROR;
    return icu::Normalizer2::getNFKCCasefoldInstance(error);
  }();
  return folder;
}

const icu::Normalizer2* Decomposer() {
  static const icu::Normalizer2* const decomposer = [] {
    UErrorCode error = U_ZERO_ERROR;
    return icu::Normalizer2::getNFDInstance(error);
  }();
  return decomposer;
}

// For letters that are neither Cyrillic nor Latin with marks: Arabic, Greek, ł, ß.
// An ICU transliterator is for one thread at a time.
icu::Transliterator* AnyToLatin() {
  thread_local const std::unique_ptr<icu::Transliterator> transliterator = [] {
    UErrorCode error = U_ZERO_ERROR;
    return std::unique_ptr<icu::Transliterator>(icu::Transliterator::createInstance(
        "Any-Latin; Latin-ASCII; Lower", UTRANS_FORWARD, error));
  }();
  return transliterator.get();
}

bool IsMark(UChar32 c) { return (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0; }

// Latin letters without marks, digits, and Cyrillic letters, whose case and normal form
// need no tables: nearly all words. False when there is another character.
bool CaseFoldedSimply(absl::string_view word, icu::UnicodeString& folded) {
  for (size_t i = 0; i < word.size(); ++i) {
    const auto byte = static_cast<unsigned char>(word[i]);
    if (absl::ascii_isalnum(byte)) {
      folded.append(static_cast<char16_t>(absl::ascii_tolower(byte)));
      continue;
    }
    if ((byte != 0xD0 && byte != 0xD1 && byte != 0xD2) || i + 1 >= word.size()) return false;
    auto c =
        static_cast<char16_t>((byte & 0x1F) << 6 | (static_cast<unsigned char>(word[++i]) & 0x3F));
    if (c >= 0x400 && c < 0x410) {
      c += 0x50;
    } else if (c >= 0x410 && c < 0x430) {
      c += 0x20;
    } else if (c == 0x490) {
      c = 0x491;
    }
    if ((c < 0x430 || c >= 0x460) && c != 0x491) return false;
    folded.append(c);
  }
  return true;
}

// In lower case and composed.
icu::UnicodeString CaseFolded(absl::string_view word) {
  icu::UnicodeString simple;
  if (CaseFoldedSimply(word, simple)) return simple;
  UErrorCode error = U_ZERO_ERROR;
  return CaseFolder()->normalize(icu::UnicodeString::fromUTF8(icu::StringPiece(
                                     word.data(), static_cast<int32_t>(word.size()))),
                                 error);
}

bool IsUkrainian(const icu::UnicodeString& word) {
  for (const UChar32 letter : {0x456, 0x457, 0x454, 0x491}) {  // і ї є ґ
    if (word.indexOf(letter) >= 0) return true;
  }
  return false;
}

bool IsCyrillic(const icu::UnicodeString& word) {
  for (int32_t i = 0; i < word.length(); i = word.moveIndex32(i, 1)) {
    if (BulgarianLetter(word.char32At(i)) != nullptr) return true;
  }
  return false;
}

bool IsPlain(const icu::UnicodeString& word, std::string& plain) {
  for (int32_t i = 0; i < word.length(); ++i) {
    const char16_t c = word.charAt(i);
    if (c >= 0x80 || !absl::ascii_isalnum(static_cast<unsigned char>(c))) return false;
    plain += static_cast<char>(c);
  }
  return true;
}

// Marks go; what is no Latin letter or digit then is left to ICU's rules.
std::string Latin(const icu::UnicodeString& word) {
  if (std::string plain; IsPlain(word, plain)) return plain;
  UErrorCode error = U_ZERO_ERROR;
  const icu::UnicodeString decomposed = Decomposer()->normalize(word, error);
  icu::UnicodeString bare;
  bool ascii = true;
  for (int32_t i = 0; i < decomposed.length(); i = decomposed.moveIndex32(i, 1)) {
    const UChar32 c = decomposed.char32At(i);
    if (IsMark(c) && c < 0x370) continue;  // marks of other scripts may be vowels
    ascii = ascii && c < 0x80;
    bare.append(c);
  }
  if (!ascii && AnyToLatin() != nullptr) AnyToLatin()->transliterate(bare);
  std::string latin;
  for (int32_t i = 0; i < bare.length(); ++i) {
    const char16_t c = bare.charAt(i);
    if (c < 0x80 && absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      latin += static_cast<char>(absl::ascii_tolower(static_cast<unsigned char>(c)));
    }
  }
  return latin;
}

std::string Transliterated(const icu::UnicodeString& word, const char* (*table)(UChar32)) {
  std::string latin;
  icu::UnicodeString others;
  const auto flush = [&] {
    if (!others.isEmpty()) latin += Latin(others);
    others.remove();
  };
  for (int32_t i = 0; i < word.length(); i = word.moveIndex32(i, 1)) {
    const UChar32 c = word.char32At(i);
    if (const char* letters = table(c); letters != nullptr) {
      flush();
      // "зг" is zgh, so that it does not read like ж.
      const bool zgh = table == UkrainianLetter && c == 0x433 && i > 0 &&
                       word.char32At(word.moveIndex32(i, -1)) == 0x437;
      // The law knows ь before о only; in other languages' words it is not written.
      const bool yo = table == BulgarianLetter && c == 0x44C && i + 1 < word.length() &&
                      word.char32At(i + 1) == 0x43E;
      latin += zgh ? "gh" : yo ? "y" : letters;
    } else if (!IsMark(c)) {
      others.append(c);
    }
  }
  flush();
  return latin;
}

}  // namespace

const char* BulgarianLetter(UChar32 letter) {
  static constexpr const char* kLetters[] = {"a",  "b",   "v",  "g",  "d", "e", "zh", "z",
                                             "i",  "y",   "k",  "l",  "m", "n", "o",  "p",  // а-п
                                             "r",  "s",   "t",  "u",  "f", "h", "ts", "ch",
                                             "sh", "sht", "a",  "y",  "",  "e", "yu", "ya",  // р-я
                                             "e",  "e",   "dj", "g",  "e", "z", "i",  "i",
                                             "y",  "ly",  "ny", "ch", "k", "i", "u",  "dz"};  // ѐ-џ
  if (letter >= 0x430 && letter < 0x460) return kLetters[letter - 0x430];
  return letter == 0x491 ? "g" : nullptr;  // ґ
}

const char* UkrainianLetter(UChar32 letter) {
  switch (letter) {
    case 0x433:
      return "h";  // г
    case 0x445:
      return "kh";  // х
    case 0x449:
      return "shch";  // щ
    case 0x44A:       // ъ
    case 0x44C:       // ь
      return "";
    case 0x454:
      return "ie";  // є
    default:
      return BulgarianLetter(letter);
  }
}

std::string Collapse(absl::string_view latin) {
  std::string word;
  for (size_t i = 0; i < latin.size() && word.size() < kWordLengthMax; ++i) {
    char c = latin[i];
    if (c == 'y' || c == 'j') c = 'i';
    if (c == 'w') c = 'v';
    if (c == 'k' && i + 1 < latin.size() && latin[i + 1] == 'h') continue;
    const bool letter = c >= 'a' && c <= 'z';
    if (letter && !word.empty() && word.back() == c) continue;
    word += c;
  }
  return word;
}

std::vector<std::string> Fold(absl::string_view word) {
  const icu::UnicodeString folded = CaseFolded(word);
  std::vector<std::string> forms;
  const auto add = [&](const std::string& latin) {
    std::string form = Collapse(latin);
    if (!form.empty() && (forms.empty() || forms[0] != form)) forms.push_back(std::move(form));
  };
  if (!IsCyrillic(folded)) {
    add(Latin(folded));
    return forms;
  }
  const bool ukrainian = IsUkrainian(folded);
  add(Transliterated(folded, ukrainian ? UkrainianLetter : BulgarianLetter));
  add(Transliterated(folded, ukrainian ? BulgarianLetter : UkrainianLetter));
  return forms;
}

}  // namespace mostove::words
