// Figures for Prometheus: what they are called here, and their text, by prometheus-cpp.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/telemetry/counters.h"

namespace mostove::telemetry {

// Safe for all threads. Label values come from closed sets (methods, codes),
// never from callers.
class Metrics {
 public:
  static std::unique_ptr<Metrics> Make();
  virtual ~Metrics() = default;
  // Takes everything and tells nothing: for who was given no metrics, so that
  // handles need no check. `metrics == nullptr ? Metrics::Nowhere() : *metrics`
  static Metrics& Nowhere();

  using Labels = std::map<std::string, std::string>;  // {{"pool", "requests"}}

  // Handles live as long as the metrics: keep the reference, since finding it
  // costs a map of strings. The same name and labels give the same handle. A
  // name has one kind and one help text (the first); another kind ends the
  // program. Names end in _total for counters, else in their unit: _seconds, _bytes.
  virtual telemetry::Counter& Counter(const std::string& name, const std::string& help,
                                      const Labels& labels = {}) = 0;
  // `bounds`: see telemetry::Histogram; the name's first ones count.
  virtual telemetry::Histogram& Histogram(const std::string& name, const std::string& help,
                                          const Labels& labels = {},
                                          const std::vector<double>& bounds = SecondsBounds()) = 0;
  // From 100 us to 10 s.
  static const std::vector<double>& SecondsBounds();

  // Values that are asked for at each reading: queues, pools, connections. What
  // `read` uses outlives the metrics; a second one of a name and the same labels
  // replaces the first.
  virtual void Gauge(const std::string& name, const std::string& help, const Labels& labels,
                     std::function<double()> read) = 0;
  void Gauge(const std::string& name, const std::string& help, std::function<double()> read) {
    Gauge(name, help, {}, std::move(read));
  }
  // The same for what only grows and is counted elsewhere.
  virtual void CounterFrom(const std::string& name, const std::string& help, const Labels& labels,
                           std::function<double()> read) = 0;

  // mostove_rpc_requests_total{method,code}, mostove_rpc_duration_seconds{method}.
  virtual void CountRpc(absl::string_view method, absl::string_view code, absl::Duration took) = 0;
  // mostove_http_requests_total{route,status}, mostove_http_duration_seconds{route}.
  virtual void CountHttp(absl::string_view route, int status, absl::Duration took) = 0;
  // mostove_list_rows_examined_total{type}, mostove_list_pages_total{type}.
  virtual void CountListPage(absl::string_view type, int rows_examined) = 0;

  // Prometheus text.
  virtual std::string Text() = 0;
};

}  // namespace mostove::telemetry
