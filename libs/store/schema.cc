#include "libs/store/schema.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::store {
namespace {

using resource::ColumnInfo;

constexpr size_t kNameBytesMax = 63;
constexpr size_t kLineMax = 100;

// One index per order, below the key that lists start from (may be empty).
class IndexList {
 public:
  explicit IndexList(const Layout& layout) : layout_(layout) {}

  void AddOrders(const std::string& table, const std::string& prefix, const std::string& key) {
    Add(absl::StrCat(prefix, "_by_name"), table, key, "");
    for (const SortColumn& sort : layout_.sort_columns()) {
      Add(absl::StrCat(prefix, "_by_", sort.info->column), table, key, sort.column);
    }
  }

  void AddDefaultOrder(const std::string& table, std::string name, const std::string& key) {
    const std::vector<SortColumn>& sort = layout_.default_sort();
    Add(std::move(name), table, key, sort.empty() ? "" : sort.front().column);
  }

  void Add(std::string name, const std::string& table, const std::string& key,
           const std::string& sort) {
    std::vector<std::string> columns;
    if (!key.empty()) columns.push_back(key);
    columns.insert(columns.end(), {"audience", "deleted"});
    if (!sort.empty()) columns.push_back(sort);
    columns.push_back("name");
    list.push_back({std::move(name), table, std::move(columns)});
  }

  std::vector<Index> list;

 private:
  const Layout& layout_;
};

// Broken after commas where it would be long.
std::string Folded(const std::string& head, const std::vector<std::string>& items,
                   absl::string_view tail) {
  std::string line = absl::StrCat(head, " (", absl::StrJoin(items, ", "), ")", tail);
  if (line.size() <= kLineMax) return line;
  const size_t on = head.rfind(" ON ");
  if (on == std::string::npos) return line;
  return absl::StrCat(line.substr(0, on), "\n ", line.substr(on));
}

std::string TableScript(const std::string& table, const std::vector<std::string>& columns) {
  return absl::StrCat("CREATE TABLE ", table, " (\n  ", absl::StrJoin(columns, ",\n  "), "\n);\n");
}

}  // namespace

std::vector<Index> WantedIndexes(const Layout& layout) {
  IndexList indexes(layout);
  const std::string& table = layout.table();
  indexes.AddOrders(table, table, "");
  if (layout.type().has_parent()) indexes.AddOrders(table, table + "_below", "parent");
  for (const ColumnInfo& info : layout.type().columns()) {
    if (!info.indexed || info.repeated) continue;
    indexes.AddDefaultOrder(table, absl::StrCat(table, "_of_", info.column), info.column);
  }
  for (const ColumnInfo& info : layout.type().columns()) {
    if (!info.repeated) continue;
    const std::string side = layout.SideTable(info);
    indexes.list.push_back({side + "_of", side, {"name"}});
    indexes.AddDefaultOrder(side, side + "_by_value", "value");
  }
  if (layout.owner_path() == OwnerPath::kTable) {
    const std::string side = layout.OwnersTable();
    indexes.list.push_back({side + "_of", side, {"name"}});
    indexes.AddOrders(side, side, "owner");
  }
  return indexes.list;
}

absl::StatusOr<std::string> SchemaScript(const Layout& layout) {
  // Columns that are never NULL: those of every row, and those to order by.
  std::set<std::string> never_null = {"name",    "parent",   "revision",     "sequence",
                                      "deleted", "audience", "own_audience", "payload"};
  for (const SortColumn& sort : layout.sort_columns()) never_null.insert(sort.column);
  std::vector<std::string> tables;  // in the layout's order
  std::map<std::string, std::vector<std::string>> columns;
  for (const Layout::ExpectedColumn& column : layout.ExpectedColumns()) {
    if (columns.count(column.table) == 0) tables.push_back(column.table);
    const bool main = column.table == layout.table();
    const bool set = !main || never_null.count(column.column) > 0;
    columns[column.table].push_back(
        absl::StrCat(column.column, " ", column.type, set ? " NOT NULL" : "",
                     main && column.column == "name" ? " PRIMARY KEY" : ""));
  }
  std::string script;
  const std::vector<Index> indexes = WantedIndexes(layout);
  for (const std::string& table : tables) {
    absl::StrAppend(&script, script.empty() ? "" : "\n", TableScript(table, columns[table]));
    for (const Index& index : indexes) {
      if (index.table != table) continue;
      if (index.name.size() > kNameBytesMax) {
        return status::Internal(
            absl::StrCat("PostgreSQL would cut the name of the index ", index.name));
      }
      absl::StrAppend(
          &script,
          Folded(absl::StrCat("CREATE INDEX ", index.name, " ON ", table), index.columns, ";"),
          "\n");
    }
  }
  return script;
}

}  // namespace mostove::store
