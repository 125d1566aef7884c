#include "libs/domain/classification.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "libs/domain/path.h"

namespace mostove::domain {

void CheckClassification(const common::v1::Classification& classification, absl::string_view path,
                         status::Violations& violations) {
  const std::string& code = classification.code();
  if (code.empty() && absl::StripAsciiWhitespace(classification.label()).empty()) {
    violations.Add(path, "REQUIRED", "needs a code with its scheme, or a label");
    return;
  }
  if (!code.empty() && classification.scheme().empty()) {
    violations.Add(Join(path, "scheme"), "REQUIRED",
                   "has to name the list that the code is from, such as DAC-5");
  }
  if (!code.empty() && classification.scheme() == "DAC-5" &&
      (code.size() != 5 || !std::all_of(code.begin(), code.end(), absl::ascii_isdigit))) {
    violations.Add(Join(path, "code"), "DAC_CODE",
                   "has to be a purpose code of five digits such as 72010");
  }
}

}  // namespace mostove::domain
