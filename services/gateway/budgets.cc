#include "services/gateway/budgets.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/http/network.h"
#include "libs/status/status.h"

namespace mostove::gateway {
namespace {

int64_t SecondsUp(absl::Duration time) {
  return absl::ToInt64Seconds(time + absl::Seconds(1) - absl::Nanoseconds(1));
}

// What imports send.
bool IsBatch(absl::string_view method) {
  return absl::StartsWith(method, "Batch") && !absl::StartsWith(method, "BatchGet");
}

}  // namespace

absl::Status Quota::status() const {
  if (verdict.admitted) return absl::OkStatus();
  return status::ResourceExhausted(
      "RATE_LIMITED",
      absl::StrCat("more than ", budget->quota, " requests in ", SecondsUp(budget->window),
                   " seconds; wait as Retry-After says"),
      verdict.retry_after);
}

void Quota::AppendFields(std::string& headers) const {
  if (budget == nullptr) return;
  absl::StrAppend(&headers, "RateLimit-Policy: \"", budget->name, "\";q=", budget->quota,
                  ";w=", SecondsUp(budget->window));
  absl::StrAppend(&headers, "\r\nRateLimit: \"", budget->name, "\";r=", verdict.remaining,
                  ";t=", SecondsUp(verdict.reset), "\r\n");
}

Budgets::Budgets(const LimitSettings& settings, redis::Client* redis, telemetry::Metrics* metrics)
    : limiter_({{.name = "calls", .quota = settings.calls_per_minute},
                {.name = "administrators", .quota = settings.administrator_calls_per_minute},
                {.name = "batches", .quota = settings.batches_per_minute},
                {.name = "public", .quota = settings.public_calls_per_minute},
                {.name = "sign-ins", .quota = settings.sign_ins_per_minute}},
               {.redis = redis, .metrics = metrics}) {}

Quota Budgets::Take(Index index, absl::string_view key) {
  const limits::Budget& budget = limiter_.budget(index);
  if (budget.quota == 0) return {};
  return {&budget, limiter_.Take(index, key, absl::Now())};
}

Quota Budgets::TakeCall(const call::Caller& caller, absl::string_view method,
                        const Address& address) {
  if (caller.name.empty()) return TakePublic(address);
  if (caller.administrator) return Take(kAdministrators, caller.name);
  return Take(IsBatch(method) ? kBatches : kCalls, caller.name);
}

Quota Budgets::TakePublic(const Address& address) {
  if (limiter_.budget(kPublic).quota == 0) return {};
  return Take(kPublic, http::NetworkOf(address()));
}

Quota Budgets::TakeSignIn(const Address& address) {
  if (limiter_.budget(kSignIns).quota == 0) return {};
  return Take(kSignIns, http::NetworkOf(address()));
}

}  // namespace mostove::gateway
