// Somebody who looks at a page: what is asked for, in which language, in whose name.
#pragma once

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "libs/call/call.h"

namespace mostove::dashboard {

struct Visit {
  std::string path;                                       // "/organizations/sofia-help"
  std::map<std::string, std::string, std::less<>> query;  // decoded
  absl::string_view language = "en";                      // "bg", "uk" or "en"
  // People prove who they are; else everybody is an administrator.
  bool tokens = true;
  call::Call call;  // with the caller, for the services that are asked

  bool signed_in() const { return tokens && !call.caller.name.empty(); }
  // "" where there is none.
  const std::string& Get(absl::string_view name) const;
  // This page with another value of a parameter, "" for without: "/?q=help&lang=uk". Not escaped
  // for HTML.
  std::string AddressWith(absl::string_view name, absl::string_view value) const;
};

}  // namespace mostove::dashboard
