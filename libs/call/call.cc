#include "libs/call/call.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace mostove::call {

Caller LocalAdministrator() {
  return {.name = "administrators/local", .administrator = true, .network = true};
}

Caller Program(std::string name) {
  return {.name = std::move(name), .administrator = true, .network = true, .service = true};
}

std::string VisibilityOf(const Caller& caller) {
  if (caller.administrator || caller.service) return "administrator";
  std::vector<std::string> organizations = caller.organizations;
  std::sort(organizations.begin(), organizations.end());
  std::string text = caller.network ? "network" : "anybody";
  for (const std::string& organization : organizations) absl::StrAppend(&text, "\n", organization);
  return text;
}

}  // namespace mostove::call
