// Page tokens: where the next page begins, tied to the query by a checksum.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/sql/sql.h"

namespace mostove::resource {

// A token grants nothing: it says after which row of the order to go on, and
// that row need not exist any more.
struct PageToken {
  std::vector<sql::Value> key;  // values of the order's columns, then the name
};

// `query` is whatever the token must not be used with otherwise: parent,
// filter, order, showDeleted. URL-safe text.
std::string EncodePageToken(const PageToken& token, absl::string_view query);
// INVALID_ARGUMENT on `field`, reason PAGE_TOKEN, for a damaged token or one of
// another query. Never crashes on any bytes.
absl::StatusOr<PageToken> DecodePageToken(absl::string_view text, absl::string_view query,
                                          absl::string_view field);

}  // namespace mostove::resource
