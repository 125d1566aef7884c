#include "libs/store/owner_tables.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/digest/digest.h"
#include "libs/status/macros.h"
#include "libs/store/collection.h"
#include "libs/store/store.h"

namespace mostove::store {
namespace {

constexpr int kRowsAtOnce = 500;

const std::vector<sql::Migration>& Migrations() {
  static const auto* migrations = new std::vector<sql::Migration>{{1, "owners", R"sql(
    CREATE TABLE owner_layout (
      only_row BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
      digest BLOB NOT NULL -- of the annotations that the rows were made by
    );)sql"}};
  return *migrations;
}

std::vector<const Layout*> LayoutsWithTables(const Store& store) {
  std::vector<const Layout*> layouts;
  for (const auto& collection : store.collections()) {
    if (collection->layout().owner_path() == OwnerPath::kTable) {
      layouts.push_back(&collection->layout());
    }
  }
  return layouts;
}

std::string DigestOf(const std::vector<const Layout*>& layouts) {
  std::string text;
  for (const Layout* layout : layouts) {
    absl::StrAppend(&text, layout->type().type(), " ",
                    absl::StrJoin(layout->type().options().owners(), " "), "\n");
  }
  return digest::Sha256(text);
}

absl::StatusOr<bool> IsMadeBy(sql::Connection& connection, const std::string& digest) {
  bool same = false;
  RETURN_IF_ERROR(connection.Query("SELECT digest FROM owner_layout", {}, [&](const sql::Row& row) {
    same = row.Bytes(0) == digest;
    return false;
  }));
  return same;
}

absl::Status MakeAnew(const Layout& layout, sql::Connection& connection) {
  RETURN_IF_ERROR(
      connection.Execute(absl::StrCat("DELETE FROM ", layout.OwnersTable()), {}).status());
  const std::string page = absl::StrCat("SELECT name FROM ", layout.table(),
                                        " WHERE name > ?1 ORDER BY name LIMIT ", kRowsAtOnce);
  for (std::string last;;) {
    std::vector<std::string> names;
    RETURN_IF_ERROR(connection.Query(page, {last}, [&](const sql::Row& row) {
      names.emplace_back(row.Text(0));
      return true;
    }));
    if (names.empty()) return absl::OkStatus();
    for (const std::string& name : names) {
      ASSIGN_OR_RETURN(const std::unique_ptr<StoredRow> row,
                       ReadRow(layout, connection, name, Lock::kNone));
      RETURN_IF_ERROR(InsertOwners(layout, connection, *row));
    }
    last = names.back();
  }
}

}  // namespace

absl::Status SettleOwners(const Store& store) {
  RETURN_IF_ERROR(store.database().Migrate("owners", Migrations()));
  const std::vector<const Layout*> layouts = LayoutsWithTables(store);
  if (layouts.empty()) return absl::OkStatus();
  const std::string digest = DigestOf(layouts);
  const auto settle = [&](sql::Transaction& transaction) -> absl::Status {
    sql::Connection& connection = transaction.connection();
    ASSIGN_OR_RETURN(bool settled, IsMadeBy(connection, digest));
    if (settled) return absl::OkStatus();
    if (connection.engine() == sql::Engine::kPostgres) {
      const auto table = [](std::string* out, const Layout* layout) { *out += layout->table(); };
      RETURN_IF_ERROR(connection.Script(absl::StrCat(
          "LOCK TABLE ", absl::StrJoin(layouts, ", ", table), " IN SHARE ROW EXCLUSIVE MODE")));
      ASSIGN_OR_RETURN(settled, IsMadeBy(connection, digest));  // another copy was first
      if (settled) return absl::OkStatus();
    }
    for (const Layout* layout : layouts) RETURN_IF_ERROR(MakeAnew(*layout, connection));
    return connection
        .Execute(
            "INSERT INTO owner_layout (only_row, digest) VALUES (1, ?1) "
            "ON CONFLICT (only_row) DO UPDATE SET digest = excluded.digest",
            {sql::Blob{digest}})
        .status();
  };
  return store.database().Write(absl::InfiniteFuture(), settle);
}

}  // namespace mostove::store
