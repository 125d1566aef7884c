// What every page has around its content: title, language switch, sign in and out, the style.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/dashboard/visit.h"

namespace mostove::dashboard {

struct Page {
  int status = 200;
  std::string html;
};

struct Content {
  absl::string_view title;  // text; of the window, and the heading unless there is another one
  std::string heading;      // HTML of the h1; "": the title
  std::string body;         // HTML within <main>, after the heading
  bool has_error = false;   // the title says so first, for those who hear it
  bool narrow = false;      // a form and little else
};

Page MakePage(const Visit& visit, const Content& content, int status = 200);

// What went wrong, by the code that a service answered with: not found, too often, away.
Page ErrorPage(const Visit& visit, const absl::Status& error);

// The one style sheet, and its address, which has its hash: browsers may keep it for ever.
absl::string_view Style();
const std::string& StyleAddress();

}  // namespace mostove::dashboard
