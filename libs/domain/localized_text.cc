#include "libs/domain/localized_text.h"

#include <unicode/uloc.h>

#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "libs/domain/path.h"

namespace mostove::domain {
namespace {

using common::v1::LocalizedText;

constexpr size_t kTagBytesMax = 35;  // as in the annotations

void CheckTexts(const LocalizedText& text, absl::string_view path, status::Violations& violations) {
  absl::flat_hash_set<std::string> seen;
  for (const auto& [tag, words] : text.texts()) {
    if (!IsLanguageTag(tag)) {
      violations.Add(Join(path, "texts"), "LANGUAGE_TAG",
                     "has a key that is no language tag of BCP 47, such as bg, uk or zh-Hant");
      continue;
    }
    const std::string field = absl::StrCat(Join(path, "texts"), ".", tag);
    if (!seen.insert(absl::AsciiStrToLower(tag)).second) {
      violations.Add(field, "DUPLICATE", "has to stand once; case does not tell languages apart");
    }
    if (absl::StripAsciiWhitespace(words).empty()) {
      violations.Add(field, "REQUIRED",
                     "has to have text; leave the language out where there is none");
    }
  }
}

}  // namespace

bool IsLanguageTag(absl::string_view tag) {
  if (tag.empty() || tag.size() > kTagBytesMax) return false;
  if (tag.find('\0') != absl::string_view::npos) return false;
  char locale[ULOC_FULLNAME_CAPACITY];
  int32_t parsed = 0;
  UErrorCode error = U_ZERO_ERROR;
  uloc_forLanguageTag(std::string(tag).c_str(), locale, sizeof(locale), &parsed, &error);
  return U_SUCCESS(error) && parsed == static_cast<int32_t>(tag.size());
}

void CheckLocalizedText(const LocalizedText& text, absl::string_view path,
                        status::Violations& violations) {
  if (text.texts().empty()) {
    violations.Add(Join(path, "texts"), "REQUIRED", "has to have a text in at least one language");
    return;
  }
  CheckTexts(text, path, violations);
  const std::string& source = text.source_language();
  const std::string field = Join(path, "source_language");
  if (source.empty()) {
    if (text.texts_size() > 1) {
      violations.Add(field, "REQUIRED",
                     "has to say which of the texts the others were translated from");
    }
  } else if (!IsLanguageTag(source)) {
    violations.Add(field, "LANGUAGE_TAG", "has to be a language tag of BCP 47, such as bg or uk");
  } else if (!text.texts().contains(source)) {
    violations.Add(field, "SOURCE_LANGUAGE", "has to be one of the languages in texts");
  }
}

void CheckLanguageTag(absl::string_view tag, absl::string_view path,
                      status::Violations& violations) {
  if (IsLanguageTag(tag)) return;
  violations.Add(path, "LANGUAGE_TAG", "has to be a language tag of BCP 47 such as bg or uk");
}

void CheckLanguageTags(const google::protobuf::RepeatedPtrField<std::string>& tags,
                       absl::string_view path, status::Violations& violations) {
  for (int i = 0; i < tags.size(); ++i) {
    CheckLanguageTag(tags[i], absl::StrCat(path, "[", i, "]"), violations);
  }
}

}  // namespace mostove::domain
