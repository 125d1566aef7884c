// Sectors and themes with their parts of a whole.
#pragma once

#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"
#include "libs/status/status.h"
#include "mostove/common/v1/classification_share.pb.h"

namespace mostove::domain {

using Shares = google::protobuf::RepeatedPtrField<common::v1::ClassificationShare>;

// The only share of its scheme is the whole where it is left out.
void CompleteShares(Shares& shares);

// For completed shares, by scheme; labels without a scheme are one of their
// own. Reasons: DUPLICATE (a code that stands twice in its scheme), SHARES_SUM
// on `path` (they do not sum to 100 %).
void CheckShares(const Shares& shares, absl::string_view path, status::Violations& violations);

}  // namespace mostove::domain
