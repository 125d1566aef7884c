#include "libs/resource/filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/testing/matchers.h"
#include "mostove/testing/v1/shelf.pb.h"

namespace mostove::resource {
namespace {

using mostove::testing::HasMessage;
using mostove::testing::HasViolation;
using mostove::testing::IsOk;
using mostove::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const Type& ShelfType() {
  static const Type& type =
      *Type::Build(mostove::testing::v1::Shelf::descriptor()).value().release();
  return type;
}

absl::StatusOr<std::unique_ptr<const Filter>> Parse(absl::string_view text) {
  return ParseFilter(ShelfType(), text, "filter");
}

std::string Show(const sql::Value& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) return absl::StrCat(*number);
  if (const auto* number = std::get_if<double>(&value)) return absl::StrCat(*number, "d");
  if (const auto* text = std::get_if<std::string>(&value)) return absl::StrCat("'", *text, "'");
  return "?";
}

// SQL with the alias t, then the values.
std::string Sql(absl::string_view text, sql::Engine engine = sql::Engine::kSqlite) {
  const auto filter = Parse(text);
  if (!filter.ok()) return std::string(filter.status().message());
  std::vector<sql::Value> values;
  std::string shown = (*filter)->ToSql(engine, "t", values);
  for (const sql::Value& value : values) absl::StrAppend(&shown, " ", Show(value));
  return shown;
}

struct Case {
  std::string text;
  std::string expected;
};

TEST(Filter, CompilesToSqlWithBoundValues) {
  const Case kCases[] = {
      {"title = \"x\"", "t.title = ?1 'x'"},
      {"title = Poetry.Corner", "t.title = ?1 'Poetry.Corner'"},
      {"'title' = x", "t.title = ?1 'x'"},
      {"title != x", "t.title <> ?1 'x'"},
      {"location.spot.row >= -5", "t.location_spot_row >= ?1 -5"},
      {"heightMeters < 1.5e1", "t.height_meters < ?1 15d"},
      {"accessible = true", "t.accessible = ?1 1"},
      {"state:LISTED", "t.state = ?1 2"},
      {"opening_time > 2026-01-31T10:00:00.5+02:00", "t.opening_time > ?1 1769846400500000"},
      {"openingTime > '1969-12-31T23:59:59Z'", "t.opening_time > ?1 -1000000"},
      {"loan_duration = 1.5s", "t.loan_duration = ?1 1500000"},
      {"loan_duration = -20s", "t.loan_duration = ?1 -20000000"},
      {"built_date = 2026-01-31", "t.built_date = ?1 20260131"},
      {"built_date = 2026-02", "(t.built_date >= ?1 AND t.built_date <= ?2) 20260200 20260231"},
      {"built_date = 2026", "(t.built_date >= ?1 AND t.built_date <= ?2) 20260000 20261231"},
      {"built_date != 2026", "NOT ((t.built_date >= ?1 AND t.built_date <= ?2)) 20260000 20261231"},
      {"built_date < 2026-03", "t.built_date < ?1 20260300"},
      {"built_date <= 2026", "t.built_date <= ?1 20261231"},
      {"built_date > 2026", "t.built_date > ?1 20261231"},
      {"built_date >= 2026-03", "t.built_date >= ?1 20260300"},
      // Texts: wildcards, presence, normalization.
      {"title = \"a*\"", "(t.title >= ?1 AND t.title < ?2) 'a' 'b'"},
      {"title != a*", "NOT ((t.title >= ?1 AND t.title < ?2)) 'a' 'b'"},
      {"title = \"\U0010ffff*\"", "t.title >= ?1 '\U0010ffff'"},
      {"title = \"a\ud7ff*\"", "(t.title >= ?1 AND t.title < ?2) 'a\ud7ff' 'a\ue000'"},
      {"title = \"a\U0010ffff*\"", "(t.title >= ?1 AND t.title < ?2) 'a\U0010ffff' 'b'"},
      {"title = *a", "substr(t.title, -length(?1)) = ?1 'a'"},
      {"title = *a*", "instr(t.title, ?1) > 0 'a'"},
      {"title:a", "instr(t.title, ?1) > 0 'a'"},
      {"title:a*", "(t.title >= ?1 AND t.title < ?2) 'a' 'b'"},
      {"title = *", "t.title IS NOT NULL"},
      {"title != *", "FALSE"},
      {R"(title = "\*a\*")", "t.title = ?1 '*a*'"},
      {"title = -x*", "(t.title >= ?1 AND t.title < ?2) '-x' '-y'"},
      {"title = -*", "(t.title >= ?1 AND t.title < ?2) '-' '.'"},
      {"title = \"e\u0301\"", "t.title = ?1 'é'"},
      {"title = \"e\u0301*\"", "(t.title >= ?1 AND t.title < ?2) 'é' 'ê'"},
      {"title:*", "t.title <> ?1 ''"},
      {"capacity:*", "t.capacity <> ?1 0"},
      {"floor:*", "t.floor IS NOT NULL"},
      {"opening_time:*", "t.opening_time IS NOT NULL"},
      // Repeated fields.
      {"tags:x",
       "EXISTS (SELECT 1 FROM shelves_tags t_v WHERE t_v.name = t.name AND "
       "+t_v.value = ?1) 'x'"},
      {"NOT trims:WOOD",
       "NOT EXISTS (SELECT 1 FROM shelves_trims t_v WHERE t_v.name = t.name AND "
       "+t_v.value = ?1) 1"},
      {"identifiers.value:\"1*\"",
       "EXISTS (SELECT 1 FROM shelves_identifiers_value t_v WHERE t_v.name = t.name AND "
       "(+t_v.value >= ?1 AND +t_v.value < ?2)) '1' '2'"},
      {"years:*", "EXISTS (SELECT 1 FROM shelves_years t_v WHERE t_v.name = t.name)"},
      // Junctions.
      {"", "TRUE"},
      {" \n", "TRUE"},
      {"title = a code = b OR floor = 1",
       "(t.title = ?1 AND (t.code = ?2 OR t.floor = ?3)) 'a' 'b' 1"},
      {"-(title = a AND floor > 1)", "((t.title = ?1 AND t.floor > ?2)) IS NOT TRUE 'a' 1"},
  };
  for (const Case& c : kCases) EXPECT_EQ(Sql(c.text), c.expected) << c.text;
}

TEST(Filter, SpeaksTheDialectOfTheEngine) {
  EXPECT_EQ(Sql("title:a", sql::Engine::kPostgres), "strpos(t.title, ?1) > 0 'a'");
  EXPECT_EQ(Sql("title = *a", sql::Engine::kPostgres), "right(t.title, length(?1)) = ?1 'a'");
}

TEST(Filter, LeavesOutTheEqualityThatIsKnown) {
  const auto left_of = [](absl::string_view text, size_t known) {
    const auto filter = Parse(text);
    std::vector<sql::Value> values;
    return (*filter)->ToSql(sql::Engine::kPostgres, "t", values, &(*filter)->equalities()[known]);
  };
  EXPECT_EQ(left_of("tags:x", 0), "TRUE");
  EXPECT_EQ(left_of("tags:x AND floor = 1", 0), "(t.floor = ?1)");
  EXPECT_EQ(left_of("floor = 1 AND tags:x AND tags:y", 1),
            "(t.floor = ?1 AND EXISTS (SELECT 1 FROM shelves_tags t_v WHERE t_v.name = t.name AND "
            "t_v.value = ?2))")
      << "the order of the filter's parts";
}

TEST(Filter, NumbersValuesAfterThoseThatAreThere) {
  std::vector<sql::Value> values = {int64_t{7}, int64_t{8}};
  EXPECT_EQ((*Parse("title = a"))->ToSql(sql::Engine::kSqlite, "x", values), "x.title = ?3");
  EXPECT_EQ(values.size(), 3u);
}

TEST(Filter, TextOfTheFilterNeverReachesTheSql) {
  for (const std::string attack :
       {"'; DROP TABLE shelves; --", "' OR '1'='1", "?1", "$1", "%", "--", "x') OR (1=1", "\\"}) {
    std::string inside;  // escaped for double quotes
    for (const char c : attack) absl::StrAppend(&inside, c == '\\' ? "\\\\" : std::string(1, c));
    for (const char* comparator : {"=", "!=", "<", ">=", ":"}) {
      const auto filter = Parse(absl::StrCat("title ", comparator, " \"", inside, "\""));
      ASSERT_THAT(filter, IsOk()) << attack;
      std::vector<sql::Value> values;
      const std::string statement = (*filter)->ToSql(sql::Engine::kPostgres, "t", values);
      EXPECT_THAT(statement.find_first_of("'\"\\;%$-/"), std::string::npos) << statement;
      EXPECT_THAT(values, ElementsAre(sql::Value(attack)));
    }
    EXPECT_THAT(Parse(absl::StrCat("\"", inside, "\" = 1")), Not(IsOk()));
  }
}

TEST(Filter, RefusalsSayWhereAndWhatWouldBeRight) {
  const Case kCases[] = {
      // Fields.
      {"code = x AND colour = red",
       "at character 14: there is no field \"colour\"; filters may use "},
      {"title = я colour = red", "at character 11: there is no field \"colour\""},
      {"description:x", "at character 1: the field \"description\" cannot be filtered by; filters"},
      {"location = x", "the field \"location\" cannot be filtered by"},
      {"scalars.otherName = x", "the field \"scalars.otherName\" cannot be filtered by"},
      {"location.spot.row.x = 1", "there is no field \"location.spot.row.x\""},
      {"\"location.room\" = x", "there is no field \"location.room\""},
      {"title_sort = x", "there is no field \"title_sort\""},
      {"TITLE = x", "there is no field \"TITLE\""},
      // Bare words, functions, composites.
      {"poetry", "at character 1: the bare word \"poetry\" searches nothing; compare a field"},
      {"-30", "at character 2: the bare word \"30\""},
      {"accessible", "the bare word \"accessible\""},
      {"lower(title) = x", "at character 1: there is no function \"lower\""},
      {"title = lower('x')", "at character 9: there is no function \"lower\""},
      {"math.abs(floor) = 1", "there is no function \"math.abs\""},
      {"title = (a OR b)", "at character 9: one value is expected here"},
      {"title = \"a\".b", "at character 9: the value needs quotes as a whole"},
      // Values.
      {"capacity = many",
       "at character 12: capacity takes a whole number from -2147483648 to 21474"},
      {"capacity = 2147483648", "capacity takes a whole number"},
      {"capacity = 1.5", "capacity takes a whole number"},
      {"capacity = +5", "capacity takes a whole number"},
      {"capacity = ''", "capacity takes a whole number"},
      {"capacity = \" 5\"", "capacity takes a whole number"},
      {"floor = 9223372036854775808", "floor takes a whole number from -9223372036854775808"},
      {"heightMeters = 1e999", "height_meters takes a number such as 0.5"},
      {"heightMeters = nan", "height_meters takes a number such as 0.5"},
      {"heightMeters = 0x10", "height_meters takes a number such as 0.5"},
      {"accessible = TRUE", "accessible takes true or false"},
      {"accessible = 1", "accessible takes true or false"},
      {"material = wood", "material takes one of MATERIAL_UNSPECIFIED, WOOD, METAL, GLASS"},
      {"material = 1", "material takes one of"},
      {"opening_time > 2026-01-31", "opening_time takes a time such as 2026-01-31T10:00:00Z"},
      {"opening_time > 2026-01-31T10:00:00", "opening_time takes a time"},
      {"opening_time > 2026-02-30T10:00:00Z", "opening_time takes a time"},
      {"opening_time > 2026-01-31T25:00:00Z", "opening_time takes a time"},
      {"loan_duration = 20", "loan_duration takes seconds such as 20s or 1.5s"},
      {"loan_duration = 999999999999s", "loan_duration takes seconds"},
      {"built_date = 2026-02-30", "built_date takes a date such as 2026-01-31, or 2026-01 or 2026"},
      {"built_date = 2026-13", "built_date takes a date"},
      {"built_date = 2026-00-01", "built_date takes a date"},
      {"built_date = 26", "built_date takes a date"},
      {"built_date = 0000", "built_date takes a date"},
      {"built_date = 2026-1-1", "built_date takes a date"},
      // Operators.
      {"material > WOOD", "at character 1: material has no order: > cannot be used, = and != can"},
      {"accessible <= true", "accessible has no order"},
      {"tags = x", "at character 1: tags is repeated: write tags:value, or NOT tags:value"},
      {"tags != x", "tags is repeated"},
      // Wildcards.
      {"title = a*b", "at character 9: * may stand at the ends of a value only"},
      {"title < a*", "* is for texts with =, != and :, and for title:*"},
      {"capacity = 1*", "* is for texts"},
      {"capacity = *", "* is for texts"},
      {"floor > *", "* is for texts"},
  };
  for (const Case& c : kCases) {
    const auto filter = ParseFilter(ShelfType(), c.text, "filter");
    EXPECT_THAT(filter,
                StatusIs(absl::StatusCode::kInvalidArgument, HasViolation("filter", "FILTER")))
        << c.text;
    EXPECT_THAT(filter, HasMessage(HasSubstr(c.expected))) << c.text;
  }
}

TEST(Filter, RefusalsDoNotRepeatValuesAndStayShort) {
  EXPECT_THAT(Parse("capacity = secret"), HasMessage(Not(HasSubstr("secret"))));
  const std::string long_name(3000, 'x');
  EXPECT_LT(Parse(long_name + " = 1").status().message().size(), 2000u);
}

TEST(Filter, NamesTheFieldsThatHaveColumns) {
  const auto filter = Parse("colour = red");
  for (const char* path : {"title", "location.spot.row", "tags", "identifiers.value"}) {
    EXPECT_THAT(filter, HasMessage(HasSubstr(absl::StrCat(" ", path, ", ")))) << path;
  }
}

std::vector<std::string> Equalities(absl::string_view text) {
  std::vector<std::string> shown;
  const auto filter = Parse(text);
  if (!filter.ok()) return {std::string(filter.status().message())};
  for (const FilterEquality& equality : (*filter)->equalities()) {
    shown.push_back(absl::StrCat(equality.column->path, "=", Show(equality.value)));
  }
  return shown;
}

TEST(Filter, EqualitiesAreThoseThatEveryMatchFulfils) {
  EXPECT_THAT(Equalities(""), IsEmpty());
  EXPECT_THAT(Equalities("title = a code = b"), ElementsAre("title='a'", "code='b'"));
  EXPECT_THAT(Equalities("tags:x AND (state = LISTED AND (code = a))"),
              ElementsAre("tags='x'", "state=2", "code='a'"));
  EXPECT_THAT(Equalities("code = a OR title = b"), IsEmpty());
  EXPECT_THAT(Equalities("(code = a OR title = b) AND state = DRAFT"), ElementsAre("state=1"));
  EXPECT_THAT(Equalities("NOT code = a AND -(title = b)"), IsEmpty());
  EXPECT_THAT(Equalities("code != a title = b* title:c tags:* tags:\"d*\" title >= e"), IsEmpty());
  EXPECT_THAT(Equalities("material = WOOD floor = 1"), IsEmpty()) << "no index of their own";
}

TEST(Filter, NarrowestLooksAtEveryFieldWhereverItStands) {
  const auto narrowest = [](absl::string_view text) { return (*Parse(text))->narrowest(); };
  EXPECT_EQ(narrowest(""), v1::PUBLIC);
  EXPECT_EQ(narrowest("title = a AND tags:x"), v1::PUBLIC);
  EXPECT_EQ(narrowest("title = a OR network_note = b"), v1::NETWORK);
  EXPECT_EQ(narrowest("title = a NOT (code = b OR -network_note:c) ownerNote:*"), v1::OWNER);
  EXPECT_EQ(narrowest("plain_note != a"), v1::OWNER);
  EXPECT_EQ(narrowest("location.room = a"), v1::PUBLIC);
  EXPECT_EQ(narrowest("NOT location.keyNumber = a"), v1::OWNER);
  EXPECT_EQ(narrowest("survey.score > 0.5"), v1::OWNER);
  EXPECT_EQ(narrowest("owner_note = a OR administrator_note = *"), v1::ADMINISTRATOR);
}

}  // namespace
}  // namespace mostove::resource
