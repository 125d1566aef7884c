#include "libs/testing/stored_text.h"

#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/testing/matchers.h"

namespace mostove::testing {
namespace {

std::string BytesOf(const sql::Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* blob = std::get_if<sql::Blob>(&value)) return blob->bytes;
  return "";
}

}  // namespace

std::vector<std::string> PlacesOf(sql::Database& database, const std::string& text) {
  std::vector<std::string> places;
  const auto columns = database.Columns();
  EXPECT_THAT(columns, IsOk());
  const auto reader = database.Read(absl::InfiniteFuture());
  EXPECT_THAT(reader, IsOk());
  if (!columns.ok() || !reader.ok()) return places;
  for (const sql::Database::Column& column : *columns) {
    // Some are of types that nobody reads as they are: words of a search.
    const std::string value = column.type == "BLOB" || column.type == "BYTEA"
                                  ? absl::StrCat("\"", column.name, "\"")
                                  : absl::StrCat("CAST(\"", column.name, "\" AS TEXT)");
    const std::string statement = absl::StrCat("SELECT ", value, " FROM ", column.table);
    const auto look = [&](const sql::Row& row) {
      if (!absl::StrContains(BytesOf(row.Get(0)), text)) return true;
      places.push_back(absl::StrCat(column.table, ".", column.name));
      return false;
    };
    EXPECT_THAT((*reader)->Query(statement, {}, look), IsOk()) << statement;
  }
  return places;
}

}  // namespace mostove::testing
