// Pieces of pages: plain HTML that works by keyboard, with a screen reader and without scripts.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace mostove::html {

// For text and for quoted attributes.
std::string Escape(absl::string_view text);

struct Input {
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
std::string Field(const Input& input);
std::string Hidden(absl::string_view name, absl::string_view value);
// What went wrong, said at once by screen readers.
std::string Alert(absl::string_view text);

}  // namespace mostove::html
