// The order of a list (AIP-132).
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/resource/type.h"

namespace mostove::resource {

// By one sortable column, or by name (column null); ties by name in the same
// direction.
struct Order {
  const ColumnInfo* column = nullptr;
  bool descending = false;
};

// "" is the type's default order. INVALID_ARGUMENT on `field`, reason ORDER,
// that lists the sortable fields. Takes "field", "field desc", "field asc",
// and a second key only if it is "name" in the same direction.
absl::StatusOr<Order> ParseOrder(const Type& type, absl::string_view text, absl::string_view field);

}  // namespace mostove::resource
