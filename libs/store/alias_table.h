// The table of merged resources that every store's database has, beside those about
// references. Statements only.
//   aliases: what each merged one was merged into, the store's own and those of other
//     services, as the reader of their change logs found them
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/resource/aliases.h"
#include "libs/sql/sql.h"

namespace mostove::store {

absl::StatusOr<resource::Aliases::Targets> ReadAliases(sql::Connection& connection);
absl::StatusOr<std::optional<std::string>> ReadAliasTarget(sql::Connection& connection,
                                                           const std::string& name);
// What was merged into it, in the order of names; not what was merged into those.
absl::StatusOr<std::vector<std::string>> ReadAliasesOf(sql::Connection& connection,
                                                       const std::string& target);

// `source`: the service that owns the two, "" for the store's own.
absl::Status PutAlias(sql::Connection& connection, const std::string& source,
                      const std::string& name, const std::string& target);
absl::Status RemoveAlias(sql::Connection& connection, const std::string& name);
// Answers which these were.
absl::StatusOr<std::vector<std::string>> RemoveAliasesFrom(sql::Connection& connection,
                                                           const std::string& source);

}  // namespace mostove::store
