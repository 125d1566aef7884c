// Random filters over random messages: what the databases answer has to be what
// a plain reading of the filter over the messages answers. The reading below
// shares no code with the compiler: it evaluates the filter before it is text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <functional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "libs/resource/columns.h"
#include "libs/resource/filter.h"
#include "libs/status/macros.h"
#include "libs/testing/databases.h"
#include "mostove/testing/v1/shelf.pb.h"

namespace mostove::resource {
namespace {

using mostove::testing::v1::Shelf;

// Dates as text, "2026-03-00".
using Scalar = std::variant<int64_t, double, std::string>;

struct Literal {
  std::string text;                          // as in the filter
  std::function<int(const Scalar&)> order;   // of a stored value to this one: <0, 0, >0
  std::function<bool(const Scalar&)> match;  // =
  std::function<bool(const Scalar&)> has;    // :
  bool ordered = true;
};

struct Field {
  std::string path;
  std::function<std::vector<Scalar>(const Shelf&)> read;  // empty: not set
  std::vector<Literal> literals;
  bool repeated = false;
  bool presence = false;
};

Literal Point(const std::string& text, std::function<int(const Scalar&)> order,
              bool ordered = true) {
  const auto equal = [order](const Scalar& stored) { return order(stored) == 0; };
  return {text, order, equal, equal, ordered};
}

template <typename T>
Literal Number(const std::string& text, T number, bool ordered = true) {
  return Point(
      text,
      [number](const Scalar& stored) {
        const T value = std::get<T>(stored);
        return value < number ? -1 : value > number ? 1 : 0;
      },
      ordered);
}

// Compares as much of the date as the literal has.
Literal Date(const std::string& text) {
  return Point(text, [text](const Scalar& stored) {
    return std::get<std::string>(stored).substr(0, text.size()).compare(text);
  });
}

std::string QuotedText(const std::string& text) {
  return absl::StrCat(
      "\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}, {"*", "\\*"}}), "\"");
}

// Texts that are alike, or trouble somewhere: in SQL, in LIKE and GLOB, at the
// ends of ranges of code points.
const std::vector<std::string>& Texts() {
  static const auto& texts = *new std::vector<std::string>{
      "",
      "a",
      "ab",
      "b",
      "ba",
      "aé",
      "é",
      "А",
      "a%",
      "a_",
      "a*",
      "[a]",
      "\\",
      "'",
      "\"",
      "'; --",
      "\ud7ff",
      "\ue000",
      "a\n",
      "\U0010ffff",
      "a\U0010ffff",
      "a\U0010ffffb",
      "\uffff",
      "A",
      "OR",
      "*",
      " a ",
      "?1",
      "$1",
      "România",
  };
  return texts;
}

std::vector<Literal> TextLiterals(bool repeated) {
  std::vector<Literal> literals;
  const auto add = [&](const std::string& inside, const std::string& text, bool before,
                       bool after) {
    Literal literal;
    literal.text = absl::StrCat("\"", before ? "*" : "", inside, after ? "*" : "", "\"");
    literal.ordered = !before && !after;
    literal.order = [text](const Scalar& stored) {
      return std::get<std::string>(stored).compare(text);
    };
    literal.match = [=](const Scalar& scalar) {
      const std::string& stored = std::get<std::string>(scalar);
      if (before && after) return absl::StrContains(stored, text);
      if (before) return absl::EndsWith(stored, text);
      return after ? absl::StartsWith(stored, text) : stored == text;
    };
    literal.has = repeated || before || after ? literal.match : [text](const Scalar& stored) {
      return absl::StrContains(std::get<std::string>(stored), text);
    };
    literals.push_back(std::move(literal));
  };
  for (const std::string& text : Texts()) {
    const std::string quoted = QuotedText(text);
    for (const bool before : {false, true}) {
      for (const bool after : {false, true}) {
        // A lone asterisk after : asks for something else.
        if (text.empty() && (before || after)) continue;
        add(quoted.substr(1, quoted.size() - 2), text, before, after);
      }
    }
  }
  add("e\u0301", "é", false, false);  // decomposed
  return literals;
}

template <typename Values>
std::vector<Scalar> All(const Values& values) {
  std::vector<Scalar> scalars;
  for (const auto& value : values) {
    if constexpr (std::is_convertible_v<decltype(value), std::string>) {
      scalars.emplace_back(std::string(value));
    } else {
      scalars.emplace_back(int64_t{value});
    }
  }
  return scalars;
}

std::vector<Scalar> If(bool set, Scalar value) {
  return set ? std::vector<Scalar>{std::move(value)} : std::vector<Scalar>();
}

std::string DateText(const google::type::Date& date) {
  return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

std::vector<Field> MakeFields() {
  const std::vector<Literal> texts = TextLiterals(false);
  const std::vector<Literal> listed = TextLiterals(true);
  std::vector<Literal> integers, doubles, times, durations, dates, enums, bools;
  for (const int number : {-2, -1, 0, 1, 2, 7}) {
    integers.push_back(Number(absl::StrCat(number), int64_t{number}));
  }
  for (const auto& [text, number] :
       {std::pair("0.5", 0.5), {"-1.25", -1.25}, {"5e-1", 0.5}, {"0", 0.0}, {"2", 2.0}}) {
    doubles.push_back(Number(text, number));
  }
  for (const auto& [text, micros] : {std::pair("1970-01-01T00:00:01Z", int64_t{1000000}),
                                     {"'1970-01-01T02:00:01+02:00'", 1000000},
                                     {"1970-01-01t00:00:00.000001z", 1},
                                     {"1969-12-31T23:59:59-00:00", -1000000},
                                     {"2026-01-31T10:00:00.5+02:00", 1769846400500000}}) {
    times.push_back(Number(text, int64_t{micros}));
  }
  for (const auto& [text, micros] :
       {std::pair("1s", int64_t{1000000}), {"1.5s", 1500000}, {"-1s", -1000000}, {"0s", 0}}) {
    durations.push_back(Number(text, int64_t{micros}));
  }
  for (const char* text :
       {"2025", "2026", "2026-03", "2026-03-01", "2026-03-31", "2026-04", "0001"}) {
    dates.push_back(Date(text));
  }
  for (const auto& [text, number] :
       {std::pair("MATERIAL_UNSPECIFIED", 0), {"WOOD", 1}, {"GLASS", 3}}) {
    enums.push_back(Number(text, int64_t{number}, false));
  }
  bools = {Number("true", int64_t{1}, false), Number("false", int64_t{0}, false)};
  return {
      {"title", [](const Shelf& s) { return If(true, s.title()); }, texts},
      {"keeperTitle", [](const Shelf& s) { return If(s.has_keeper_title(), s.keeper_title()); },
       texts, false, true},
      {"location.room", [](const Shelf& s) { return If(s.has_location(), s.location().room()); },
       texts},
      {"location.spot.row",
       [](const Shelf& s) {
         return If(s.location().has_spot(), int64_t{s.location().spot().row()});
       },
       integers},
      {"capacity", [](const Shelf& s) { return If(true, int64_t{s.capacity()}); }, integers},
      {"floor", [](const Shelf& s) { return If(s.has_floor(), int64_t{s.floor()}); }, integers,
       false, true},
      {"heightMeters", [](const Shelf& s) { return If(true, s.height_meters()); }, doubles},
      {"survey.score", [](const Shelf& s) { return If(s.has_survey(), s.survey().score()); },
       doubles},
      {"accessible", [](const Shelf& s) { return If(true, int64_t{s.accessible()}); }, bools},
      {"material", [](const Shelf& s) { return If(true, int64_t{s.material()}); }, enums},
      {"opening_time",
       [](const Shelf& s) {
         return If(s.has_opening_time(),
                   s.opening_time().seconds() * int64_t{1000000} + s.opening_time().nanos() / 1000);
       },
       times, false, true},
      {"loanDuration",
       [](const Shelf& s) {
         return If(s.has_loan_duration(), s.loan_duration().seconds() * int64_t{1000000} +
                                              s.loan_duration().nanos() / 1000);
       },
       durations, false, true},
      {"builtDate", [](const Shelf& s) { return If(s.has_built_date(), DateText(s.built_date())); },
       dates, false, true},
      {"tags", [](const Shelf& s) { return All(s.tags()); }, listed, true},
      {"trims", [](const Shelf& s) { return All(s.trims()); }, enums, true},
      {"years", [](const Shelf& s) { return All(s.years()); }, integers, true},
      {"identifiers.value",
       [](const Shelf& s) {
         std::vector<Scalar> values;
         for (const auto& identifier : s.identifiers()) values.emplace_back(identifier.value());
         return values;
       },
       listed, true},
  };
}

const std::vector<Field>& Fields() {
  static const auto& fields = *new std::vector<Field>(MakeFields());
  return fields;
}

// A filter before it is text.
struct Node {
  std::string kind;  // "AND", "OR", "NOT", or the comparator of a leaf
  std::vector<Node> children;
  const Field* field = nullptr;
  const Literal* literal = nullptr;  // null: field:*
  bool terse = false;                // - for NOT, juxtaposition for AND
};

bool IsDefault(const Scalar& value) {
  return value == Scalar(int64_t{0}) || value == Scalar(0.0) || value == Scalar(std::string());
}

bool Matches(const Node& node, const Shelf& shelf);

bool LeafMatches(const Node& leaf, const Scalar& stored) {
  if (leaf.literal == nullptr) {
    return leaf.field->repeated || leaf.field->presence || !IsDefault(stored);
  }
  if (leaf.kind == "=") return leaf.literal->match(stored);
  if (leaf.kind == "!=") return !leaf.literal->match(stored);
  if (leaf.kind == ":") return leaf.literal->has(stored);
  const int order = leaf.literal->order(stored);
  if (leaf.kind == "<") return order < 0;
  if (leaf.kind == "<=") return order <= 0;
  if (leaf.kind == ">") return order > 0;
  return order >= 0;
}

bool Matches(const Node& node, const Shelf& shelf) {
  const auto matches = [&](const Node& child) { return Matches(child, shelf); };
  if (node.kind == "AND") return std::all_of(node.children.begin(), node.children.end(), matches);
  if (node.kind == "OR") return std::any_of(node.children.begin(), node.children.end(), matches);
  if (node.kind == "NOT") return !matches(node.children.front());
  const std::vector<Scalar> stored = node.field->read(shelf);
  return std::any_of(stored.begin(), stored.end(),
                     [&](const Scalar& value) { return LeafMatches(node, value); });
}

std::string Write(const Node& node) {
  const auto child = [&](const Node& inner) {
    const bool parentheses = inner.kind == "AND" || (inner.kind == "OR" && node.kind != "AND") ||
                             (inner.kind == "NOT" && node.kind == "NOT");
    return parentheses ? absl::StrCat("(", Write(inner), ")") : Write(inner);
  };
  if (node.kind == "NOT") return absl::StrCat(node.terse ? "-" : "NOT ", child(node.children[0]));
  if (node.kind == "AND" || node.kind == "OR") {
    const bool juxtaposed = node.kind == "AND" && node.terse;
    return absl::StrJoin(node.children, juxtaposed ? " " : absl::StrCat(" ", node.kind, " "),
                         [&](std::string* out, const Node& inner) { out->append(child(inner)); });
  }
  const std::string space = node.terse ? "" : " ";
  return absl::StrCat(node.field->path, space, node.kind, space,
                      node.literal == nullptr ? "*" : node.literal->text);
}

int Upto(int count) { return *rc::gen::inRange(0, count); }
template <typename T>
const T& OneOf(const std::vector<T>& values) {
  return values[Upto(static_cast<int>(values.size()))];
}

Node RandomLeaf() {
  Node leaf;
  leaf.field = &OneOf(Fields());
  leaf.terse = Upto(2) == 0;
  leaf.kind = ":";
  if (Upto(8) == 0) return leaf;
  leaf.literal = &OneOf(leaf.field->literals);
  if (leaf.field->repeated) return leaf;
  leaf.kind =
      OneOf(leaf.literal->ordered ? std::vector<std::string>{"=", "!=", ":", "<", "<=", ">", ">="}
                                  : std::vector<std::string>{"=", "!=", ":"});
  return leaf;
}

Node RandomNode(int depth) {
  const int choice = depth == 0 ? 0 : Upto(6);
  if (choice < 3) return RandomLeaf();
  Node node;
  node.kind = choice == 3 ? "NOT" : choice == 4 ? "AND" : "OR";
  node.terse = Upto(2) == 0;
  const int count = node.kind == "NOT" ? 1 : 2 + Upto(2);
  for (int i = 0; i < count; ++i) node.children.push_back(RandomNode(depth - 1));
  return node;
}

Shelf RandomShelf(int number) {
  Shelf shelf;
  shelf.set_name(absl::StrCat("organizations/a/shelves/s", number));
  shelf.set_title(OneOf(Texts()));
  if (Upto(2)) shelf.set_keeper_title(OneOf(Texts()));
  if (Upto(2)) shelf.mutable_location()->set_room(OneOf(Texts()));
  if (Upto(3) == 0) shelf.mutable_location()->mutable_spot()->set_row(Upto(4) - 2);
  shelf.set_capacity(Upto(4));
  if (Upto(2)) shelf.set_floor(Upto(5) - 2);
  shelf.set_height_meters(Upto(5) * 0.5);
  if (Upto(2)) shelf.mutable_survey()->set_score(Upto(3) * 0.5);
  shelf.set_accessible(Upto(2));
  shelf.set_material(static_cast<Shelf::Material>(Upto(4)));
  if (Upto(2)) {
    shelf.mutable_opening_time()->set_seconds(OneOf<int64_t>({-1, 0, 1, 1769846400}));
    shelf.mutable_opening_time()->set_nanos(OneOf<int32_t>({0, 1999, 500000000}));
  }
  if (Upto(2)) shelf.mutable_loan_duration()->set_seconds(Upto(3) - 1);
  if (Upto(2)) {
    auto& date = *shelf.mutable_built_date();
    date.set_year(2025 + Upto(2));
    if (Upto(3)) date.set_month(OneOf<int>({1, 3, 4, 12}));
    if (date.month() != 0 && Upto(3)) date.set_day(OneOf<int>({1, 15, 31}));
  }
  for (int i = Upto(3); i > 0; --i) shelf.add_tags(OneOf(Texts()));
  for (int i = Upto(3); i > 0; --i) shelf.add_trims(static_cast<Shelf::Material>(Upto(4)));
  for (int i = Upto(3); i > 0; --i) shelf.add_years(Upto(4) - 1);
  for (int i = Upto(3); i > 0; --i) shelf.add_identifiers()->set_value(OneOf(Texts()));
  return shelf;
}

class FilterOracleTest : public mostove::testing::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (HasFatalFailure() || IsSkipped()) return;
    absl::StatusOr<std::unique_ptr<const Type>> type = Type::Build(Shelf::descriptor());
    ASSERT_TRUE(type.ok()) << type.status();
    type_ = *std::move(type);
    const absl::Status made = Change([&](sql::Connection& connection) {
      std::string script = "CREATE TABLE shelves (name TEXT PRIMARY KEY";
      std::string tables;
      for (const ColumnInfo& column : type_->columns()) {
        const std::string sql_type = column.kind == ColumnKind::kText     ? "TEXT"
                                     : column.kind == ColumnKind::kDouble ? "DOUBLE PRECISION"
                                                                          : "BIGINT";
        if (column.repeated) {
          absl::StrAppend(&tables, "CREATE TABLE shelves_", column.column, " (value ", sql_type,
                          " NOT NULL, name TEXT NOT NULL, PRIMARY KEY (value, name));");
        } else {
          absl::StrAppend(&script, ", ", column.column, " ", sql_type);
        }
      }
      return connection.Script(absl::StrCat(script, ");", tables));
    });
    ASSERT_TRUE(made.ok()) << made;
  }

