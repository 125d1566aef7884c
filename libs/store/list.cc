// Lists: which stretches of which indexes a caller's page is merged from.
//
// A page is one statement: a UNION ALL of arms, each walking an index in the
// list's order, limited as a whole; both databases merge the arms lazily. Every
// row that an arm yields is visible to the caller, so neither a token (which
// names the last row examined) nor the number of empty pages says anything of
// hidden rows. The filter is applied on the way: a row that does not match
// comes without its payload.

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/resource/filter.h"
#include "libs/resource/name.h"
#include "libs/resource/order.h"
#include "libs/resource/page_token.h"
#include "libs/status/macros.h"
#include "libs/store/collection.h"
#include "libs/telemetry/metrics.h"

namespace mostove::store {
namespace {

using resource::Audience;
using sql::Value;

// What a list asks for, checked.
struct Query {
  const resource::Filter* filter;
  resource::Order order;
  std::string sort_column;  // "" for the order by name
  std::string parent;       // "" for all
  bool show_deleted;
};

// Text of a statement and its values while it is put together.
struct Statement {
  std::string text;
  std::vector<Value> values;

  std::string Bind(Value value) {
    values.push_back(std::move(value));
    return absl::StrCat("?", values.size());
  }
};

// An index to walk: the main table m, or a side table d joined to it.
struct Way {
  std::string side_table;  // empty: the main table
  std::string condition;   // on the key of the index: "m.parent = ?3"
};

std::vector<Audience> AudiencesSeen(const call::Caller& caller) {
  if (caller.administrator) {
    return {resource::v1::OWNER, resource::v1::NETWORK, resource::v1::PUBLIC};
  }
  if (caller.network) return {resource::v1::NETWORK, resource::v1::PUBLIC};
  return {resource::v1::PUBLIC};
}

class ArmBuilder {
 public:
  ArmBuilder(const Layout& layout, const Query& query, const call::Caller& caller,
             sql::Engine engine, const resource::PageToken* after)
      : layout_(layout), query_(query), caller_(caller), engine_(engine), after_(after) {}

  // Empty text: the caller can see nothing of what is asked for.
  Statement Build(int limit, bool count_only) {
    count_only_ = count_only;
    if (!query_.filter->empty()) {
      match_ = query_.filter->ToSql(engine_, "m", statement_.values);
    }
    AddArms();
    if (arms_.empty()) return {};
    const std::string direction = query_.order.descending ? " DESC" : "";
    const bool by_name = query_.sort_column.empty();
    std::string text = absl::StrJoin(arms_, "\nUNION ALL\n");
    absl::StrAppend(
        &text, "\nORDER BY ",
        by_name ? absl::StrCat("1", direction) : absl::StrCat("2", direction, ", 1", direction),
        "\nLIMIT ", limit);
    if (count_only) {
      text = absl::StrCat("SELECT COUNT(*), CAST(COALESCE(SUM(w.hit), 0) AS BIGINT) FROM (", text,
                          ") w");
    }
    statement_.text = std::move(text);
    return std::move(statement_);
  }

 private:
  // The narrowest visibility among what the filter and the order name.
  Audience Narrowest() const {
    const Audience filtered = query_.filter->narrowest();
    return query_.order.column == nullptr ? filtered
                                          : std::min(filtered, query_.order.column->visibility);
  }

  bool OwnsParent() const {
    if (query_.parent.empty() || layout_.owner_path() == OwnerPath::kTable) return false;
    const std::string organization(resource::OrganizationOf(query_.parent));
    return std::find(caller_.organizations.begin(), caller_.organizations.end(), organization) !=
           caller_.organizations.end();
  }

