#include "libs/telemetry/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <mutex>
#include <shared_mutex>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"

namespace mostove::telemetry {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Histogram;

std::string Owned(absl::string_view view) { return std::string(view); }

const Histogram::BucketBoundaries& Buckets() {
  static const Histogram::BucketBoundaries seconds = {1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3,
                                                      1e-2, 2.5e-2, 5e-2, 0.1,  0.25,   0.5,
                                                      1.0,  2.5,    5.0,  10.0};
  return seconds;
}

// Counts events with two labels, and how long they took with the first one.
class TimedEvents {
 public:
  TimedEvents(prometheus::Registry& registry, const std::string& prefix, const std::string& what,
              std::string first_label, std::string second_label)
      : first_label_(std::move(first_label)),
        second_label_(std::move(second_label)),
        counters_(prometheus::BuildCounter()
                      .Name(prefix + "_requests_total")
                      .Help(absl::StrCat(what, " answered."))
                      .Register(registry)),
        histograms_(prometheus::BuildHistogram()
                        .Name(prefix + "_duration_seconds")
                        .Help(absl::StrCat("How long ", what, " took."))
                        .Register(registry)) {}

  void Count(absl::string_view first, absl::string_view second, absl::Duration took) {
    const Handles handles = Find(first, second);
    handles.counter->Increment();
    handles.histogram->Observe(absl::ToDoubleSeconds(took));
  }

 private:
  struct Handles {
    Counter* counter;
    Histogram* histogram;
  };
  using Key = std::pair<absl::string_view, absl::string_view>;
  struct OwnedKey {
    std::string first, second;
    operator Key() const { return {first, second}; }
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(const Key& key) const { return absl::Hash<Key>()(key); }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const Key& a, const Key& b) const { return a == b; }
  };

  Handles Find(absl::string_view first, absl::string_view second) {
    {
      std::shared_lock lock(mutex_);
      const auto found = handles_.find(Key(first, second));
      if (found != handles_.end()) return found->second;
    }
    std::unique_lock lock(mutex_);
    const Handles handles = {
        &counters_.Add({{first_label_, Owned(first)}, {second_label_, Owned(second)}}),
        &histograms_.Add({{first_label_, Owned(first)}}, Buckets())};
    handles_.try_emplace(OwnedKey{Owned(first), Owned(second)}, handles);
    return handles;
  }

  const std::string first_label_, second_label_;
  Family<Counter>& counters_;
  Family<Histogram>& histograms_;
  std::shared_mutex mutex_;
  absl::flat_hash_map<OwnedKey, Handles, Hash, Equal> handles_;
};

class PrometheusMetrics : public Metrics {
 public:
  PrometheusMetrics()
      : rpcs_(registry_, "mostove_rpc", "RPCs", "method", "code"),
        https_(registry_, "mostove_http", "HTTP requests", "route", "status"),
        rows_(prometheus::BuildCounter()
                  .Name("mostove_list_rows_examined_total")
                  .Help("Rows that lists examined.")
                  .Register(registry_)),
        pages_(prometheus::BuildCounter()
                   .Name("mostove_list_pages_total")
                   .Help("Pages that lists answered.")
                   .Register(registry_)) {}

  void CountRpc(absl::string_view method, absl::string_view code, absl::Duration took) override {
    rpcs_.Count(method, code, took);
  }

  void CountHttp(absl::string_view route, int status, absl::Duration took) override {
    https_.Count(route, absl::AlphaNum(status).Piece(), took);
  }

  void CountListPage(absl::string_view type, int rows_examined) override {
    const prometheus::Labels labels = {{"type", Owned(type)}};
    rows_.Add(labels).Increment(rows_examined);
    pages_.Add(labels).Increment();
  }

  using Metrics::Gauge;
  void Gauge(const std::string& name, const std::string& help, const Labels& labels,
             std::function<double()> read) override {
    std::lock_guard lock(gauges_mutex_);
    gauges_[name].help = help;
    gauges_[name].reads[labels] = std::move(read);
  }

  std::string Text() override {
    std::vector<prometheus::MetricFamily> families = registry_.Collect();
    std::lock_guard lock(gauges_mutex_);
    for (const auto& [name, gauge] : gauges_) families.push_back(Read(name, gauge));
    return prometheus::TextSerializer().Serialize(families);
  }

 private:
  struct GaugeSource {
    std::string help;
    std::map<Labels, std::function<double()>> reads;
  };

  static prometheus::MetricFamily Read(const std::string& name, const GaugeSource& gauge) {
    prometheus::MetricFamily family;
    family.name = name;
    family.help = gauge.help;
    family.type = prometheus::MetricType::Gauge;
    for (const auto& [labels, read] : gauge.reads) {
      prometheus::ClientMetric& metric = family.metric.emplace_back();
      for (const auto& [label, value] : labels) metric.label.push_back({label, value});
      metric.gauge.value = read();
    }
    return family;
  }

  prometheus::Registry registry_;
  TimedEvents rpcs_;
  TimedEvents https_;
  Family<Counter>& rows_;
  Family<Counter>& pages_;
  std::mutex gauges_mutex_;
  std::map<std::string, GaugeSource> gauges_;
};

}  // namespace

std::unique_ptr<Metrics> Metrics::Make() { return std::make_unique<PrometheusMetrics>(); }

}  // namespace mostove::telemetry
