// Texts in several languages.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"
#include "libs/status/status.h"
#include "mostove/common/v1/localized_text.pb.h"

namespace mostove::domain {

// Reasons: REQUIRED (no text, an empty one, a source language where there are
// several texts), LANGUAGE_TAG (not well-formed BCP 47), DUPLICATE (two tags
// that differ in case only), SOURCE_LANGUAGE (not among the texts).
void CheckLocalizedText(const common::v1::LocalizedText& text, absl::string_view path,
                        status::Violations& violations);

// Well-formed BCP 47 ("bg", "zh-Hant-TW"), whether or not anybody speaks it.
bool IsLanguageTag(absl::string_view tag);

// Reason: LANGUAGE_TAG.
void CheckLanguageTag(absl::string_view tag, absl::string_view path,
                      status::Violations& violations);
void CheckLanguageTags(const google::protobuf::RepeatedPtrField<std::string>& tags,
                       absl::string_view path, status::Violations& violations);

}  // namespace mostove::domain
