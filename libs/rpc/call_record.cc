#include "libs/rpc/call_record.h"

#include <vector>

#include "absl/time/clock.h"
#include "libs/status/status.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"
#include "libs/telemetry/trace.h"

namespace mostove::rpc {
namespace {

using telemetry::Level;

constexpr absl::Duration kSlow = absl::Milliseconds(500);

bool IsOurMistake(const absl::Status& status) {
  return absl::IsInternal(status) || absl::IsUnknown(status) || absl::IsDataLoss(status);
}

}  // namespace

CallRecord::CallRecord(const Method& method, const call::Call& call, telemetry::Metrics* metrics)
    : method_(&method),
      metrics_(metrics),
      request_id_(call.request_id),
      traceparent_(call.traceparent),
      start_(absl::Now()) {}

void CallRecord::Finish(const absl::Status& status) const {
  const absl::Duration took = absl::Now() - start_;
  const std::string code = absl::StatusCodeToString(status.code());
  if (metrics_ != nullptr) metrics_->CountRpc(method_->full_name, code, took);
  const bool is_slow = took >= kSlow && !method_->descriptor->server_streaming();
  const Level level = IsOurMistake(status)                           ? Level::kError
                      : !status.ok() || method_->is_write || is_slow ? Level::kInfo
                                                                     : Level::kDebug;
  if (telemetry::Enabled(level)) Log(level, status, code, took);
}

void CallRecord::Log(telemetry::Level level, const absl::Status& status, absl::string_view code,
                     absl::Duration took) const {
  std::vector<telemetry::Field> fields = {{"method", absl::string_view(method_->full_name)},
                                          {"code", code},
                                          {"duration_ms", absl::ToDoubleMilliseconds(took)},
                                          {"request_id", absl::string_view(request_id_)}};
  const std::string reason = status::Reason(status);
  if (!reason.empty()) fields.push_back({"reason", absl::string_view(reason)});
  // What is away, and why: callers are not told the paths and addresses in it.
  const bool explain = IsOurMistake(status) || absl::IsUnavailable(status);
  if (explain) fields.push_back({"error", status.message()});
  const telemetry::TraceIds trace = telemetry::ParseTraceparent(traceparent_);
  if (!trace.trace_id.empty()) {
    fields.push_back({"trace_id", trace.trace_id});
    fields.push_back({"span_id", trace.span_id});
  }
  telemetry::Log(level, "rpc", fields);
}

}  // namespace mostove::rpc
