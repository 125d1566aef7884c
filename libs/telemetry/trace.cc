#include "libs/telemetry/trace.h"

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"

namespace mostove::telemetry {
namespace {

// "00-<32>-<16>-<2>"
constexpr size_t kLength = 55, kTrace = 3, kTraceLength = 32, kSpan = 36, kSpanLength = 16;
constexpr size_t kFlags = 53;

std::atomic<bool> g_start{true};

bool IsHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsZero(absl::string_view text) {
  return text.find_first_not_of('0') == absl::string_view::npos;
}

// Never zero, which means none.
uint64_t Random() {
  thread_local absl::InsecureBitGen generator;
  return absl::Uniform<uint64_t>(absl::IntervalClosed, generator, 1, ~uint64_t{0});
}

void AppendHex(uint64_t value, std::string& out) {
  absl::StrAppend(&out, absl::Hex(value, absl::kZeroPad16));
}

}  // namespace

TraceIds ParseTraceparent(absl::string_view text) {
  if (text.size() != kLength || text.substr(0, kTrace) != "00-" || text[kSpan - 1] != '-' ||
      text[kFlags - 1] != '-' || !IsHex(text.substr(kFlags))) {
    return {};
  }
  const TraceIds ids = {text.substr(kTrace, kTraceLength), text.substr(kSpan, kSpanLength)};
  if (!IsHex(ids.trace_id) || !IsHex(ids.span_id) || IsZero(ids.trace_id) || IsZero(ids.span_id)) {
    return {};
  }
  return ids;
}

std::string ContinueTrace(absl::string_view given) {
  const TraceIds ids = ParseTraceparent(given);
  std::string traceparent;
  if (ids.trace_id.empty() && !g_start.load(std::memory_order_relaxed)) return traceparent;
  traceparent.reserve(kLength);
  traceparent = "00-";
  if (ids.trace_id.empty()) {
    AppendHex(Random(), traceparent);
    AppendHex(Random(), traceparent);
  } else {
    absl::StrAppend(&traceparent, ids.trace_id);
  }
  traceparent += '-';
  AppendHex(Random(), traceparent);
  traceparent += '-';
  absl::StrAppend(&traceparent, ids.trace_id.empty() ? "00" : given.substr(kFlags));
  return traceparent;
}

void SetStartTraces(bool start) { g_start = start; }

}  // namespace mostove::telemetry
