#include "libs/resource/text.h"

#include <cstring>

#include "unicode/bytestream.h"
#include "unicode/normalizer2.h"
#include "unicode/stringpiece.h"
#include "unicode/utf8.h"

namespace mostove::resource {

namespace {

bool IsAscii(absl::string_view text) {
  const char* at = text.data();
  size_t left = text.size();
  for (; left >= sizeof(uint64_t); at += sizeof(uint64_t), left -= sizeof(uint64_t)) {
    uint64_t word;
    std::memcpy(&word, at, sizeof word);
    if ((word & 0x8080808080808080u) != 0) return false;
  }
  for (; left > 0; ++at, --left) {
    if ((static_cast<unsigned char>(*at) & 0x80) != 0) return false;
  }
  return true;
}

const icu::Normalizer2* Nfc() {
  // Only missing ICU data could make this fail.
  static const icu::Normalizer2* const nfc = [] {
    UErrorCode error = U_ZERO_ERROR;
    return icu::Normalizer2::getNFCInstance(error);
  }();
  return nfc;
}

icu::StringPiece Piece(absl::string_view text) {
  return icu::StringPiece(text.data(), static_cast<int32_t>(text.size()));
}

}  // namespace

TextFacts LookAtText(absl::string_view text) {
  TextFacts facts;
  facts.has_nul = text.find('\0') != absl::string_view::npos;
  if (IsAscii(text)) {
    facts.code_points = static_cast<int64_t>(text.size());
    return facts;
  }
  const auto* const bytes = reinterpret_cast<const uint8_t*>(text.data());
  const auto size = static_cast<int64_t>(text.size());
  for (int64_t at = 0; at < size; ++facts.code_points) {
    UChar32 code_point;
    U8_NEXT(bytes, at, size, code_point);
    if (code_point < 0) {
      facts.valid_utf8 = false;
      break;
    }
  }
  return facts;
}

bool IsNfc(absl::string_view text) {
  if (IsAscii(text)) return true;
  UErrorCode error = U_ZERO_ERROR;
  if (Nfc()->isNormalizedUTF8(Piece(text), error)) return true;
  return U_FAILURE(error) || !LookAtText(text).valid_utf8;
}

std::string ToNfc(absl::string_view text) {
  std::string normal;
  icu::StringByteSink<std::string> sink(&normal, static_cast<int32_t>(text.size()));
  UErrorCode error = U_ZERO_ERROR;
  Nfc()->normalizeUTF8(0, Piece(text), sink, nullptr, error);
  return U_FAILURE(error) ? std::string(text) : normal;
}

}  // namespace mostove::resource
