#include "libs/domain/web_address.h"

#include "absl/strings/strip.h"

namespace mostove::domain {

void CheckWebAddress(absl::string_view address, absl::string_view path,
                     status::Violations& violations) {
  if (!absl::ConsumePrefix(&address, "https://") && !absl::ConsumePrefix(&address, "http://")) {
    return;  // the pattern's
  }
  const absl::string_view host = address.substr(0, address.find_first_of("/?#"));
  if (host.find('@') != absl::string_view::npos) {
    violations.Add(path, "WEBSITE", "has to be an address without a user name or password");
  } else if (host.find('.', 1) == absl::string_view::npos || host.front() == '.') {
    violations.Add(path, "WEBSITE", "has to name a host such as https://www.example.org");
  }
}

}  // namespace mostove::domain
