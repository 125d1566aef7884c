// What a request pays for its limit: one key that everybody shares, and one of many keys.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/limits/limiter.h"

namespace mostove::limits {
namespace {

constexpr int64_t kUnlimited = 1'000'000'000;

Limiter& Shared() {
  static Limiter limiter({{.name = "calls", .quota = kUnlimited}, {.name = "few", .quota = 1}}, {});
  return limiter;
}

void BM_Admitted(benchmark::State& state) {
  std::vector<std::string> keys;
  for (int i = 0; i < state.range(0); ++i) keys.push_back(absl::StrCat("users/", i));
  size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(Shared().Take(0, keys[next++ % keys.size()], absl::Now()));
  }
}
BENCHMARK(BM_Admitted)->ArgName("keys")->Arg(1)->Arg(100'000);

void BM_Refused(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Shared().Take(1, "users/one", absl::Now()));
}
BENCHMARK(BM_Refused);

}  // namespace
}  // namespace mostove::limits

BENCHMARK_MAIN();
