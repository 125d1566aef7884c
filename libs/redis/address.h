// Where Redis is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mostove::redis {

struct HostPort {
  std::string host;
  uint16_t port = 0;
};

// One of three: a Unix socket, a server, or a master whose Sentinels know it.
struct Address {
  std::string socket;  // path
  HostPort server;     // host is empty for the others
  std::string master;  // its name among the Sentinels
  std::vector<HostPort> sentinels;

  // "unix:/path", "127.0.0.1:6379", "sentinel:NAME@host:port,host:port".
  // INVALID_ARGUMENT with a sentence otherwise.
  static absl::StatusOr<Address> Parse(absl::string_view text);
};

}  // namespace mostove::redis
