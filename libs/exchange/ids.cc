#include "libs/exchange/ids.h"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/unistr.h>

#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/digest/digest.h"

namespace mostove::exchange {
namespace {

constexpr size_t kSlugSizeMax = 40;

icu::UnicodeString ToUnicode(absl::string_view text) {
  return icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
}

std::string ToAsciiLower(absl::string_view text) {
  thread_local const std::unique_ptr<icu::Transliterator> transliterator = [] {
    UErrorCode code = U_ZERO_ERROR;
    return std::unique_ptr<icu::Transliterator>(
        icu::Transliterator::createInstance("Any-Latin; Latin-ASCII; Lower", UTRANS_FORWARD, code));
  }();
  icu::UnicodeString unicode = ToUnicode(text);
  if (transliterator != nullptr) transliterator->transliterate(unicode);
  std::string ascii;
  return unicode.toUTF8String(ascii);
}

}  // namespace

std::string ToNfc(absl::string_view text) {
  UErrorCode code = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(code);
  const icu::UnicodeString unicode = ToUnicode(text);
  std::string result;
  if (U_FAILURE(code)) return unicode.toUTF8String(result);
  return nfc->normalize(unicode, code).toUTF8String(result);
}

std::string Slug(absl::string_view name) {
  std::string slug;
  for (const char c : ToAsciiLower(name)) {
    if (absl::ascii_islower(c) || absl::ascii_isdigit(c)) {
      slug += c;
    } else if (c != '\'' && !slug.empty() && slug.back() != '-') {
      slug += '-';
    }
  }
  if (slug.empty() || !absl::ascii_islower(slug.front())) slug = absl::StrCat("org-", slug);
  if (slug.size() > kSlugSizeMax) slug.resize(kSlugSizeMax);
  while (slug.back() == '-') slug.pop_back();
  return slug;
}

std::string OrganizationId(absl::string_view name) {
  return absl::StrCat(Slug(name), "-", digest::Sha256Hex(ToNfc(name)).substr(0, 8));
}

std::string NameBasedUuid(absl::string_view meaning) {
  // A random UUID, once chosen: it keeps our ids apart from everybody else's.
  constexpr absl::string_view kNamespace = "5f0d6c1e-8f0b-4a39-9a57-2d6b1c1e7a44";
  std::string bytes = digest::Sha256(absl::StrCat(kNamespace, meaning)).substr(0, 16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x80);  // version 8
  bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);  // variant of RFC 9562
  const std::string hex = absl::BytesToHexString(bytes);
  return absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-",
                      hex.substr(16, 4), "-", hex.substr(20));
}

}  // namespace mostove::exchange
