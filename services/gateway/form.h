// Fields of a form: application/x-www-form-urlencoded, in a body or a query.
#pragma once

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "libs/http/request.h"

namespace mostove::gateway {

class Form {
 public:
  // False for malformed escapes, NUL, what is not UTF-8, a name twice, or more than 50 fields.
  bool Parse(absl::string_view text);
  // "" where there is none: RFC 6749 takes empty parameters for absent ones.
  const std::string& Get(absl::string_view name) const;
  bool Has(absl::string_view name) const { return !Get(name).empty(); }
  const std::map<std::string, std::string, std::less<>>& fields() const { return fields_; }

 private:
  std::map<std::string, std::string, std::less<>> fields_;
};

// Whether the body is such a form.
bool SendsForm(const http::Request& request);

}  // namespace mostove::gateway
