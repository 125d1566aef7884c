#include "libs/sql/errors.h"

#include <simdjson.h>

#include "absl/strings/str_cat.h"
#include "libs/status/status.h"

namespace mostove::sql {
namespace {

constexpr char kConflict[] = "WRITE_CONFLICT";
constexpr char kConnectionLost[] = "DATABASE_UNAVAILABLE";

}  // namespace

absl::Status Conflict(absl::string_view words) { return status::Aborted(kConflict, words); }

bool IsConflict(const absl::Status& status) {
  return absl::IsAborted(status) && status::Reason(status) == kConflict;
}

absl::Status UniqueViolation(absl::string_view words) {
  return status::Make(absl::StatusCode::kAlreadyExists, "UNIQUE_VIOLATION", words);
}

absl::Status ForeignKeyViolation(absl::string_view words) {
  return status::Precondition("FOREIGN_KEY_VIOLATION", words);
}

absl::Status CheckViolation(absl::string_view words) {
  return status::Precondition("CHECK_VIOLATION", words);
}

absl::Status NotNullViolation(absl::string_view words) {
  return status::Precondition("NOT_NULL_VIOLATION", words);
}

absl::Status DeadlineExceeded(absl::string_view words) {
  return status::Make(absl::StatusCode::kDeadlineExceeded, "DATABASE_TIMEOUT", words);
}

absl::Status ConnectionLost(absl::string_view words) {
  return status::Unavailable(kConnectionLost, words, absl::Seconds(1));
}

bool IsConnectionLost(const absl::Status& status) {
  return absl::IsUnavailable(status) && status::Reason(status) == kConnectionLost;
}

absl::Status OutcomeUnknown(absl::string_view words) {
  return status::Unavailable(
      "OUTCOME_UNKNOWN",
      absl::StrCat("the connection was lost during COMMIT, so the write may or may not be kept; "
                   "repeat it with the same idempotency key: ",
                   words),
      absl::Seconds(1));
}

absl::Status TransactionFailed() {
  return status::Internal(
      "a statement of this transaction failed before; the change must return its error");
}

absl::Status CheckValues(absl::Span<const Value> values) {
  for (size_t i = 0; i < values.size(); ++i) {
    const auto* text = std::get_if<std::string>(&values[i]);
    if (text == nullptr) continue;
    if (text->find('\0') != std::string::npos) {
      return status::Make(
          absl::StatusCode::kInvalidArgument, "TEXT_HAS_NUL",
          absl::StrCat("text ?", i + 1, " contains a NUL character; text columns hold none"));
    }
    if (!simdjson::validate_utf8(*text)) {
      return status::Make(absl::StatusCode::kInvalidArgument, "TEXT_NOT_UTF8",
                          absl::StrCat("text ?", i + 1, " is not valid UTF-8"));
    }
  }
  return absl::OkStatus();
}

}  // namespace mostove::sql
