// Whose budget a request takes from, and how answers tell what is left of it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/call/call.h"
#include "libs/limits/limiter.h"

namespace mostove::gateway {

// Requests in a minute; 0: no limit. See README.md for what each is for.
struct LimitSettings {
  int64_t calls_per_minute = 12'000;           // of one caller
  int64_t administrator_calls_per_minute = 0;  // of one of the network's administrators
  int64_t batches_per_minute = 600;            // of one caller
  int64_t public_calls_per_minute = 3'000;  // of one address, without a token or with a wrong one
  int64_t sign_ins_per_minute = 60;         // of one address: passwords and invitations
};

// What is left of the budget from which a request took.
struct Quota {
  const limits::Budget* budget = nullptr;  // null: it took from none
  limits::Verdict verdict;

  // OK, or RESOURCE_EXHAUSTED, reason RATE_LIMITED, with a RetryInfo.
  absl::Status status() const;
  // RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-10), complete lines.
  void AppendFields(std::string& headers) const;
};

// Safe for all threads; never waits.
class Budgets {
 public:
  // Gives the address of the peer, when it is needed.
  using Address = std::function<std::string()>;

  // `redis` and `metrics` may be null, and outlive this.
  Budgets(const LimitSettings& settings, redis::Client* redis, telemetry::Metrics* metrics);

  // For a call of this caller; of nobody: of the address. `method`: name of the RPC, "GetTopic".
  Quota TakeCall(const call::Caller& caller, absl::string_view method, const Address& address);
  // For somebody who has proven nothing.
  Quota TakePublic(const Address& address);
  // For somebody who wants to prove it by a password or an invitation.
  Quota TakeSignIn(const Address& address);

 private:
  enum Index { kCalls, kAdministrators, kBatches, kPublic, kSignIns };
  Quota Take(Index index, absl::string_view key);

  limits::Limiter limiter_;
};

}  // namespace mostove::gateway
