#include "services/gateway/http_settings.h"

#include "absl/strings/match.h"
#include "services/gateway/cors.h"

namespace mostove::gateway {
namespace {

constexpr int64_t kBytesMin = 256;

config::Check<int64_t> Bytes(int64_t max) { return config::Between<int64_t>(kBytesMin, max); }

config::Check<absl::Duration> AtLeast(absl::Duration min) {
  return [min](const absl::Duration& time) -> std::string {
    return time >= min ? "" : absl::StrCat("a time of ", absl::FormatDuration(min), " or more");
  };
}

// "/v1/organizations:batchCreate"
bool IsBatch(const http::Request& request) { return absl::StrContains(request.path, ":batch"); }

}  // namespace

HttpSettings::HttpSettings() {
  const GatewayOptions options;
  const http::Limits& limits = options.limits;
  loop_threads = options.loop_threads;
  connections_max = static_cast<int64_t>(limits.connections_max);
  connections_per_address_max = static_cast<int64_t>(limits.connections_per_address_max);
  line_bytes_max = static_cast<int64_t>(limits.line_bytes_max);
  header_bytes_max = static_cast<int64_t>(limits.header_bytes_max);
  header_fields_max = static_cast<int64_t>(limits.header_fields_max);
  body_bytes_max = static_cast<int64_t>(limits.body_bytes_max);
  batch_body_bytes_max = 8 << 20;
  buffered_bytes_max = static_cast<int64_t>(limits.buffered_bytes_max);
  header_time = limits.header_time;
  body_time = limits.body_time;
  idle_time = limits.idle_time;
  write_time = limits.write_time;
  busy_pause = limits.busy_pause;
  request_time = options.request_time;
  calls_max = options.calls_max;
  gzip_level = options.gzip_level;
  cors_origins = options.cors_origins;
}

void AddHttpSettings(config::Settings& settings, HttpSettings* http) {
  const auto count = config::Between<int64_t>(1, 1'000'000);
  const auto time = AtLeast(absl::Milliseconds(10));
  settings.Add("http_server.loop_threads", &http->loop_threads, "Threads of the network.",
               config::Between(1, 64));
  settings.Add("http_server.connections_max", &http->connections_max, "Open connections in all.",
               count);
  settings.Add("http_server.connections_per_address_max", &http->connections_per_address_max,
               "Open connections of one IPv4 address or IPv6 /64 network.", count);
  settings.Add("http_server.line_bytes_max", &http->line_bytes_max,
               "Bytes of a request line; more is 414.", Bytes(1 << 20));
  settings.Add("http_server.header_bytes_max", &http->header_bytes_max,
               "Bytes of request line and fields; more is 431.", Bytes(1 << 20));
  settings.Add("http_server.header_fields_max", &http->header_fields_max,
               "Header fields of a request; more is 431.", count);
  settings.Add("http_server.body_bytes_max", &http->body_bytes_max, "Bytes of a body; more is 413.",
               Bytes(1 << 30));
  settings.Add("http_server.batch_body_bytes_max", &http->batch_body_bytes_max,
               "The same for batches, which imports send.", Bytes(1 << 30));
  settings.Add("http_server.buffered_bytes_max", &http->buffered_bytes_max,
               "Bytes of all bodies that arrive and answers that wait; more is 503.",
               Bytes(int64_t{1} << 40));
  settings.Add("http_server.header_time", &http->header_time,
               "From a request's first byte to the end of its head; longer is 408.", time);
  settings.Add("http_server.body_time", &http->body_time,
               "For the whole body to arrive; longer is 408.", time);
  settings.Add("http_server.idle_time", &http->idle_time,
               "Between two requests; then the connection is closed.", time);
  settings.Add("http_server.write_time", &http->write_time,
               "For the peer to take a whole answer; then the connection is closed.", time);
  settings.Add("http_server.busy_pause", &http->busy_pause,
               "A connection that was refused for load is not read for so long.");
  settings.Add("http_server.request_time", &http->request_time, "Deadline of a call.", time);
  settings.Add("http_server.calls_max", &http->calls_max,
               "Calls under way; further writes are 503, reads from twice as many.",
               config::Between(1, 1'000'000));
  settings.Add("gzip.level", &http->gzip_level, "1 (fast) to 9 (small); 0 compresses nothing.",
               config::Between(0, 9));
  settings.Add("cors.origins", &http->cors_origins,
               "Origins of web pages that may use the server, with commas between them.",
               config::Check<std::string>(Cors::Check));
}

void Apply(const HttpSettings& http, GatewayOptions& options) {
  options.loop_threads = http.loop_threads;
  options.request_time = http.request_time;
  options.calls_max = http.calls_max;
  options.gzip_level = http.gzip_level;
  options.cors_origins = http.cors_origins;
  http::Limits& limits = options.limits;
  limits.connections_max = http.connections_max;
  limits.connections_per_address_max = http.connections_per_address_max;
  limits.line_bytes_max = http.line_bytes_max;
  limits.header_bytes_max = http.header_bytes_max;
  limits.header_fields_max = http.header_fields_max;
  limits.body_bytes_max = http.body_bytes_max;
  limits.buffered_bytes_max = http.buffered_bytes_max;
  limits.header_time = http.header_time;
  limits.body_time = http.body_time;
  limits.idle_time = http.idle_time;
  limits.write_time = http.write_time;
  limits.busy_pause = http.busy_pause;
  limits.body_bytes_max_of =
      [plain = limits.body_bytes_max, batch = static_cast<size_t>(http.batch_body_bytes_max)](
          const http::Request& request) { return IsBatch(request) ? batch : plain; };
}

}  // namespace mostove::gateway
