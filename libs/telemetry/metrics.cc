#include "libs/telemetry/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <cstdio>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <shared_mutex>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"

namespace mostove::telemetry {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricType;

std::string Owned(absl::string_view view) { return std::string(view); }

ClientMetric ReadHistogram(const Histogram& histogram) {
  const Histogram::Values values = histogram.Read();
  ClientMetric metric;
  uint64_t total = 0;
  for (size_t i = 0; i < values.counts.size(); ++i) {
    total += values.counts[i];
    const bool last = i == histogram.bounds().size();
    metric.histogram.bucket.push_back(
        {total, last ? std::numeric_limits<double>::infinity() : histogram.bounds()[i]});
  }
  metric.histogram.sample_count = total;
  metric.histogram.sample_sum = values.sum;
  return metric;
}

// Handles by two labels, found without making strings.
template <class Handles>
class ByTwoLabels {
 public:
  template <class Make>
  const Handles& Find(absl::string_view first, absl::string_view second, const Make& make) {
    {
      std::shared_lock lock(mutex_);
      const auto found = handles_.find(Key(first, second));
      if (found != handles_.end()) return *found->second;
    }
    std::unique_lock lock(mutex_);
    auto& place = handles_[OwnedKey{Owned(first), Owned(second)}];
    if (place == nullptr) place = std::make_unique<Handles>(make());
    return *place;
  }

 private:
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
  std::shared_mutex mutex_;
  absl::flat_hash_map<OwnedKey, std::unique_ptr<Handles>, Hash, Equal> handles_;
};

// All values of one name.
struct Family {
  std::string help;
  MetricType type;
  std::vector<double> bounds;  // of histograms
  struct Member {
    std::unique_ptr<Counter> counter;  // one of the three
    std::unique_ptr<Histogram> histogram;
    std::function<double()> read;
  };
  std::map<Metrics::Labels, Member> members;
};

ClientMetric ReadMember(MetricType type, const Family::Member& member) {
  if (member.histogram != nullptr) return ReadHistogram(*member.histogram);
  const double value = member.read ? member.read() : static_cast<double>(member.counter->Value());
  ClientMetric metric;
  (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  return metric;
}

class PrometheusMetrics : public Metrics {
 public:
  telemetry::Counter& Counter(const std::string& name, const std::string& help,
                              const Labels& labels) override {
    std::lock_guard lock(mutex_);
    auto& counter = FamilyOf(name, help, MetricType::Counter).members[labels].counter;
    if (counter == nullptr) counter = std::make_unique<telemetry::Counter>();
    return *counter;
  }

  telemetry::Histogram& Histogram(const std::string& name, const std::string& help,
                                  const Labels& labels,
                                  const std::vector<double>& bounds) override {
    std::lock_guard lock(mutex_);
    Family& family = FamilyOf(name, help, MetricType::Histogram);
    if (family.bounds.empty()) family.bounds = bounds;
    auto& histogram = family.members[labels].histogram;
    if (histogram == nullptr) histogram = std::make_unique<telemetry::Histogram>(family.bounds);
    return *histogram;
  }

  using Metrics::Gauge;
  void Gauge(const std::string& name, const std::string& help, const Labels& labels,
             std::function<double()> read) override {
    std::lock_guard lock(mutex_);
    FamilyOf(name, help, MetricType::Gauge).members[labels].read = std::move(read);
  }

  void CounterFrom(const std::string& name, const std::string& help, const Labels& labels,
                   std::function<double()> read) override {
    std::lock_guard lock(mutex_);
    FamilyOf(name, help, MetricType::Counter).members[labels].read = std::move(read);
  }

  void CountRpc(absl::string_view method, absl::string_view code, absl::Duration took) override {
    rpcs_
        .Find(method, code,
              [&] {
                return Timed{&Counter("mostove_rpc_requests_total", "RPCs answered.",
                                      {{"method", Owned(method)}, {"code", Owned(code)}}),
                             &Histogram("mostove_rpc_duration_seconds", "How long RPCs took.",
                                        {{"method", Owned(method)}}, SecondsBounds())};
              })
        .Count(took);
  }

  void CountHttp(absl::string_view route, int status, absl::Duration took) override {
    const absl::AlphaNum text(status);
    https_
        .Find(route, text.Piece(),
              [&] {
                return Timed{
                    &Counter("mostove_http_requests_total", "HTTP requests answered.",
                             {{"route", Owned(route)}, {"status", Owned(text.Piece())}}),
                    &Histogram("mostove_http_duration_seconds", "How long HTTP requests took.",
                               {{"route", Owned(route)}}, SecondsBounds())};
              })
        .Count(took);
  }

  void CountListPage(absl::string_view type, int rows_examined) override {
    const Pages& pages = pages_.Find(type, "", [&] {
      const Labels labels = {{"type", Owned(type)}};
      return Pages{
          &Counter("mostove_list_rows_examined_total", "Rows that lists examined.", labels),
          &Counter("mostove_list_pages_total", "Pages that lists answered.", labels)};
    });
    pages.rows->Add(rows_examined);
    pages.pages->Add();
  }

  std::string Text() override {
    std::vector<prometheus::MetricFamily> families;
    std::lock_guard lock(mutex_);
    for (const auto& [name, family] : families_) {
      prometheus::MetricFamily& read =
          families.emplace_back(prometheus::MetricFamily{name, family.help, family.type, {}});
      for (const auto& [labels, member] : family.members) {
        read.metric.push_back(ReadMember(family.type, member));
        for (const auto& [label, value] : labels)
          read.metric.back().label.push_back({label, value});
      }
    }
    return prometheus::TextSerializer().Serialize(families);
  }

 private:
  struct Timed {
    telemetry::Counter* counter;
    telemetry::Histogram* histogram;
    void Count(absl::Duration took) const {
      counter->Add();
      histogram->Observe(took);
    }
  };
  struct Pages {
    telemetry::Counter *rows, *pages;
  };

  Family& FamilyOf(const std::string& name, const std::string& help, MetricType type) {
    const auto [place, is_new] = families_.try_emplace(name, Family{help, type, {}, {}});
    if (place->second.type != type) {
      std::fprintf(stderr, "the metric %s has two kinds\n", name.c_str());
      std::abort();
    }
    return place->second;
  }

  std::mutex mutex_;
  std::map<std::string, Family> families_;  // guarded by mutex_
  ByTwoLabels<Timed> rpcs_;
  ByTwoLabels<Timed> https_;
  ByTwoLabels<Pages> pages_;
};

class NoMetrics : public PrometheusMetrics {
 public:
  void Gauge(const std::string&, const std::string&, const Labels&,
             std::function<double()>) override {}
  void CounterFrom(const std::string&, const std::string&, const Labels&,
                   std::function<double()>) override {}
};

}  // namespace

std::unique_ptr<Metrics> Metrics::Make() { return std::make_unique<PrometheusMetrics>(); }

Metrics& Metrics::Nowhere() {
  static auto* const metrics = new NoMetrics();
  return *metrics;
}

const std::vector<double>& Metrics::SecondsBounds() {
  static const auto* const bounds =
      new std::vector<double>{1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2,
                              5e-2, 0.1,    0.25, 0.5,  1.0,    2.5,  5.0,  10.0};
  return *bounds;
}

}  // namespace mostove::telemetry
