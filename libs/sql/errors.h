// The errors of both engines, made in one place so that they are alike.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "libs/sql/sql.h"

namespace mostove::sql {

// `words` are the database's own.
absl::Status UniqueViolation(absl::string_view words);
absl::Status ForeignKeyViolation(absl::string_view words);
absl::Status CheckViolation(absl::string_view words);
absl::Status NotNullViolation(absl::string_view words);
absl::Status DeadlineExceeded(absl::string_view words);
absl::Status ConnectionLost(absl::string_view words);
bool IsConnectionLost(const absl::Status& status);
// The connection was lost during COMMIT: nobody knows whether it happened.
absl::Status OutcomeUnknown(absl::string_view words);
// A statement after one that failed in the same transaction.
absl::Status TransactionFailed();

// INVALID_ARGUMENT for text that PostgreSQL could not hold: a NUL or invalid
// UTF-8. Checked on both engines.
absl::Status CheckValues(absl::Span<const Value> values);

}  // namespace mostove::sql
