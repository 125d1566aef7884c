// What the pages on which people sign in have in common.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "services/gateway/oauth.h"

namespace mostove::gateway {

struct PasswordTexts {
  absl::string_view language, title, email, password, wrong, too_often, away, foreign_form;
};
// `language`: "bg", "uk" or "en".
const PasswordTexts& PasswordTextsOf(absl::string_view language);

// The fields `username` and `password`. `wrong`: what was sent was not right.
std::string PasswordFields(absl::string_view language, absl::string_view username, bool wrong);

// What to tell the person of identity's refusal; "" where it is none of theirs.
absl::string_view PasswordRefusal(absl::string_view language, const OAuthError& error);

}  // namespace mostove::gateway
