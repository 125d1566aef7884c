// Names, dates and numbers as a visitor reads them.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "google/type/date.pb.h"
#include "mostove/common/v1/localized_text.pb.h"
#include "mostove/common/v1/place.pb.h"
#include "mostove/organizations/v1/organization.pb.h"

namespace mostove::dashboard {

struct Chosen {
  absl::string_view text;
  std::string tag;  // its language; "" where it is not known
};
// The text in the visitor's language, else in the source language, else in one of the pages'
// languages, else any. Empty if there is none.
Chosen Choose(const common::v1::LocalizedText& text, absl::string_view language);
// Escaped, in a span that says the language where it is another one than the page's.
std::string HtmlOf(const Chosen& chosen, absl::string_view language);

// The name by which people know it, else the one as registered. `of`'s texts outlive it.
Chosen NameOf(const organizations::v1::Organization& of, absl::string_view language);

// "5 март 2026 г.", "март 2026 г.", "2026": as exact as is known. "" for none.
std::string DateText(const google::type::Date& date, absl::string_view language);
std::string NumberText(int64_t number, absl::string_view language);
// With one decimal: "2,5".
std::string DecimalText(double number, absl::string_view language);
// "60 %" of 0.6.
std::string PercentText(double share, absl::string_view language);
// "украински" of "uk".
std::string LanguageText(absl::string_view tag, absl::string_view language);

// "Видин", "София (столица), България", "Mali Situation". "" for none.
std::string PlaceText(const common::v1::Place& place, absl::string_view language);

// At most so many characters (code points), cut at a space, with "…" where something is left out.
std::string Shortened(absl::string_view text, size_t length_max);

}  // namespace mostove::dashboard
