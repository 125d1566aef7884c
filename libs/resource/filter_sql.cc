#include "libs/resource/filter_sql.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/resource/filter_values.h"

namespace mostove::resource::filter {
namespace {

using Kind = Condition::Kind;

class Writer {
 public:
  Writer(const Condition* left_out, sql::Engine engine, absl::string_view table,
         absl::string_view alias, std::vector<sql::Value>& values)
      : left_out_(left_out), engine_(engine), table_(table), alias_(alias), values_(values) {}

  std::string Write(const Condition& condition) {
    if (&condition == left_out_) return kTrue;
    switch (condition.kind) {
      case Kind::kAnd:
        return Join(condition, " AND ");
      case Kind::kOr:
        return Join(condition, " OR ");
      case Kind::kNot:
        return Not(condition.children.front());
      default:
        return condition.column->repeated ? Exists(condition) : Single(condition);
    }
  }

 private:
  std::string Join(const Condition& condition, absl::string_view word) {
    std::vector<std::string> parts;
    for (const Condition& child : condition.children) {
      // Only a conjunction has one that is left out.
      std::string part = Write(child);
      if (part != kTrue) parts.push_back(std::move(part));
    }
    if (parts.empty()) return kTrue;
    return absl::StrCat("(", absl::StrJoin(parts, word), ")");
  }

  // A NULL below does not match, so its negation does. AND and OR treat NULL
  // like FALSE as far as the outcome TRUE goes, so this is the one place where
  // the difference shows.
  std::string Not(const Condition& child) {
    const bool exists = child.column != nullptr && child.column->repeated;
    if (exists) return absl::StrCat("NOT ", Exists(child));
    return absl::StrCat("(", Write(child), ") IS NOT TRUE");
  }

  std::string Exists(const Condition& condition) {
    // Different from the outer alias whatever that is.
    const std::string inner = absl::StrCat(alias_, "_v");
    std::string sql = absl::StrCat("EXISTS (SELECT 1 FROM ", table_, "_", condition.column->column,
                                   " ", inner, " WHERE ", inner, ".name = ", alias_, ".name");
    if (condition.kind != Kind::kPresent) {
      // The plus keeps SQLite from walking all rows of the value instead of those
      // few of the name.
      const absl::string_view unindexed = engine_ == sql::Engine::kSqlite ? "+" : "";
      absl::StrAppend(&sql, " AND ", Test(condition, absl::StrCat(unindexed, inner, ".value")));
    }
    sql += ")";
    return sql;
  }

  std::string Single(const Condition& condition) {
    const std::string column = absl::StrCat(alias_, ".", condition.column->column);
    if (!condition.negated) return Test(condition, column);
    if (condition.kind == Kind::kEqual) {
      return absl::StrCat(column, " <> ", Bind(condition.value));
    }
    if (condition.kind == Kind::kPresent) return "FALSE";  // != "*"
    return absl::StrCat("NOT (", Test(condition, column), ")");
  }

  std::string Test(const Condition& condition, absl::string_view column) {
    const auto compare = [&](absl::string_view comparator, const sql::Value& value) {
      return absl::StrCat(column, " ", comparator, " ", Bind(value));
    };
    switch (condition.kind) {
      case Kind::kPresent:
        return absl::StrCat(column, " IS NOT NULL");
      case Kind::kLess:
        return compare("<", condition.value);
      case Kind::kLessOrEqual:
        return compare("<=", condition.value);
      case Kind::kGreater:
        return compare(">", condition.value);
      case Kind::kGreaterOrEqual:
        return compare(">=", condition.value);
      case Kind::kBetween: {
        const std::string low = compare(">=", condition.value);
        return absl::StrCat("(", low, " AND ", compare("<=", condition.upper), ")");
      }
      case Kind::kPrefix:
        return Prefix(condition, column);
      case Kind::kSuffix:
        return Suffix(condition, column);
      case Kind::kContains:
        return absl::StrCat(engine_ == sql::Engine::kSqlite ? "instr(" : "strpos(", column, ", ",
                            Bind(condition.value), ") > 0");
      default:
        return compare("=", condition.value);
    }
  }

  // As a range, so that an index on the column serves it.
  std::string Prefix(const Condition& condition, absl::string_view column) {
    const std::string successor = PrefixSuccessor(std::get<std::string>(condition.value));
    std::string from = absl::StrCat(column, " >= ", Bind(condition.value));
    if (successor.empty()) return from;
    return absl::StrCat("(", from, " AND ", column, " < ", Bind(successor), ")");
  }

  std::string Suffix(const Condition& condition, absl::string_view column) {
    const std::string value = Bind(condition.value);
    if (engine_ == sql::Engine::kSqlite) {
      return absl::StrCat("substr(", column, ", -length(", value, ")) = ", value);
    }
    return absl::StrCat("right(", column, ", length(", value, ")) = ", value);
  }

  std::string Bind(sql::Value value) {
    values_.push_back(std::move(value));
    return absl::StrCat("?", values_.size());
  }

  static constexpr char kTrue[] = "TRUE";

  const Condition* const left_out_;
  const sql::Engine engine_;
  const absl::string_view table_;
  const absl::string_view alias_;
  std::vector<sql::Value>& values_;
};

}  // namespace

std::string ToSql(const Condition& condition, const Condition* left_out, sql::Engine engine,
                  absl::string_view table, absl::string_view alias,
                  std::vector<sql::Value>& values) {
  return Writer(left_out, engine, table, alias, values).Write(condition);
}

}  // namespace mostove::resource::filter
