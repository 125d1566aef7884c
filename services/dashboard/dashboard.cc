#include "services/dashboard/dashboard.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "services/dashboard/directory_page.h"
#include "services/dashboard/organization_page.h"

namespace mostove::dashboard {

absl::string_view TemplateOf(absl::string_view path) {
  if (path == "/") return "/";
  if (!absl::ConsumePrefix(&path, "/organizations/")) return "";
  const bool is_id = !path.empty() && path.size() <= 63 &&
                     std::all_of(path.begin(), path.end(), [](unsigned char c) {
                       return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
                     });
  return is_id ? "/organizations/{id}" : "";
}

void Answer(const std::vector<rpc::Invoker*>& invokers, Visit visit,
            std::function<void(Page)> done) {
  auto shared = std::make_shared<const Visit>(std::move(visit));
  if (shared->path == "/") {
    AnswerDirectory(invokers, shared, std::move(done));
  } else {
    AnswerOrganization(invokers, shared, std::move(done));
  }
}

}  // namespace mostove::dashboard
