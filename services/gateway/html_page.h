// The few pages with a form that the gateway serves: plain HTML that works by keyboard, with a
// screen reader and without scripts.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "libs/http/response.h"

namespace mostove::gateway {

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

}  // namespace mostove::gateway