  absl::Status Change(const std::function<absl::Status(sql::Connection&)>& change) {
    return database().Write(absl::Now() + absl::Seconds(30), [&](sql::Transaction& transaction) {
      return change(transaction.connection());
    });
  }

  absl::Status Insert(sql::Connection& connection, const Shelf& shelf) {
    std::string columns = "name", places = "?1";
    std::vector<sql::Value> values = {shelf.name()};
    for (const ColumnInfo& column : type_->columns()) {
      if (column.repeated) {
        for (const sql::Value& value : RepeatedColumnValues(column, shelf)) {
          RETURN_IF_ERROR(connection
                              .Execute(absl::StrCat("INSERT INTO shelves_", column.column,
                                                    " (value, name) VALUES (?1, ?2)"),
                                       {value, shelf.name()})
                              .status());
        }
        continue;
      }
      values.push_back(ColumnValue(column, shelf));
      absl::StrAppend(&columns, ", ", column.column);
      absl::StrAppend(&places, ", ?", values.size());
    }
    return connection
        .Execute(absl::StrCat("INSERT INTO shelves (", columns, ") VALUES (", places, ")"), values)
        .status();
  }

  absl::Status Replace(const std::vector<Shelf>& shelves) {
    return Change([&](sql::Connection& connection) -> absl::Status {
      RETURN_IF_ERROR(connection.Execute("DELETE FROM shelves", {}).status());
      for (const ColumnInfo& column : type_->columns()) {
        if (!column.repeated) continue;
        RETURN_IF_ERROR(
            connection.Execute(absl::StrCat("DELETE FROM shelves_", column.column), {}).status());
      }
      for (const Shelf& shelf : shelves) RETURN_IF_ERROR(Insert(connection, shelf));
      return absl::OkStatus();
    });
  }

