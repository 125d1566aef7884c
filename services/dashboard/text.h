// What pages say, in the languages that they are written in.
#pragma once

#include "absl/strings/string_view.h"

namespace mostove::dashboard {

struct Text {
  absl::string_view bg, uk, en;

  // `language`: "bg", "uk" or "en".
  absl::string_view In(absl::string_view language) const {
    return language == "bg" ? bg : language == "uk" ? uk : en;
  }
};

}  // namespace mostove::dashboard
