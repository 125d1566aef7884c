#include "libs/store/alias_table.h"

#include "libs/status/macros.h"

namespace mostove::store {

absl::StatusOr<resource::Aliases::Targets> ReadAliases(sql::Connection& connection) {
  resource::Aliases::Targets targets;
  RETURN_IF_ERROR(
      connection.Query("SELECT name, target FROM aliases", {}, [&](const sql::Row& row) {
        targets.emplace(row.Text(0), row.Text(1));
        return true;
      }));
  return targets;
}

absl::StatusOr<std::optional<std::string>> ReadAliasTarget(sql::Connection& connection,
                                                           const std::string& name) {
  std::optional<std::string> target;
  RETURN_IF_ERROR(connection.Query("SELECT target FROM aliases WHERE name = ?1", {name},
                                   [&](const sql::Row& row) {
                                     target = std::string(row.Text(0));
                                     return false;
                                   }));
  return target;
}

namespace {

absl::StatusOr<std::vector<std::string>> Names(sql::Connection& connection,
                                               absl::string_view statement,
                                               const std::string& value) {
  std::vector<std::string> names;
  RETURN_IF_ERROR(connection.Query(statement, {value}, [&](const sql::Row& row) {
    names.emplace_back(row.Text(0));
    return true;
  }));
  return names;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ReadAliasesOf(sql::Connection& connection,
                                                       const std::string& target) {
  return Names(connection, "SELECT name FROM aliases WHERE target = ?1 ORDER BY name", target);
}

absl::Status PutAlias(sql::Connection& connection, const std::string& source,
                      const std::string& name, const std::string& target) {
  return connection.Queue(
      "INSERT INTO aliases (name, target, source) VALUES (?1, ?2, ?3) "
      "ON CONFLICT (name) DO UPDATE SET target = excluded.target",
      {name, target, source});
}

absl::Status RemoveAlias(sql::Connection& connection, const std::string& name) {
  return connection.Queue("DELETE FROM aliases WHERE name = ?1", {name});
}

absl::StatusOr<std::vector<std::string>> RemoveAliasesFrom(sql::Connection& connection,
                                                           const std::string& source) {
  ASSIGN_OR_RETURN(std::vector<std::string> names,
                   Names(connection, "SELECT name FROM aliases WHERE source = ?1", source));
  RETURN_IF_ERROR(connection.Queue("DELETE FROM aliases WHERE source = ?1", {source}));
  return names;
}

}  // namespace mostove::store
