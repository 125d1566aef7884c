// A statement is a UNION ALL of arms, each walking an index in the list's order,
// merged lazily. PostgreSQL walks an index in its order only for an arm that is
// ordered and limited by itself; SQLite takes the order from the whole. Every
// row that an arm yields is visible to the caller, so neither a token (which
// names the last row examined) nor the number of empty pages says anything of
// hidden rows. The filter is applied on the way.
#include "libs/store/list_statement.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/resource/visibility.h"

namespace mostove::store {
namespace {

using resource::Audience;
using resource::FilterEquality;
using sql::Value;

// An index to walk: the main table m, or a side table d joined to it.
struct Way {
  std::string side_table;  // empty: the main table
  std::string condition;   // on the key of the index: "m.parent = ?3"
  std::string match;       // what its rows have to fulfil; empty: nothing
};

std::vector<Audience> AudiencesSeen(const call::Caller& caller) {
  if (caller.administrator) {
    return {resource::v1::OWNER, resource::v1::NETWORK, resource::v1::PUBLIC};
  }
  if (caller.network) return {resource::v1::NETWORK, resource::v1::PUBLIC};
  return {resource::v1::PUBLIC};
}

class Builder {
 public:
  Builder(const Layout& layout, const ListQuery& query, const call::Caller& caller,
          sql::Engine engine, const resource::PageToken* after, bool count_only)
      : layout_(layout),
        query_(query),
        caller_(caller),
        engine_(engine),
        after_(after),
        count_only_(count_only) {
    if (query.order.column != nullptr) sort_column_ = layout.SortColumnOf(*query.order.column);
  }

  ListStatement Build(ListLimits limits) {
    AddArms();
    if (arms_.empty()) return {};
    statement_.limit = filtered_ ? limits.examined : limits.matching;
    const std::string direction = query_.order.descending ? " DESC" : "";
    const std::string end =
        absl::StrCat("\nORDER BY ", sort_column_.empty() ? "" : absl::StrCat("2", direction, ", "),
                     "1", direction, "\nLIMIT ", statement_.limit);
    statement_.text =
        engine_ == sql::Engine::kSqlite || arms_.size() == 1
            ? absl::StrJoin(arms_, "\nUNION ALL\n")
            : absl::StrCat("(", absl::StrJoin(arms_, end + ")\nUNION ALL\n("), end, ")");
    statement_.text += end;
    return std::move(statement_);
  }

 private:
  std::string Bind(Value value) {
    statement_.values.push_back(std::move(value));
    return absl::StrCat("?", statement_.values.size());
  }

  // The narrowest visibility among what the filter and the order name.
  Audience Narrowest() const {
    const Audience filtered = query_.filter->narrowest();
    return query_.order.column == nullptr ? filtered
                                          : std::min(filtered, query_.order.column->visibility);
  }

  bool OwnsParent() const {
    return !query_.parent.empty() && OwnsByName(layout_, caller_.organizations, query_.parent);
  }

  void AddArms() {
    // A field that not even owners see must not shape what they get.
    if (Narrowest() <= resource::v1::ADMINISTRATOR && !caller_.administrator) return;
    if (caller_.administrator || OwnsParent()) {
      for (const Way& way : MainWays()) {
        for (Audience audience :
             {resource::v1::OWNER, resource::v1::NETWORK, resource::v1::PUBLIC}) {
          AddArm(way, audience, 0);
          if (query_.show_deleted) AddArm(way, audience, 1);
        }
      }
      return;
    }
    // One that only owners see restricts the query to the rows that they own, so
    // that no negation leaks.
    const Audience level = resource::LevelOf(caller_);
    const std::vector<Audience> seen =
        Narrowest() < level ? std::vector<Audience>{} : AudiencesSeen(caller_);
    if (!seen.empty()) {
      for (const Way& way : MainWays()) {
        for (Audience audience : seen) AddArm(way, audience, 0);
      }
    }
    AddOwnerArms(seen);
  }

  // Rows that the caller owns and that no arm of an audience yields.
  void AddOwnerArms(const std::vector<Audience>& seen) {
    if (layout_.owner_path() == OwnerPath::kNone) return;
    if (!query_.parent.empty() && layout_.owner_path() != OwnerPath::kTable) return;
    const std::set<std::string> owners(caller_.organizations.begin(), caller_.organizations.end());
    for (const std::string& owner : owners) {
      if (!MayOwn(owner)) continue;
      const Way way = OwnerWay(owner);
      for (Audience audience : {resource::v1::OWNER, resource::v1::NETWORK, resource::v1::PUBLIC}) {
        const bool living_seen = std::find(seen.begin(), seen.end(), audience) != seen.end();
        if (!living_seen) AddArm(way, audience, 0);
        if (query_.show_deleted) AddArm(way, audience, 1);
      }
    }
  }

  // Where names say whose a row is, they are of one collection.
  bool MayOwn(absl::string_view owner) const {
    return layout_.owner_path() == OwnerPath::kTable ||
           absl::StartsWith(owner, absl::StrCat(layout_.type().pattern().front(), "/"));
  }

