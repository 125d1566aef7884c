// What is kept of a call: a count and, where it matters, a log line.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/call/call.h"
#include "libs/rpc/service_table.h"
#include "libs/telemetry/log.h"

namespace mostove::rpc {

// Made when the call begins; Finish once when it has ended. Method and metrics
// outlive it.
class CallRecord {
 public:
  CallRecord(const Method& method, const call::Call& call, telemetry::Metrics* metrics);

  // Counts (method, code, duration). Logs writes, errors and unary calls slower
  // than 500 ms at info, INTERNAL and its like at error with their message,
  // the rest at debug.
  void Finish(const absl::Status& status) const;

 private:
  void Log(telemetry::Level level, const absl::Status& status, absl::string_view code,
           absl::Duration took) const;

  const Method* method_;
  telemetry::Metrics* metrics_;
  std::string request_id_;
  std::string traceparent_;
  absl::Time start_;
};

}  // namespace mostove::rpc
