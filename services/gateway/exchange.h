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
#include "libs/rpc/reading.h"
#include "libs/telemetry/metrics.h"
#include "services/gateway/admission.h"
#include "services/gateway/budgets.h"
#include "services/gateway/compress.h"
#include "services/gateway/cors.h"
#include "services/gateway/route_table.h"

namespace mostove::gateway {

// Adds the header fields that every answer has.
void AddCommonHeaders(absl::string_view request_id, http::Response& response);

// What the exchanges of a gateway have in common.
struct AnswerRules {
  AnswerRules(telemetry::Metrics* metrics, absl::string_view cors_origins,
              const CompressorOptions& compression, int calls_max)
      : metrics(metrics), cors(cors_origins), compressor(compression), admission(calls_max) {}

  telemetry::Metrics* const metrics;  // may be null
  const Cors cors;
  mutable Compressor compressor;
  mutable Admission admission;
};

// Answers once, on any thread. GETs are readings of JSON.
class Exchange : public rpc::Reading {
 public:
  Exchange(const http::Request& request, http::Responder responder,
           std::shared_ptr<const AnswerRules> rules);
  ~Exchange() override;

  const std::string& request_id() const { return request_id_; }
  // Of the work for this request; may be "".
  const std::string& traceparent() const { return traceparent_; }
  absl::string_view language() const { return language_; }
  // The label of the request in figures; a text that outlives the exchange. "unmatched" until then.
  void set_route_label(absl::string_view label) { route_label_ = label; }

  // Keeps what the end needs of the request. Request and match outlive Begin and MakeRequest.
  void BeginCall(const http::Request& request, const transcoding::RouteMatch& match,
                 std::shared_ptr<const RouteInfo> info);
  // Takes a place among the calls under way, until it ends. UNAVAILABLE, reason QUEUE_FULL, when
  // there is none: answer with that.
  absl::Status Enter(bool reads);
  void set_has_if_match() { has_if_match_ = true; }
  // What the answer says of the caller's budget.
  Quota& quota() { return quota_; }
  const std::shared_ptr<const RouteInfo>& info() const { return info_; }
  // Where the call says what it did: its position goes into the answer.
  std::shared_ptr<call::Outcome> BeginWrite() {
    return outcome_ = std::make_shared<call::Outcome>();
  }
  // Answers with the response as JSON, or a problem.
  void FinishCall(const absl::StatusOr<call::MessagePtr>& response);

  absl::StatusOr<call::MessagePtr> MakeRequest() override;
  answers::Answer Render(const google::protobuf::Message& response, bool shared) override;
  absl::StatusOr<answers::Answer> RenderBytes(std::string response, bool shared) override;
  // The same, with 304 where the caller has it.
  void Finish(absl::StatusOr<answers::AnswerPtr> answer) override;

  // Answers with a problem. `http_status` 0: as the code says. One more header field may be given.
  void Fail(const absl::Status& status, int http_status = 0, absl::string_view extra_name = {},
            absl::string_view extra_value = {});
  void Respond(http::Response response);
  // As http::Responder::Stream.
  std::shared_ptr<http::BodyStream> RespondWithStream(http::Response head,
                                                      std::function<void()> ended);

 private:
  bool Unmodified(absl::string_view tag) const;
  // Entity tag, if there is none yet, and further fields.
  void AddFields(absl::string_view page_token, bool shared, answers::Answer& answer) const;
  void CountRefusal(const absl::Status& status) const;
  void AddNextLink(absl::string_view page_token, http::Response& response) const;

  void Log(const http::Response& response, absl::Duration took) const;

  http::Responder responder_;
  const std::shared_ptr<const AnswerRules> rules_;
  bool entered_ = false;
  bool busy_ = false;  // refused for load
  const absl::Time start_;
  const http::Method method_;
  const std::string request_id_;
  const std::string traceparent_;
  const absl::string_view language_;
  const bool takes_gzip_;
  const std::string origin_;  // of a page that may read the answer; "" for other callers
  absl::string_view route_label_ = "unmatched";
  Quota quota_;

  std::shared_ptr<const RouteInfo> info_;
  const http::Request* request_ = nullptr;          // until MakeRequest
  const transcoding::RouteMatch* match_ = nullptr;  // the same
  bool has_if_match_ = false;
  std::shared_ptr<call::Outcome> outcome_;  // of a write
  std::string if_none_match_;
  std::string path_;   // of a list
  std::string query_;  // of a list
};

}  // namespace mostove::gateway
