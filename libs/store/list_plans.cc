#include "libs/store/list_plans.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/resource/filter.h"
#include "libs/status/macros.h"
#include "libs/store/list_statement.h"

namespace mostove::store {
namespace {

using resource::ColumnInfo;
using resource::ColumnKind;
using sql::Value;

// PostgreSQL avoids with these what it can avoid, however small the tables are.
constexpr char kAvoid[] =
    "BEGIN; SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; "
    "SET LOCAL enable_incremental_sort = off; SET LOCAL enable_hashjoin = off; "
    "SET LOCAL enable_mergejoin = off; SET LOCAL enable_bitmapscan = off;";

// A filter that equals some value of the column; empty where `=` is a range.
std::string SomeEquality(const ColumnInfo& column) {
  const std::string comparison = absl::StrCat(column.path, column.repeated ? ":" : "=");
  if (const auto* values = column.leaf()->enum_type(); values != nullptr) {
    return absl::StrCat(comparison, values->value(1)->name());
  }
  switch (column.leaf()->cpp_type()) {
    case google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE:
      return "";
    case google::protobuf::FieldDescriptor::CPPTYPE_BOOL:
      return absl::StrCat(comparison, "true");
    default:
      return absl::StrCat(comparison, "1");
  }
}

// Each of the filters drives another index, and some of them leave a repeated
// field to be looked up on the way.
std::vector<std::string> Filters(const resource::Type& type) {
  std::vector<std::string> filters = {""};
  for (const ColumnInfo& column : type.columns()) {
    if (!column.repeated && !column.indexed) continue;
    const std::string equality = SomeEquality(column);
    if (equality.empty()) continue;
    filters.push_back(equality);
    if (column.repeated) filters.push_back(absl::StrCat(equality, " AND ", equality));
  }
  return filters;
}

// Every order, in turn upwards and downwards: an index serves both.
std::vector<resource::Order> Orders(const Layout& layout) {
  std::vector<resource::Order> orders = {{nullptr, true}};
  for (const SortColumn& sort : layout.sort_columns()) {
    orders.push_back({sort.info, !orders.back().descending});
  }
  return orders;
}

// One who sees every audience, and one who has two organizations beside.
std::vector<call::Caller> Callers() {
  return {call::LocalAdministrator(),
          {.name = "users/member",
           .network = true,
           .organizations = {"organizations/1", "organizations/2"}}};
}

// After which row a later page begins.
resource::PageToken SomeToken(const resource::Order& order) {
  resource::PageToken token;
  if (order.column != nullptr) {
    if (order.column->collated) {
      token.key.push_back(sql::Blob{"1"});
    } else if (order.column->kind == ColumnKind::kText) {
      token.key.push_back("1");
    } else if (order.column->kind == ColumnKind::kDouble) {
      token.key.push_back(1.0);
    } else {
      token.key.push_back(int64_t{1});
    }
  }
  token.key.push_back("organizations/1");
  return token;
}

bool IsSlowOnPostgres(const std::vector<std::string>& plan) {
  for (size_t i = 0; i < plan.size(); ++i) {
    if (absl::StrContains(plan[i], "Seq Scan")) return true;
    // What is sorted stands two lines below. Arms are limited each.
    const bool sorts = absl::StrContains(plan[i], "Sort  (");
    if (sorts && (i + 2 >= plan.size() || !absl::StrContains(plan[i + 2], "Append"))) return true;
  }
  return false;
}

bool IsSlowOnSqlite(const std::vector<std::string>& plan) {
  for (const std::string& line : plan) {
    if (absl::StrContains(line, "TEMP B-TREE") || absl::StartsWith(line, "SCAN m") ||
        absl::StartsWith(line, "SCAN d")) {
      return true;
    }
    // What is looked up on the way is looked up by the resource's name.
    const bool looked_up =
        absl::StartsWith(line, "SEARCH m_v ") || absl::StartsWith(line, "SEARCH o ");
    if (looked_up && !absl::StrContains(line, "(name=?")) return true;
  }
  return false;
}

// The plan, if there is slow work in it.
absl::StatusOr<std::string> SlowPlan(sql::Connection& connection, const ListStatement& statement) {
  const bool sqlite = connection.engine() == sql::Engine::kSqlite;
  const std::string explain =
      absl::StrCat(sqlite ? "EXPLAIN QUERY PLAN " : "EXPLAIN ", statement.text);
  std::vector<std::string> plan;
  RETURN_IF_ERROR(connection.Query(explain, statement.values, [&](const sql::Row& row) {
    plan.emplace_back(row.Text(sqlite ? 3 : 0));
    return true;
  }));
  const bool slow = sqlite ? IsSlowOnSqlite(plan) : IsSlowOnPostgres(plan);
  return slow ? absl::StrJoin(plan, "\n  ") : "";
}

}  // namespace

absl::StatusOr<std::vector<std::string>> SlowLists(sql::Database& database, const Layout& layout) {
  ASSIGN_OR_RETURN(sql::Database::Reader reader, database.Read(absl::InfiniteFuture()));
  const bool postgres = reader->engine() == sql::Engine::kPostgres;
  if (postgres) RETURN_IF_ERROR(reader->Script(kAvoid));
  std::vector<std::string> slow;
  const auto explain = [&](const ListStatement& statement) -> absl::Status {
    if (statement.text.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::string plan, SlowPlan(*reader, statement));
    if (!plan.empty()) slow.push_back(absl::StrCat(statement.text, "\n  ", plan));
    return absl::OkStatus();
  };
  const auto explain_all = [&](const std::string& parent, const std::string& text) -> absl::Status {
    ASSIGN_OR_RETURN(const auto filter, resource::ParseFilter(layout.type(), text, "filter"));
    for (const resource::Order& order : Orders(layout)) {
      const resource::PageToken token = SomeToken(order);
      for (const call::Caller& caller : Callers()) {
        const ListQuery query{filter.get(), order, parent, /*show_deleted=*/true};
        const auto page_after = [&](const resource::PageToken* after) {
          return StatementForPage(layout, query, caller, reader->engine(), after, {50, 50});
        };
        RETURN_IF_ERROR(explain(page_after(nullptr)));
        RETURN_IF_ERROR(explain(page_after(&token)));
        RETURN_IF_ERROR(explain(StatementForTotal(layout, query, caller, reader->engine(), 100)));
      }
    }
    return absl::OkStatus();
  };
  // A parent's index comes before that of a filter.
  if (layout.type().has_parent()) RETURN_IF_ERROR(explain_all("organizations/1", ""));
  for (const std::string& filter : Filters(layout.type())) {
    RETURN_IF_ERROR(explain_all("", filter));
  }
  if (postgres) RETURN_IF_ERROR(reader->Script("ROLLBACK"));
  return slow;
}

}  // namespace mostove::store
