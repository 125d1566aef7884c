#include "libs/rpc/call_metadata.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/time/clock.h"
#include "libs/rpc/call_record.h"
#include "libs/rpc/metadata_keys.h"
#include "libs/rpc/request_id.h"
#include "libs/status/macros.h"
#include "libs/telemetry/trace.h"

namespace mostove::rpc {
namespace {

constexpr size_t kLanguageBytesMax = 35;

}  // namespace

std::string FirstLanguage(absl::string_view accept) {
  const absl::string_view tag =
      absl::StripAsciiWhitespace(accept.substr(0, accept.find_first_of(",;")));
  const bool usable = !tag.empty() && tag.size() <= kLanguageBytesMax &&
                      std::all_of(tag.begin(), tag.end(), [](char c) {
                        return c == '-' || absl::ascii_isalnum(static_cast<unsigned char>(c));
                      });
  return usable ? std::string(tag) : "en";
}

absl::StatusOr<call::Call> MakeCall(const Method& method, const CallerOf& caller_of,
                                    const MetadataReader& metadata, CallOrigin origin) {
  call::Call call;
  call.request_id = std::move(origin.request_id);
  ASSIGN_OR_RETURN(call.caller, caller_of(metadata));
  if (!call.caller.service) call.authorization = std::string(metadata(kAuthorizationMetadata));
  call.deadline = origin.deadline;
  if (!method.descriptor->server_streaming()) {
    call.deadline = std::min(call.deadline, absl::Now() + origin.deadline_max);
  }
  call.traceparent = telemetry::ContinueTrace(metadata("traceparent"));
  call.idempotency_key = std::string(metadata("idempotency-key"));
  call.language = FirstLanguage(metadata("accept-language"));
  call.min_position = std::string(metadata(kPositionMetadata));
  if (method.is_write) call.outcome = std::make_shared<call::Outcome>();
  call.cancelled = std::move(origin.cancelled);
  return call;
}

void CountRefusal(const Method& method, const absl::Status& status, telemetry::Metrics* metrics) {
  call::Call call;
  call.request_id = RequestIdOrNew("");
  CallRecord(method, call, metrics).Finish(status);
}

}  // namespace mostove::rpc
