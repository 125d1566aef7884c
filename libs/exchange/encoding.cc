#include "libs/exchange/encoding.h"

#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/status/macros.h"

namespace mostove::exchange {
namespace {

constexpr absl::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr absl::string_view kUtf16LittleMark = "\xFF\xFE";
constexpr absl::string_view kUtf16BigMark = "\xFE\xFF";

bool IsUtf8(absl::string_view bytes) {
  const int32_t size = static_cast<int32_t>(bytes.size());
  for (int32_t i = 0; i < size;) {
    UChar32 c;
    U8_NEXT(bytes.data(), i, size, c);
    if (c < 0) return false;
  }
  return true;
}

absl::StatusOr<std::string> Convert(absl::string_view bytes, const std::string& encoding) {
  UErrorCode code = U_ZERO_ERROR;
  const std::unique_ptr<UConverter, decltype(&ucnv_close)> converter(
      ucnv_open(encoding.c_str(), &code), ucnv_close);
  if (U_FAILURE(code)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", encoding, "' is no known encoding; examples are UTF-8, windows-1251 and ISO-8859-1"));
  }
  ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &code);
  const icu::UnicodeString text(bytes.data(), static_cast<int32_t>(bytes.size()), converter.get(),
                                code);
  if (U_FAILURE(code)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the file is not ", encoding, ": it has bytes that this encoding has not"));
  }
  std::string utf8;
  return text.toUTF8String(utf8);
}

// Text in UTF-16 has a NUL in every second byte wherever it is ASCII.
std::string Utf16WithoutMark(absl::string_view bytes) {
  const size_t size = std::min<size_t>(bytes.size(), 4096) & ~size_t{1};
  size_t even = 0, odd = 0;
  for (size_t i = 0; i < size; i += 2) {
    even += bytes[i] == '\0';
    odd += bytes[i + 1] == '\0';
  }
  if (odd > size / 8 && even == 0) return "UTF-16LE";
  if (even > size / 8 && odd == 0) return "UTF-16BE";
  return "";
}

// The detector counts letters, so the many ASCII lines of a table would only
// dilute what tells the encodings apart.
std::string LinesBeyondAscii(absl::string_view bytes) {
  constexpr size_t kEnough = 256 << 10;
  std::string lines;
  while (!bytes.empty() && lines.size() < kEnough) {
    const size_t end = std::min(bytes.find('\n'), bytes.size());
    const absl::string_view line = bytes.substr(0, end);
    if (std::any_of(line.begin(), line.end(), [](char c) { return (c & 0x80) != 0; })) {
      absl::StrAppend(&lines, line, "\n");
    }
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return lines;
}

std::string Detect(absl::string_view bytes) {
  const std::string sample = LinesBeyondAscii(bytes);
  UErrorCode code = U_ZERO_ERROR;
  const std::unique_ptr<UCharsetDetector, decltype(&ucsdet_close)> detector(ucsdet_open(&code),
                                                                            ucsdet_close);
  ucsdet_setText(detector.get(), sample.data(), static_cast<int32_t>(sample.size()), &code);
  const UCharsetMatch* match = ucsdet_detect(detector.get(), &code);
  if (U_FAILURE(code) || match == nullptr) return "";
  const char* name = ucsdet_getName(match, &code);
  return U_FAILURE(code) || name == nullptr ? "" : name;
}

}  // namespace

absl::StatusOr<DecodedText> DecodeText(absl::string_view bytes, absl::string_view encoding) {
  if (bytes.size() > 1u << 30) {
    return absl::InvalidArgumentError("the file is larger than 1 GiB; split it");
  }
  DecodedText decoded;
  decoded.encoding = std::string(encoding);
  if (absl::StartsWith(bytes, kUtf8Mark)) {
    bytes.remove_prefix(kUtf8Mark.size());
    if (encoding.empty()) decoded.encoding = "UTF-8";
  } else if (encoding.empty() && absl::StartsWith(bytes, kUtf16LittleMark)) {
    bytes.remove_prefix(2);
    decoded.encoding = "UTF-16LE";
  } else if (encoding.empty() && absl::StartsWith(bytes, kUtf16BigMark)) {
    bytes.remove_prefix(2);
    decoded.encoding = "UTF-16BE";
  } else if (encoding.empty()) {
    decoded.encoding = Utf16WithoutMark(bytes);
    if (decoded.encoding.empty() && IsUtf8(bytes)) decoded.encoding = "UTF-8";
    if (decoded.encoding.empty()) {
      decoded.encoding = Detect(bytes);
      decoded.guessed = true;
    }
    if (decoded.encoding.empty()) {
      return absl::InvalidArgumentError(
          "the file is not UTF-8 and its encoding is not to be seen; name it with --encoding");
    }
  }
  ASSIGN_OR_RETURN(decoded.text, Convert(bytes, decoded.encoding));
  return decoded;
}

}  // namespace mostove::exchange