  void AddArms() {
    // A field that not even owners see must not shape what they get.
    if (Narrowest() <= resource::v1::ADMINISTRATOR && !caller_.administrator) return;
    if (caller_.administrator || OwnsParent()) {
      for (Audience audience : {resource::v1::OWNER, resource::v1::NETWORK, resource::v1::PUBLIC}) {
        AddArm(MainWay(), audience, 0);
        if (query_.show_deleted) AddArm(MainWay(), audience, 1);
      }
      return;
    }
    // One that only owners see restricts the query to the rows that they own, so
    // that no negation leaks.
    const Audience level = caller_.network ? resource::v1::NETWORK : resource::v1::PUBLIC;
    const std::vector<Audience> seen =
        Narrowest() < level ? std::vector<Audience>{} : AudiencesSeen(caller_);
    for (Audience audience : seen) AddArm(MainWay(), audience, 0);
    AddOwnerArms(seen);
  }

  // Rows that the caller owns and that no arm of an audience yields.
  void AddOwnerArms(const std::vector<Audience>& seen) {
    if (!query_.parent.empty() && layout_.owner_path() != OwnerPath::kTable) return;
    const std::set<std::string> owners(caller_.organizations.begin(), caller_.organizations.end());
    for (const std::string& organization : owners) {
      for (Audience audience : {resource::v1::OWNER, resource::v1::NETWORK, resource::v1::PUBLIC}) {
        const bool living_seen = std::find(seen.begin(), seen.end(), audience) != seen.end();
        if (!living_seen) AddArm(OwnerWay(organization), audience, 0);
        if (query_.show_deleted) AddArm(OwnerWay(organization), audience, 1);
      }
    }
  }

  Way OwnerWay(const std::string& organization) {
    switch (layout_.owner_path()) {
      case OwnerPath::kSelf:
        return {"", absl::StrCat("m.name = ", statement_.Bind(organization))};
      case OwnerPath::kParent:
        return {"", absl::StrCat("m.parent = ", statement_.Bind(organization))};
      case OwnerPath::kTable:
        break;
    }
    std::string condition = absl::StrCat("d.owner = ", statement_.Bind(organization));
    // A row with two owners that the caller acts for comes by the first alone.
    for (const std::string& other : caller_.organizations) {
      if (other >= organization) continue;
      absl::StrAppend(&condition, " AND NOT EXISTS (SELECT 1 FROM ", layout_.OwnersTable(),
                      " o WHERE o.name = d.name AND o.owner = ", statement_.Bind(other), ")");
    }
    return {layout_.OwnersTable(), std::move(condition)};
  }

  // The index that narrows most: the parent's, that of an equality in the
  // filter, or that of the order alone.
  Way MainWay() {
    if (!query_.parent.empty()) {
      return {"", absl::StrCat("m.parent = ", statement_.Bind(query_.parent))};
    }
    for (const resource::FilterEquality& equality : query_.filter->equalities()) {
      if (equality.column->repeated) {
        return {layout_.SideTable(*equality.column),
                absl::StrCat("d.value = ", statement_.Bind(equality.value))};
      }
      if (equality.column->indexed && IsDefaultOrder()) {
        return {"", absl::StrCat("m.", equality.column->column, " = ",
                                 statement_.Bind(equality.value))};
      }
    }
    return {};
  }

  // Indexes of equalities are kept for the default order only.
  bool IsDefaultOrder() const {
    const auto order = resource::ParseOrder(layout_.type(), "", "order_by");
    return order.ok() && order->column == query_.order.column;
  }

