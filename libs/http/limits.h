// Bounds on what a peer may send and how long it may take.
#pragma once

#include <cstddef>
#include <functional>

#include "absl/time/time.h"
#include "libs/http/request.h"

namespace mostove::http {

struct Limits {
  size_t line_bytes_max = 8 * 1024;     // request line; 414
  size_t header_bytes_max = 16 * 1024;  // request line and all fields; 431
  size_t header_fields_max = 100;       // 431
  size_t body_bytes_max = 1024 * 1024;  // 413
  // When set: the limit of one request, asked when its headers are there. Replaces body_bytes_max.
  std::function<size_t(const Request&)> body_bytes_max_of;

  absl::Duration header_time =
      absl::Seconds(10);  // from the first byte to the end of the headers; 408
  absl::Duration body_time = absl::Seconds(30);   // 408
  absl::Duration idle_time = absl::Seconds(60);   // between requests
  absl::Duration write_time = absl::Seconds(30);  // for the peer to take an answer

  size_t connections_max = 10'000;
  size_t connections_per_address_max = 1'000;  // of one IPv4 address or IPv6 /64 network

  // Of all bodies that arrive and answers that were not taken yet; what would go beyond is 503.
  size_t buffered_bytes_max = 256 << 20;
  // A connection whose answer says `busy` is not read for so long: who does not wait as told costs
  // little.
  absl::Duration busy_pause = absl::Milliseconds(20);
};

}  // namespace mostove::http
