#include "libs/status/status.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace mostove::status {
namespace {

constexpr size_t kViolationsMax = 100;
constexpr char kInternalMessage[] = "internal error; quote the request id when you report it";

template <class Detail>
std::string TypeUrl() {
  return absl::StrCat("type.googleapis.com/", Detail::descriptor()->full_name());
}

template <class Detail>
void Attach(absl::Status& status, const Detail& detail) {
  status.SetPayload(TypeUrl<Detail>(), absl::Cord(detail.SerializeAsString()));
}

template <class Detail>
bool Extract(const absl::Status& status, Detail& detail) {
  const auto payload = status.GetPayload(TypeUrl<Detail>());
  return payload.has_value() && detail.ParseFromString(std::string(*payload));
}

void AttachRetry(absl::Status& status, absl::Duration retry_after) {
  google::rpc::RetryInfo retry;
  const int64_t nanos = absl::ToInt64Nanoseconds(retry_after);
  retry.mutable_retry_delay()->set_seconds(nanos / 1'000'000'000);
  retry.mutable_retry_delay()->set_nanos(static_cast<int>(nanos % 1'000'000'000));
  Attach(status, retry);
}

absl::Status ForResource(absl::StatusCode code, absl::string_view reason, absl::string_view type,
                         absl::string_view name, absl::string_view message) {
  absl::Status status = Make(code, reason, message);
  google::rpc::ResourceInfo info;
  info.set_resource_type(std::string(type));
  info.set_resource_name(std::string(name));
  Attach(status, info);
  return status;
}

bool HidesMessage(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kDataLoss;
}

// Messages with these reasons are the words of a database: with a path, a socket or a value in
// them.
struct WireMessage {
  absl::string_view reason;
  const char* message;
};
constexpr WireMessage kWireMessages[] = {
    {"DATABASE_UNAVAILABLE", "the database does not answer at present; try again"},
    {"OUTCOME_UNKNOWN",
     "the connection was lost during COMMIT, so the write may or may not be kept; repeat it with "
     "the same idempotency key"},
    {"WRITE_CONFLICT", "another write came first; try again"},
    {"UNIQUE_VIOLATION", "such a value is there already and may stand once only"},
    {"FOREIGN_KEY_VIOLATION", "it would refer to what is not there"},
    {"CHECK_VIOLATION", "a value stands against a rule of the database"},
    {"NOT_NULL_VIOLATION", "a value that the database needs is missing"},
};

std::string MessageForCallers(const absl::Status& status) {
  if (HidesMessage(status.code())) return kInternalMessage;
  const std::string reason = Reason(status);
  for (const WireMessage& each : kWireMessages) {
    if (each.reason == reason) return each.message;
  }
  return std::string(status.message());
}

}  // namespace

void Violations::Add(absl::string_view field, absl::string_view reason,
                     absl::string_view description) {
  violations_.push_back({std::string(field), std::string(reason), std::string(description)});
}

void Violations::Add(const absl::Status& status) {
  for (Violation& violation : FieldViolations(status)) violations_.push_back(std::move(violation));
}

absl::Status Violations::ToStatus() const {
  if (violations_.empty()) return absl::OkStatus();
  const Violation& first = violations_.front();
  std::string message =
      absl::StrCat(first.field, first.field.empty() ? "" : ": ", first.description);
  if (violations_.size() > 1) {
    absl::StrAppend(&message, " (and ", violations_.size() - 1, " more wrong ",
                    violations_.size() == 2 ? "field" : "fields", ")");
  }
  absl::Status status = Make(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS", message);
  google::rpc::BadRequest bad_request;
  for (size_t i = 0; i < std::min(violations_.size(), kViolationsMax); ++i) {
    auto* violation = bad_request.add_field_violations();
    violation->set_field(violations_[i].field);
    violation->set_reason(violations_[i].reason);
    violation->set_description(violations_[i].description);
  }
  Attach(status, bad_request);
  return status;
}

absl::Status InvalidField(absl::string_view field, absl::string_view reason,
                          absl::string_view description) {
  Violations violations;
  violations.Add(field, reason, description);
  return violations.ToStatus();
}

absl::Status NotFound(absl::string_view type, absl::string_view name) {
  return ForResource(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND", type, name,
                     absl::StrCat(name, " does not exist"));
}

absl::Status AlreadyExists(absl::string_view type, absl::string_view name) {
  return ForResource(absl::StatusCode::kAlreadyExists, "RESOURCE_EXISTS", type, name,
                     absl::StrCat(name, " exists already"));
}

absl::Status Precondition(absl::string_view reason, absl::string_view message) {
  return Make(absl::StatusCode::kFailedPrecondition, reason, message);
}

absl::Status Aborted(absl::string_view reason, absl::string_view message) {
  return Make(absl::StatusCode::kAborted, reason, message);
}

absl::Status PermissionDenied(absl::string_view reason, absl::string_view message) {
  return Make(absl::StatusCode::kPermissionDenied, reason, message);
}

absl::Status Unavailable(absl::string_view reason, absl::string_view message,
                         absl::Duration retry_after) {
  absl::Status status = Make(absl::StatusCode::kUnavailable, reason, message);
  AttachRetry(status, retry_after);
  return status;
}

absl::Status ResourceExhausted(absl::string_view reason, absl::string_view message,
                               absl::Duration retry_after) {
  absl::Status status = Make(absl::StatusCode::kResourceExhausted, reason, message);
  AttachRetry(status, retry_after);
  return status;
}

absl::Status Internal(absl::string_view log_message) {
  return Make(absl::StatusCode::kInternal, "INTERNAL", log_message);
}

absl::Status Make(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                  const std::map<std::string, std::string>& metadata) {
  absl::Status status(code, message);
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain(kDomain);
  for (const auto& [key, value] : metadata) (*info.mutable_metadata())[key] = value;
  Attach(status, info);
  return status;
}

std::string Reason(const absl::Status& status) {
  google::rpc::ErrorInfo info;
  return Extract(status, info) ? info.reason() : "";
}

std::vector<Violation> FieldViolations(const absl::Status& status) {
  std::vector<Violation> violations;
  google::rpc::BadRequest bad_request;
  if (!Extract(status, bad_request)) return violations;
  for (const auto& violation : bad_request.field_violations()) {
    violations.push_back({violation.field(), violation.reason(), violation.description()});
  }
  return violations;
}

absl::Duration RetryAfter(const absl::Status& status) {
  google::rpc::RetryInfo retry;
  if (!Extract(status, retry)) return absl::ZeroDuration();
  return absl::Seconds(retry.retry_delay().seconds()) +
         absl::Nanoseconds(retry.retry_delay().nanos());
}

absl::Status WithRetryAfter(absl::Status status, absl::Duration retry_after) {
  AttachRetry(status, retry_after);
  return status;
}

google::rpc::Status ToProto(const absl::Status& status) {
  google::rpc::Status proto;
  proto.set_code(static_cast<int>(status.code()));
  proto.set_message(MessageForCallers(status));
  status.ForEachPayload([&](absl::string_view type_url, const absl::Cord& payload) {
    auto* detail = proto.add_details();
    detail->set_type_url(std::string(type_url));
    detail->set_value(std::string(payload));
  });
  // absl gives them in an order that changes from error to error: equal errors are
  // to have equal bytes, so that nobody reads anything into a difference.
  std::sort(proto.mutable_details()->begin(), proto.mutable_details()->end(),
            [](const auto& one, const auto& other) { return one.type_url() < other.type_url(); });
  return proto;
}

absl::Status FromProto(const google::rpc::Status& proto) {
  absl::Status status(static_cast<absl::StatusCode>(proto.code()), proto.message());
  for (const auto& detail : proto.details()) {
    status.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return status;
}

}  // namespace mostove::status