  Way OwnerWay(const std::string& owner) {
    switch (layout_.owner_path()) {
      case OwnerPath::kSelf:
        return {"", absl::StrCat("m.name = ", Bind(owner)), Match(nullptr)};
      case OwnerPath::kParent:
        return {"", absl::StrCat("m.parent = ", Bind(owner)), Match(nullptr)};
      case OwnerPath::kNone:
      case OwnerPath::kTable:
        break;
    }
    std::string condition = absl::StrCat("d.owner = ", Bind(owner));
    // A row with two owners of the caller's comes by the first alone.
    // The plus keeps SQLite from walking all rows of the other owner.
    const absl::string_view unindexed = engine_ == sql::Engine::kSqlite ? "+" : "";
    for (const std::string& other : caller_.organizations) {
      if (other >= owner) continue;
      absl::StrAppend(&condition, " AND NOT EXISTS (SELECT 1 FROM ", layout_.OwnersTable(),
                      " o WHERE o.name = d.name AND ", unindexed, "o.owner = ", Bind(other), ")");
    }
    return {layout_.OwnersTable(), std::move(condition), Match(nullptr)};
  }

  // The index that narrows most: the parent's, that of an equality in the
  // filter, or that of the order alone.
  std::vector<Way> MainWays() {
    if (query_.parent.empty()) return {MainWay()};
    std::vector<Way> ways;
    for (const std::string& parent : Parents()) {
      ways.push_back({"", absl::StrCat("m.parent = ", Bind(parent)), Match(nullptr)});
    }
    return ways;
  }

  std::vector<std::string> Parents() const {
    std::vector<std::string> parents = query_.other_parents;
    parents.insert(parents.begin(), query_.parent);
    return parents;
  }

  Way MainWay() {
    // Indexes of equalities are kept for the default order only.
    if (!IsDefaultOrder()) return {"", "", Match(nullptr)};
    for (const FilterEquality& equality : query_.filter->equalities()) {
      if (equality.column->repeated) {
        return {layout_.SideTable(*equality.column),
                absl::StrCat("d.value = ", Bind(equality.value)), Match(&equality)};
      }
      if (equality.column->indexed) {
        return {"", absl::StrCat("m.", equality.column->column, " = ", Bind(equality.value)),
                Match(&equality)};
      }
    }
    return {"", "", Match(nullptr)};
  }

  bool IsDefaultOrder() const {
    const std::vector<SortColumn>& sort = layout_.default_sort();
    return query_.order.column == (sort.empty() ? nullptr : sort.front().info);
  }

  // The filter without what the way fulfils already.
  std::string Match(const FilterEquality* known) {
    std::string match = query_.filter->ToSql(engine_, "m", statement_.values, known);
    return match == "TRUE" ? "" : match;
  }

  void AddArm(const Way& way, Audience audience, int deleted) {
    const std::string walked = way.side_table.empty() ? "m" : "d";
    std::string sort;
    if (!sort_column_.empty()) sort = absl::StrCat(walked, ".", sort_column_);
    std::vector<std::string> columns = {absl::StrCat(walked, ".name"),
                                        absl::StrCat(sort.empty() ? "0" : sort, " AS sort_key")};
    std::string hit = way.match;
    if (!query_.parent.empty() && !absl::StartsWith(way.condition, "m.parent")) {
      std::vector<std::string> places;
      for (const std::string& parent : Parents()) places.push_back(Bind(parent));
      const std::string same_parent =
          absl::StrCat("m.parent IN (", absl::StrJoin(places, ", "), ")");
      hit = hit.empty() ? same_parent : absl::StrCat("(", hit, ") AND ", same_parent);
    }
    if (!hit.empty()) filtered_ = true;
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
      for (const Value& value : after_->key) bound_after_.push_back(Bind(value));
    }
    if (sort.empty()) return absl::StrCat(walked, ".name", comparison, bound_after_.back());
    return absl::StrCat("(", sort, ", ", walked, ".name)", comparison, "(", bound_after_[0], ", ",
                        bound_after_[1], ")");
  }

  const Layout& layout_;
  const ListQuery& query_;
  const call::Caller& caller_;
  const sql::Engine engine_;
  const resource::PageToken* const after_;
  const bool count_only_;
  std::string sort_column_;  // "" for the order by name
  ListStatement statement_;
  bool filtered_ = false;  // whether rows come that do not match
  std::vector<std::string> bound_after_;
  std::vector<std::string> arms_;
};

}  // namespace

ListStatement StatementForPage(const Layout& layout, const ListQuery& query,
                               const call::Caller& caller, sql::Engine engine,
                               const resource::PageToken* after, ListLimits limits) {
  return Builder(layout, query, caller, engine, after, /*count_only=*/false).Build(limits);
}

ListStatement StatementForTotal(const Layout& layout, const ListQuery& query,
                                const call::Caller& caller, sql::Engine engine, int limit) {
  ListStatement statement =
      Builder(layout, query, caller, engine, nullptr, /*count_only=*/true).Build({limit, limit});
  if (statement.text.empty()) return statement;
  statement.text = absl::StrCat("SELECT COUNT(*), CAST(COALESCE(SUM(w.hit), 0) AS BIGINT) FROM (",
                                statement.text, ") w");
  return statement;
}

}  // namespace mostove::store