  void AddArm(const Way& way, Audience audience, int deleted) {
    const std::string walked = way.side_table.empty() ? "m" : "d";
    std::string sort;
    if (!query_.sort_column.empty()) sort = absl::StrCat(walked, ".", query_.sort_column);
    std::vector<std::string> columns = {absl::StrCat(walked, ".name"),
                                        absl::StrCat(sort.empty() ? "0" : sort, " AS sort_key")};
    std::string hit = match_;
    if (!query_.parent.empty() && !absl::StartsWith(way.condition, "m.parent")) {
      const std::string same_parent = absl::StrCat("m.parent = ", statement_.Bind(query_.parent));
      hit = hit.empty() ? same_parent : absl::StrCat("(", hit, ") AND ", same_parent);
    }
    if (count_only_) {
      columns.push_back(hit.empty() ? "1 AS hit"
                                    : absl::StrCat("CASE WHEN ", hit, " THEN 1 ELSE 0 END AS hit"));
    } else {
      columns.push_back("m.revision");
      columns.push_back(hit.empty() ? "m.payload"
                                    : absl::StrCat("CASE WHEN ", hit, " THEN m.payload END"));
    }
    std::vector<std::string> conditions;
    // SQLite walks a CROSS JOIN from the left, so the side table's index leads.
    if (!way.side_table.empty()) conditions.push_back("m.name = d.name");
    if (!way.condition.empty()) conditions.push_back(way.condition);
    conditions.push_back(absl::StrCat(walked, ".audience = ", static_cast<int>(audience)));
    conditions.push_back(absl::StrCat(walked, ".deleted = ", deleted));
    if (after_ != nullptr) conditions.push_back(AfterCondition(walked, sort));
    arms_.push_back(
        absl::StrCat("SELECT ", absl::StrJoin(columns, ", "), " FROM ",
                     way.side_table.empty()
                         ? absl::StrCat(layout_.table(), " m")
                         : absl::StrCat(way.side_table, " d CROSS JOIN ", layout_.table(), " m"),
                     " WHERE ", absl::StrJoin(conditions, " AND ")));
  }

  // A row value, so that both databases start in the middle of the index.
  std::string AfterCondition(absl::string_view walked, absl::string_view sort) {
    const absl::string_view comparison = query_.order.descending ? " < " : " > ";
    if (bound_after_.empty()) {
      for (const Value& value : after_->key) bound_after_.push_back(statement_.Bind(value));
    }
    if (sort.empty()) return absl::StrCat(walked, ".name", comparison, bound_after_.back());
    return absl::StrCat("(", sort, ", ", walked, ".name)", comparison, "(", bound_after_[0], ", ",
                        bound_after_[1], ")");
  }

