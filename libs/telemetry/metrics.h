// Figures for Prometheus, by prometheus-cpp.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace mostove::telemetry {

// Safe for all threads. Label values come from closed sets (methods, codes),
// never from callers.
class Metrics {
 public:
  static std::unique_ptr<Metrics> Make();
  virtual ~Metrics() = default;

  // mostove_rpc_requests_total{method,code}, mostove_rpc_duration_seconds{method}.
  virtual void CountRpc(absl::string_view method, absl::string_view code, absl::Duration took) = 0;
  // mostove_http_requests_total{route,status}, mostove_http_duration_seconds{route}.
  virtual void CountHttp(absl::string_view route, int status, absl::Duration took) = 0;
  // mostove_list_rows_examined_total{type}, mostove_list_pages_total{type}.
  virtual void CountListPage(absl::string_view type, int rows_examined) = 0;
  // A value that is asked for at each reading: queues, pools, connections.
  // What `read` uses outlives the metrics; a second one of a name (and the same
  // labels) replaces the first.
  void Gauge(const std::string& name, const std::string& help, std::function<double()> read) {
    Gauge(name, help, {}, std::move(read));
  }
  // The same for one of several: {{"source", "mostove.funding.v1.FundingService"}}.
  using Labels = std::map<std::string, std::string>;
  virtual void Gauge(const std::string& name, const std::string& help, const Labels& labels,
                     std::function<double()> read) = 0;

  // Prometheus text.
  virtual std::string Text() = 0;
};

}  // namespace mostove::telemetry
