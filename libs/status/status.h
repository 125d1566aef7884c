// Makes errors with google.rpc details, and carries them to and from the wire.
//
// An error is an absl::Status whose payloads are google.rpc detail messages
// (ErrorInfo, BadRequest, ResourceInfo, RetryInfo), each under its type URL.
// Every error made here has an ErrorInfo with a stable reason
// (UPPER_SNAKE_CASE) and the domain "mostove.bg". Callers switch on code and
// reason; messages are for people.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace google::rpc {
class Status;
}

namespace mostove::status {

inline constexpr char kDomain[] = "mostove.bg";

// One wrong field of a request. `field` is a path in the request as its proto
// names it: "organization.identifiers[0].value".
struct Violation {
  std::string field;
  std::string reason;  // "REQUIRED", "TOO_LONG", "PATTERN", ...
  std::string description;
};

// Collects every wrong field of a request, so that all are reported at once.
class Violations {
 public:
  void Add(absl::string_view field, absl::string_view reason, absl::string_view description);
  // Adds those that the status names; none for OK.
  void Add(const absl::Status& status);
  bool empty() const { return violations_.empty(); }
  const std::vector<Violation>& all() const { return violations_; }
  // OK when there are none; else INVALID_ARGUMENT, reason INVALID_FIELDS, with
  // a BadRequest. At most 100 violations are sent.
  absl::Status ToStatus() const;

 private:
  std::vector<Violation> violations_;
};

// INVALID_ARGUMENT for one field.
absl::Status InvalidField(absl::string_view field, absl::string_view reason,
                          absl::string_view description);
// NOT_FOUND, reason RESOURCE_NOT_FOUND. Also for what the caller may not see.
absl::Status NotFound(absl::string_view type, absl::string_view name);
// ALREADY_EXISTS, reason RESOURCE_EXISTS.
absl::Status AlreadyExists(absl::string_view type, absl::string_view name);
// FAILED_PRECONDITION.
absl::Status Precondition(absl::string_view reason, absl::string_view message);
// ABORTED.
absl::Status Aborted(absl::string_view reason, absl::string_view message);
// PERMISSION_DENIED.
absl::Status PermissionDenied(absl::string_view reason, absl::string_view message);
// UNAVAILABLE or RESOURCE_EXHAUSTED with a RetryInfo.
absl::Status Unavailable(absl::string_view reason, absl::string_view message,
                         absl::Duration retry_after);
absl::Status ResourceExhausted(absl::string_view reason, absl::string_view message,
                               absl::Duration retry_after);
// INTERNAL. `log_message` goes to the log; the wire gets a fixed sentence.
absl::Status Internal(absl::string_view log_message);
// Any code with an ErrorInfo.
absl::Status Make(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                  const std::map<std::string, std::string>& metadata = {});

// "" when the error has no ErrorInfo.
std::string Reason(const absl::Status& status);
// Empty when it has no BadRequest.
std::vector<Violation> FieldViolations(const absl::Status& status);
// Zero when it has no RetryInfo.
absl::Duration RetryAfter(const absl::Status& status);
// The same error with another retry delay.
absl::Status WithRetryAfter(absl::Status status, absl::Duration retry_after);

// The wire form. INTERNAL, UNKNOWN and DATA_LOSS lose their message, and what a
// database said is put in general words: what went wrong inside is for the log.
google::rpc::Status ToProto(const absl::Status& status);
absl::Status FromProto(const google::rpc::Status& proto);

}  // namespace mostove::status
