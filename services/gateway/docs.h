// The documentation of the API: /openapi.json, and the page /docs on which people read and try it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/http/request.h"
#include "services/gateway/exchange.h"
#include "services/gateway/route_table.h"

namespace mostove::gateway {

// Immutable, thread-safe. Everything is made and compressed once, when it starts.
class Docs {
 public:
  static absl::StatusOr<Docs> Make(const RouteTable& routes);

  // Answers "/openapi.json", "/docs" and what that page loads; nothing comes from elsewhere. False,
  // and nothing done, for other paths.
  bool Answer(const http::Request& request, Exchange& exchange) const;

 private:
  struct File {
    absl::string_view content_type;
    absl::string_view policy;                          // Content-Security-Policy
    std::shared_ptr<const std::string> plain, packed;  // packed by gzip
    std::string tag;
  };
  void Add(absl::string_view path, absl::string_view content_type, std::string packed);

  std::map<std::string, File, std::less<>> files_;  // by path
};

}  // namespace mostove::gateway
