// Where a server listens.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mostove::http {

struct Endpoint {
  std::string address;  // numeric: "127.0.0.1", "::1"
  uint16_t port = 0;    // 0: any free one
  bool loopback = false;

  std::string ToString() const;  // "127.0.0.1:8080", "[::1]:8080"
};

// "127.0.0.1:8080", "[::1]:8080", "localhost:8080" (127.0.0.1). Other names are not looked up:
// INVALID_ARGUMENT.
absl::StatusOr<Endpoint> ParseEndpoint(absl::string_view text);

}  // namespace mostove::http
