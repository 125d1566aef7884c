// One request from its call to its answer.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/call/method.h"
#include "libs/http/request.h"
#include "libs/http/server.h"
#include "libs/telemetry/metrics.h"
#include "services/gateway/route_table.h"

namespace mostove::gateway {

// Adds the header fields that every answer has.
void AddCommonHeaders(absl::string_view request_id, http::Response& response);

// Answers once, on any thread.
class Exchange {
 public:
  // `metrics` may be null; it outlives the exchange.
  Exchange(const http::Request& request, http::Responder responder, telemetry::Metrics* metrics);

  const std::string& request_id() const { return request_id_; }
  absl::string_view language() const { return language_; }
  // The label of the request in figures; a text that outlives the exchange. "unmatched" until then.
  void set_route_label(absl::string_view label) { route_label_ = label; }

  // Keeps what FinishCall needs of the request.
  void BeginCall(const http::Request& request, std::shared_ptr<const RouteInfo> info);
  void set_has_if_match() { has_if_match_ = true; }
  // Answers with the response as JSON, 304 where the caller has it, or a problem.
  void FinishCall(absl::StatusOr<call::MessagePtr> response);

  // Answers with a problem. `http_status` 0: as the code says. One more header field may be given.
  void Fail(const absl::Status& status, int http_status = 0, absl::string_view extra_name = {},
            absl::string_view extra_value = {});
  void Respond(http::Response response);

 private:
  http::Response Render(const google::protobuf::Message& message) const;
  void AddNextLink(absl::string_view page_token, http::Response& response) const;

  http::Responder responder_;
  telemetry::Metrics* const metrics_;
  const absl::Time start_;
  const std::string request_id_;
  const absl::string_view language_;
  absl::string_view route_label_ = "unmatched";

  std::shared_ptr<const RouteInfo> info_;
  bool has_if_match_ = false;
  std::string if_none_match_;
  std::string path_;   // of a list
  std::string query_;  // of a list
};

}  // namespace mostove::gateway