  absl::StatusOr<std::set<std::string>> Select(const Filter& filter) {
    ASSIGN_OR_RETURN(const sql::Database::Reader reader,
                     database().Read(absl::Now() + absl::Seconds(30)));
    std::vector<sql::Value> values = {std::string("organizations/")};
    const std::string condition = filter.ToSql(engine(), "s", values);
    std::set<std::string> names;
    RETURN_IF_ERROR(reader->Query(
        absl::StrCat("SELECT s.name FROM shelves s WHERE s.name >= ?1 AND ", condition), values,
        [&](const sql::Row& row) {
          names.emplace(row.Text(0));
          return true;
        }));
    return names;
  }

  std::unique_ptr<const Type> type_;
};

TEST_P(FilterOracleTest, DatabasesAnswerWhatTheMessagesSay) {
  EXPECT_TRUE(rc::check([&] {
    std::vector<Shelf> shelves;
    for (int i = 0; i < 12; ++i) shelves.push_back(RandomShelf(i));
    const absl::Status replaced = Replace(shelves);
    if (!replaced.ok()) RC_FAIL(std::string(replaced.message()));
    for (int i = 0; i < 10; ++i) {
      const Node node = RandomNode(3);
      const std::string text = Write(node);
      const auto filter = ParseFilter(*type_, text, "filter");
      if (!filter.ok()) RC_FAIL(text + ": " + std::string(filter.status().message()));
      std::set<std::string> expected;
      for (const Shelf& shelf : shelves) {
        if (Matches(node, shelf)) expected.insert(shelf.name());
      }
      const auto names = Select(**filter);
      if (!names.ok()) RC_FAIL(text + ": " + std::string(names.status().message()));
      if (*names != expected) {
        RC_FAIL(absl::StrCat(text, " answers ", absl::StrJoin(*names, " "), " and not ",
                             absl::StrJoin(expected, " ")));
      }
    }
  }));
}

// Every leaf by itself, so that none depends on chance.
TEST_P(FilterOracleTest, EveryComparisonOfEveryFieldIsRight) {
  std::vector<Shelf> shelves;
  EXPECT_TRUE(rc::check([&] {
    if (shelves.size() < 60) shelves.push_back(RandomShelf(static_cast<int>(shelves.size())));
  }));
  const absl::Status replaced = Replace(shelves);
  ASSERT_TRUE(replaced.ok()) << replaced;
  for (const Field& field : Fields()) {
    std::vector<Node> leaves;
    leaves.push_back({.kind = ":", .field = &field});
    for (const Literal& literal : field.literals) {
      for (const char* comparator : {":", "=", "!=", "<", "<=", ">", ">="}) {
        const bool equality = strlen(comparator) == 1 && strchr(":=", *comparator) != nullptr;
        if (field.repeated && *comparator != ':') continue;
        if (!literal.ordered && !equality && *comparator != '!') continue;
        leaves.push_back({.kind = comparator, .field = &field, .literal = &literal});
      }
    }
    for (const Node& leaf : leaves) {
      const std::string text = Write(leaf);
      const auto filter = ParseFilter(*type_, text, "filter");
      ASSERT_TRUE(filter.ok()) << text << ": " << filter.status();
      std::set<std::string> expected;
      for (const Shelf& shelf : shelves) {
        if (Matches(leaf, shelf)) expected.insert(shelf.name());
      }
      const auto names = Select(**filter);
      ASSERT_TRUE(names.ok()) << text << ": " << names.status();
      EXPECT_EQ(*names, expected) << text;
    }
  }
}

INSTANTIATE_ON_BOTH_ENGINES(FilterOracleTest);

}  // namespace
}  // namespace mostove::resource
