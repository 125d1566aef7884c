// Refuses calls that no place is free for, before anything is made for them: what is spent on
// refusals is lost to the calls under way.
#pragma once

#include <array>
#include <atomic>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/http/request.h"
#include "libs/http/response.h"
#include "libs/telemetry/metrics.h"
#include "services/gateway/admission.h"

namespace mostove::gateway {

// UNAVAILABLE, reason QUEUE_FULL: nothing was done, try again in a second.
absl::Status TooBusy();

// Of what was answered with 429 and 503, by its reason, which is one of the program's.
telemetry::Counter& RefusalsFor(absl::string_view reason, telemetry::Metrics& metrics);

class Overload {
 public:
  // `admission` and `metrics` outlive it.
  Overload(const Admission& admission, telemetry::Metrics& metrics);

  // As http::TurnAway, for REST calls. Requests of web pages are left to Exchange, which knows what
  // a page may read; so are Connect's, which have other answers.
  bool TurnAway(const http::Request& request, http::Response& response);

 private:
  // A problem document around the id of the request.
  struct Refusal {
    absl::string_view language;
    std::vector<std::string> headers;
    std::vector<std::string> body;
  };
  static Refusal MakeRefusal(absl::string_view language);

  void Count();

  const Admission& admission_;
  const std::array<Refusal, 3> refusals_;  // the first is English
  telemetry::Counter& requests_;
  telemetry::Counter& refused_;
  std::atomic<int64_t> untold_ = 0;     // since the last line in the log
  std::atomic<int64_t> told_at_s_ = 0;  // Unix time
};

}  // namespace mostove::gateway
