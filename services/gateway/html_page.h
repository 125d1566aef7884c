// The few pages with a form that the gateway serves: plain HTML that works by keyboard, with a
// screen reader and without scripts.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "libs/http/response.h"

namespace mostove::gateway {

// For text and for quoted attributes.
std::string HtmlEscape(absl::string_view text);

struct HtmlPage {
  absl::string_view language;  // "bg", "uk" or "en"
  absl::string_view title;     // text
  std::string body;            // HTML within <main>, after the title
  bool has_error = false;      // the title says so first, for those who hear it
  std::string form_targets;    // CSP sources where a form may lead beside this server
  absl::string_view script;    // in the page's end; "" for none
};

// No store, no frame, nothing from elsewhere; only the page's own style and script run. Forms of
// the page say that they are ours: see ComesFromOwnPage.
http::Response MakeHtmlPage(const HtmlPage& page, int status = 200);

struct HtmlInput {
  absl::string_view name;   // and id
  absl::string_view label;  // text
  absl::string_view type = "text";
  absl::string_view autocomplete;
  absl::string_view value;  // text
  absl::string_view hint;   // text; "" for none
  int max_length = 0;
  bool focused = false;
  bool wrong = false;
};
// A label and its field, which has to be filled in.
std::string HtmlField(const HtmlInput& input);
std::string HtmlHidden(absl::string_view name, absl::string_view value);
// What went wrong, said at once by screen readers.
std::string HtmlAlert(absl::string_view text);

}  // namespace mostove::gateway