  const Layout& layout_;
  const Query& query_;
  const call::Caller& caller_;
  sql::Engine engine_;
  const resource::PageToken* after_;
  bool count_only_ = false;
  Statement statement_;
  std::string match_;
  std::vector<std::string> bound_after_;
  std::vector<std::string> arms_;
};

// What a token must not be used with otherwise.
std::string QueryText(const resource::Type& type, const ListRequest& request) {
  return absl::StrCat(type.type(), "\n", request.parent, "\n", request.filter, "\n",
                      request.order_by, "\n", request.show_deleted ? "deleted" : "");
}

absl::Status ReadPage(sql::Connection& connection, const Layout& layout, const Query& query,
                      const call::Caller& caller, const resource::PageToken* token, int page_size,
                      const std::string& query_text, ListPage& page) {
  resource::PageToken last;
  const resource::PageToken* after = token;
  bool full = false;
  size_t bytes = 0;
  int budget = kRowsExaminedMax;
  // Without a filter every row matches; with one, a second and longer stretch
  // is read only when the first did not fill the page.
  int window = query.filter->empty() ? page_size + 1 : std::min(kRowsExaminedMax, 4 * page_size);
  while (!full && budget > 0) {
    window = std::min(window, budget);
    const Statement statement =
        ArmBuilder(layout, query, caller, connection.engine(), after).Build(window, false);
    if (statement.text.empty()) return absl::OkStatus();
    int examined = 0;
    absl::Status parsed;
    RETURN_IF_ERROR(connection.Query(statement.text, statement.values, [&](const sql::Row& row) {
      if (static_cast<int>(page.resources.size()) == page_size || bytes > kAnswerBytesMax) {
        full = true;  // there is at least one more row
        return false;
      }
      ++examined;
      last.key.clear();
      if (!query.sort_column.empty()) last.key.push_back(row.Get(1));
      last.key.push_back(std::string(row.Text(0)));
      if (row.IsNull(3)) return true;
      auto message = ParsePayload(layout.type(), row.Bytes(3), row.Int64(2));
      if (!message.ok()) {
        parsed = message.status();
        return false;
      }
      bytes += row.Bytes(3).size();
      page.resources.push_back(*std::move(message));
      return true;
    }));
    RETURN_IF_ERROR(parsed);
    page.rows_examined += examined;
    budget -= examined;
    if (!full && examined < window) return absl::OkStatus();  // the end
    after = &last;
    window = budget;
    if (static_cast<int>(page.resources.size()) == page_size) full = true;
  }
  page.next_page_token = resource::EncodePageToken(last, query_text);
  return absl::OkStatus();
}

absl::Status CountTotal(sql::Connection& connection, const Layout& layout, const Query& query,
                        const call::Caller& caller, ListPage& page) {
  const Statement statement = ArmBuilder(layout, query, caller, connection.engine(), nullptr)
                                  .Build(kRowsCountedMax + 1, /*count_only=*/true);
  page.total_size = 0;
  if (statement.text.empty()) return absl::OkStatus();
  return connection.Query(statement.text, statement.values, [&](const sql::Row& row) {
    page.total_is_minimum = row.Int64(0) > kRowsCountedMax;
    page.total_size = row.Int64(1);
    return false;
  });
}

}  // namespace

absl::StatusOr<ListPage> Collection::List(const Call& call, const ListRequest& request) const {
  status::Violations violations;
  if (type().has_parent()) {
    violations.Add(resource::CheckParent(type(), "parent", request.parent, /*wildcard=*/true));
  }
  if (request.page_size < 0) violations.Add("page_size", "TOO_SMALL", "has to be 0 or more");
  auto filter = resource::ParseFilter(type(), request.filter, "filter");
  auto order = resource::ParseOrder(type(), request.order_by, "order_by");
  violations.Add(filter.status());
  violations.Add(order.status());
  const std::string query_text = QueryText(type(), request);
  resource::PageToken token;
  if (!request.page_token.empty()) {
    auto decoded = resource::DecodePageToken(request.page_token, query_text, "page_token");
    violations.Add(decoded.status());
    if (decoded.ok()) token = *std::move(decoded);
  }
  RETURN_IF_ERROR(violations.ToStatus());

  Query query{filter->get(), *order, "", request.parent, request.show_deleted};
  if (absl::EndsWith(query.parent, "/-")) query.parent.clear();
  if (order->column != nullptr) query.sort_column = layout_.SortColumnOf(*order->column);
  const size_t key_size = query.sort_column.empty() ? 1 : 2;
  if (!request.page_token.empty() && token.key.size() != key_size) {
    return status::InvalidField("page_token", "PAGE_TOKEN", "is not a token of this list");
  }
  if (!query.parent.empty() && parent_ != nullptr) {
    ASSIGN_OR_RETURN(const MessagePtr above, parent_->Get(call, query.parent));
  }
  const int page_size = request.page_size == 0
                            ? kPageSizeDefault
                            : static_cast<int>(std::min<int64_t>(request.page_size, kPageSizeMax));

  ASSIGN_OR_RETURN(sql::Database::Reader reader, store_.database().Read(call.deadline));
  ListPage page;
  RETURN_IF_ERROR(ReadPage(*reader, layout_, query, call.caller,
                           request.page_token.empty() ? nullptr : &token, page_size, query_text,
                           page));
  if (request.show_total_size) {
    RETURN_IF_ERROR(CountTotal(*reader, layout_, query, call.caller, page));
  }
  if (store_.options().metrics != nullptr) {
    store_.options().metrics->CountListPage(type().type(), page.rows_examined);
  }
  return page;
}

}  // namespace mostove::store
