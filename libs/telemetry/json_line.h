// Puts one JSON object together, in the order in which its fields are added.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace mostove::telemetry {

class JsonLine {
 public:
  // Text that is not valid UTF-8 gets U+FFFD in place of what is wrong.
  void Add(absl::string_view name, absl::string_view value);
  void Add(absl::string_view name, int64_t value);
  void Add(absl::string_view name, double value);  // null if not finite
  void Add(absl::string_view name, bool value);

  // "{...}"; the object is empty afterwards.
  std::string Take();

 private:
  void AddName(absl::string_view name);
  void AddText(absl::string_view text);

  std::string text_ = "{";
};

}  // namespace mostove::telemetry
