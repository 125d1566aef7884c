#include "services/gateway/overload.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "libs/status/status.h"
#include "libs/telemetry/log.h"
#include "services/gateway/exchange.h"
#include "services/gateway/headers.h"
#include "services/gateway/problem.h"

namespace mostove::gateway {
namespace {

constexpr absl::Duration kRetry = absl::Seconds(1);
constexpr absl::string_view kId = "REQUEST-ID";  // in what is prepared

// Whether it takes a place when it is served: pages and watches do not.
bool TakesPlace(const http::Request& request) {
  return absl::StartsWith(request.path, "/v1/") && !absl::EndsWith(request.path, ":watch") &&
         request.method != http::Method::kOptions;
}

void Fill(const std::vector<std::string>& around, const std::string& id, std::string& text) {
  text = around[0];
  for (size_t i = 1; i < around.size(); ++i) absl::StrAppend(&text, id, around[i]);
}

}  // namespace

telemetry::Counter& RefusalsFor(absl::string_view reason, telemetry::Metrics& metrics) {
  return metrics.Counter("mostove_http_refusals_total", "Answers of 429 and 503, by their reason.",
                         {{"reason", std::string(reason)}});
}

absl::Status TooBusy() {
  return status::Unavailable("QUEUE_FULL", "the system is busy; try again", kRetry);
}

Overload::Overload(const Admission& admission, telemetry::Metrics& metrics)
    : admission_(admission),
      refusals_{MakeRefusal("en"), MakeRefusal("bg"), MakeRefusal("uk")},
      requests_(metrics.Counter("mostove_http_requests_total", "HTTP requests answered.",
                                {{"route", "refused"}, {"status", "503"}})),
      refused_(RefusalsFor("QUEUE_FULL", metrics)) {}

Overload::Refusal Overload::MakeRefusal(absl::string_view language) {
  http::Response problem = MakeProblem(TooBusy(), {.request_id = kId, .language = language});
  AddCommonHeaders(kId, problem);
  return {language, absl::StrSplit(problem.headers, kId), absl::StrSplit(problem.body, kId)};
}

bool Overload::TurnAway(const http::Request& request, http::Response& response) {
  const bool reads = request.method == http::Method::kGet || request.method == http::Method::kHead;
  if (!admission_.IsFull(reads) || !TakesPlace(request)) return false;
  if (request.headers.Find("Origin") != nullptr) return false;
  const absl::string_view language = Language(request.headers);
  const Refusal* refusal = refusals_.data();
  while (refusal->language != language) ++refusal;
  const std::string id = RequestId(request.headers);
  response.status = 503;
  response.busy = true;
  Fill(refusal->headers, id, response.headers);
  Fill(refusal->body, id, response.body);
  Count();
  return true;
}

void Overload::Count() {
  requests_.Add();
  refused_.Add();
  untold_.fetch_add(1, std::memory_order_relaxed);
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  int64_t told_at = told_at_s_.load(std::memory_order_relaxed);
  if (now == told_at || !told_at_s_.compare_exchange_strong(told_at, now)) return;
  telemetry::Log(telemetry::Level::kWarning, "calls were refused: too many are under way",
                 {{"count", untold_.exchange(0)}, {"under_way", int64_t{admission_.under_way()}}});
}

}  // namespace mostove::gateway
