// Organizations and activities as an HXL table.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/cli/api.h"
#include "services/cli/catalog.h"
#include "services/cli/table.h"

namespace mostove::cli {

// A header row, a row of hashtags, a row for each message. Names of the
// organizations that activities belong to are asked of `api`, once each.
// INVALID_ARGUMENT for other types.
absl::StatusOr<std::string> ThreeWTable(const ResourceType& type, const Messages& messages,
                                        const Catalog& catalog, Api& api);

}  // namespace mostove::cli
