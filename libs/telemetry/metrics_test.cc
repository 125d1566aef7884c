#include "libs/telemetry/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace mostove::telemetry {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(MetricsTest, RpcsAreCountedByMethodAndCode) {
  const auto metrics = Metrics::Make();
  metrics->CountRpc("a.B/Get", "OK", absl::Microseconds(80));
  metrics->CountRpc("a.B/Get", "OK", absl::Milliseconds(20));
  metrics->CountRpc("a.B/Get", "NOT_FOUND", absl::Seconds(20));
  EXPECT_THAT(
      metrics->Text(),
      AllOf(HasSubstr("# TYPE mostove_rpc_requests_total counter\n"),
            HasSubstr("mostove_rpc_requests_total{code=\"OK\",method=\"a.B/Get\"} 2\n"),
            HasSubstr("mostove_rpc_requests_total{code=\"NOT_FOUND\",method=\"a.B/Get\"} 1\n"),
            HasSubstr("mostove_rpc_duration_seconds_bucket{method=\"a.B/Get\",le=\"0.0001\"} 1\n"),
            HasSubstr("mostove_rpc_duration_seconds_bucket{method=\"a.B/Get\",le=\"0.025\"} 2\n"),
            HasSubstr("mostove_rpc_duration_seconds_bucket{method=\"a.B/Get\",le=\"+Inf\"} 3\n"),
            HasSubstr("mostove_rpc_duration_seconds_count{method=\"a.B/Get\"} 3\n")));
}

TEST(MetricsTest, HttpRequestsAreCountedByRouteAndStatus) {
  const auto metrics = Metrics::Make();
  metrics->CountHttp("/v1/{name=organizations/*}", 304, absl::Milliseconds(1));
  EXPECT_THAT(metrics->Text(),
              HasSubstr("mostove_http_requests_total{route=\"/v1/{name=organizations/*}\","
                        "status=\"304\"} 1\n"));
}

TEST(MetricsTest, ListsSayWhatTheyExamined) {
  const auto metrics = Metrics::Make();
  metrics->CountListPage("x.bg/Y", 50);
  metrics->CountListPage("x.bg/Y", 0);
  EXPECT_THAT(metrics->Text(),
              AllOf(HasSubstr("mostove_list_rows_examined_total{type=\"x.bg/Y\"} 50\n"),
                    HasSubstr("mostove_list_pages_total{type=\"x.bg/Y\"} 2\n")));
}

TEST(MetricsTest, AGaugeIsAskedAtEachReading) {
  const auto metrics = Metrics::Make();
  double queued = 3;
  metrics->Gauge("mostove_pool_queued", "Waiting work.", [&] { return queued; });
  EXPECT_THAT(metrics->Text(), AllOf(HasSubstr("# HELP mostove_pool_queued Waiting work.\n"),
                                     HasSubstr("# TYPE mostove_pool_queued gauge\n"),
                                     HasSubstr("mostove_pool_queued 3\n")));
  queued = 0;
  EXPECT_THAT(metrics->Text(), AllOf(HasSubstr("mostove_pool_queued 0\n"),
                                     Not(HasSubstr("mostove_pool_queued 3\n"))));
}

TEST(MetricsTest, TheSameNameAndLabelsAreTheSameCounter) {
  const auto metrics = Metrics::Make();
  Counter& gets = metrics->Counter("mostove_test_total", "Tests.", {{"verb", "get"}});
  gets.Add();
  metrics->Counter("mostove_test_total", "Tests.", {{"verb", "get"}}).Add(2);
  metrics->Counter("mostove_test_total", "Tests.", {{"verb", "list"}});
  EXPECT_EQ(gets.Value(), 3u);
  EXPECT_THAT(metrics->Text(), AllOf(HasSubstr("# HELP mostove_test_total Tests.\n"),
                                     HasSubstr("# TYPE mostove_test_total counter\n"),
                                     HasSubstr("mostove_test_total{verb=\"get\"} 3\n"),
                                     HasSubstr("mostove_test_total{verb=\"list\"} 0\n")));
}

TEST(MetricsTest, AHistogramsBoundsAreInclusive) {
  const auto metrics = Metrics::Make();
  Histogram& sizes = metrics->Histogram("mostove_test_rows", "Rows.", {}, {1, 10});
  for (const double rows : {0.0, 1.0, 2.0, 10.0, 11.0}) sizes.Observe(rows);
  EXPECT_THAT(metrics->Text(), AllOf(HasSubstr("# TYPE mostove_test_rows histogram\n"),
                                     HasSubstr("mostove_test_rows_bucket{le=\"1\"} 2\n"),
                                     HasSubstr("mostove_test_rows_bucket{le=\"10\"} 4\n"),
                                     HasSubstr("mostove_test_rows_bucket{le=\"+Inf\"} 5\n"),
                                     HasSubstr("mostove_test_rows_count 5\n"),
                                     HasSubstr("mostove_test_rows_sum 24\n")));
}

TEST(MetricsTest, WhatIsCountedElsewhereIsACounterToo) {
  const auto metrics = Metrics::Make();
  metrics->CounterFrom("mostove_test_total", "Tests.", {}, [] { return 7; });
  EXPECT_THAT(metrics->Text(), AllOf(HasSubstr("# TYPE mostove_test_total counter\n"),
                                     HasSubstr("mostove_test_total 7\n")));
}

TEST(MetricsTest, NowhereAsksNobody) {
  Metrics& nowhere = Metrics::Nowhere();
  nowhere.Counter("mostove_test_total", "Tests.").Add();
  nowhere.Gauge("mostove_test", "Tests.", []() -> double { std::abort(); });
  nowhere.CounterFrom("mostove_test_2_total", "Tests.", {}, []() -> double { std::abort(); });
  EXPECT_THAT(nowhere.Text(), Not(HasSubstr("mostove_test_2_total")));
}

TEST(MetricsTest, NothingIsLostWhenThreadsCountTogether) {
  const auto metrics = Metrics::Make();
  constexpr int kThreads = 8, kCalls = 1000;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kCalls; ++i) {
        metrics->CountRpc("m", i % 2 == 0 ? "OK" : "ABORTED", absl::Milliseconds(1));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(metrics->Text(),
              AllOf(HasSubstr("{code=\"OK\",method=\"m\"} 4000\n"),
                    HasSubstr("{code=\"ABORTED\",method=\"m\"} 4000\n"),
                    HasSubstr("mostove_rpc_duration_seconds_count{method=\"m\"} 8000\n")));
}

}  // namespace
}  // namespace mostove::telemetry
