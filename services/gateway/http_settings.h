// The settings of the HTTP door: every bound on what a peer may send, hold or wait for.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "libs/config/settings.h"
#include "services/gateway/gateway.h"

namespace mostove::gateway {

// Defaults are those of http::Limits and GatewayOptions. README.md has them in a table.
struct HttpSettings {
  HttpSettings();

  int loop_threads;
  int64_t connections_max;
  int64_t connections_per_address_max;
  int64_t line_bytes_max;
  int64_t header_bytes_max;
  int64_t header_fields_max;
  int64_t body_bytes_max;
  int64_t batch_body_bytes_max;
  int64_t buffered_bytes_max;
  absl::Duration header_time;
  absl::Duration body_time;
  absl::Duration idle_time;
  absl::Duration write_time;
  absl::Duration busy_pause;
  absl::Duration request_time;
  int calls_max;
  int gzip_level;
  std::string cors_origins;
};

// http_server.*, gzip.level and cors.origins. `http` outlives the settings' reading.
void AddHttpSettings(config::Settings& settings, HttpSettings* http);

// Puts them into the options of a gateway.
void Apply(const HttpSettings& http, GatewayOptions& options);

}  // namespace mostove::gateway
