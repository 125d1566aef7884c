#include "libs/exchange/csv.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/exchange/encoding.h"

namespace mostove::exchange {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Cells = std::vector<std::string>;

std::vector<Cells> Rows(absl::string_view text) {
  const auto table = ReadCsv(text);
  EXPECT_TRUE(table.ok()) << table.status();
  std::vector<Cells> rows;
  if (table.ok()) {
    for (const CsvRow& row : table->rows) rows.push_back(row.cells);
  }
  return rows;
}

TEST(CsvTest, ReadsRfc4180) {
  struct Case {
    const char* text;
    std::vector<Cells> rows;
  };
  const Case cases[] = {
      {"", {}},
      {"a,b\r\n1,2\r\n", {{"a", "b"}, {"1", "2"}}},
      {"a,b\n1,2", {{"a", "b"}, {"1", "2"}}},
      {"\"x, y\",\"say \"\"hi\"\"\"\n", {{"x, y", "say \"hi\""}}},
      {"\"two\r\nlines\",b\r\n", {{"two\r\nlines", "b"}}},
      {" a , b \n", {{" a ", " b "}}},
      {",\n", {{"", ""}}},
      {"a,\"\"\n", {{"a", ""}}},
  };
  for (const Case& c : cases) EXPECT_EQ(Rows(c.text), c.rows) << c.text;
}

TEST(CsvTest, RowsAreCountedAsASpreadsheetCountsThem) {
  for (const char* text :
       {"a,b\r\n\r\n1,2\r\n\"x\r\ny\",3\r\n4,5", "a,b\n\n1,2\n\"x\ny\",3\n4,5\n"}) {
    const auto table = ReadCsv(text);
    ASSERT_TRUE(table.ok()) << table.status();
    std::vector<int64_t> numbers;
    for (const CsvRow& row : table->rows) numbers.push_back(row.number);
    EXPECT_THAT(numbers, ElementsAre(1, 3, 4, 5)) << text;
  }
}

TEST(CsvTest, MisplacedQuoteIsRefusedWithItsLine) {
  EXPECT_THAT(ReadCsv("a,b\n1,5\" pipe\n").status().message(), HasSubstr("line 2: a quote inside"));
  EXPECT_THAT(ReadCsv("a,b\n1,\"open\n").status().message(), HasSubstr("ends inside a quoted"));
}

TEST(CsvTest, DelimiterIsTheOneThatTheLinesAgreeOn) {
  EXPECT_EQ(FindDelimiter("a,b,c\n1,2,3\n"), ',');
  EXPECT_EQ(FindDelimiter("a;b\nhelp, food and shelter;1\nschool, language;2\nx;3\n"), ';');
  EXPECT_EQ(FindDelimiter("a\tb\n\"1,2,3\"\t4\n"), '\t');
  EXPECT_EQ(FindDelimiter("one column\n"), ',');
}

TEST(CsvTest, WhatIsWrittenReadsBack) {
  const std::vector<Cells> rows = {
      {"plain", ""}, {""}, {"a,b", "c;d"}, {"\"q\"", "x\ny"}, {" s ", "\r"}};
  std::string text;
  for (const Cells& row : rows) AppendCsvRow(row, text);
  auto table = ReadCsv(text, ',');
  ASSERT_TRUE(table.ok()) << table.status();
  UnguardCells(*table);
  ASSERT_EQ(table->rows.size(), rows.size());
  for (size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(table->rows[i].cells, rows[i]);
}

TEST(EncodingTest, EncodingIsFoundAndNamed) {
  using std::string_literals::operator""s;
  struct Case {
    std::string bytes;
    const char* encoding;
    const char* text;
    bool guessed;
  };
  const Case cases[] = {
      {"plain", "UTF-8", "plain", false},
      {"\xEF\xBB\xBFСофия", "UTF-8", "София", false},
      {"\xFF\xFE"
       "a\0b\0"s,
       "UTF-16LE", "ab", false},
      {"\xFE\xFF\0a\0b"s, "UTF-16BE", "ab", false},
      {"a\0,\0b\0\x21\x04"s, "UTF-16LE", "a,bС", false},
      // "Сдружение за помощ на бежанци и мигранти в град София"
      {"id,name\n1,\xD1\xE4\xF0\xF3\xE6\xE5\xED\xE8\xE5 \xE7\xE0 \xEF\xEE\xEC\xEE\xF9 \xED\xE0 "
       "\xE1\xE5\xE6\xE0\xED\xF6\xE8 \xE8 \xEC\xE8\xE3\xF0\xE0\xED\xF2\xE8 \xE2 \xE3\xF0\xE0\xE4 "
       "\xD1\xEE\xF4\xE8\xFF\n",
       "windows-1251", "id,name\n1,Сдружение за помощ на бежанци и мигранти в град София\n", true},
  };
  for (const Case& c : cases) {
    const auto decoded = DecodeText(c.bytes);
    ASSERT_TRUE(decoded.ok()) << c.text << ": " << decoded.status();
    EXPECT_EQ(decoded->encoding, c.encoding) << c.text;
    EXPECT_EQ(decoded->text, c.text);
    EXPECT_EQ(decoded->guessed, c.guessed) << c.text;
  }
}

TEST(EncodingTest, LatinTextWithoutMarkIsRead) {
  const auto decoded = DecodeText(
      "Registro,Organizaci\xF3n\n001,Formaci\xF3n de ense\xF1"
      "adores en Panam\xE1 y Chocó\n"
      "Educaci\xF3n,Departamento de la Naci\xF3n\n");
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_THAT(decoded->text, HasSubstr("Organización"));
}

TEST(EncodingTest, TheUserHasTheLastWord) {
  EXPECT_EQ(DecodeText("\xD1", "windows-1251")->text, "С");
  EXPECT_EQ(DecodeText("x", "klingon").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(DecodeText("\xD1", "UTF-8").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(GuardTest, NoCellIsAFormulaAndEveryCellComesBack) {
  struct Case {
    const char* cell;
    const char* guarded;
  };
  for (const Case& c :
       {Case{"=1+1", "'=1+1"}, Case{"+359 2 123", "'+359 2 123"}, Case{"@home", "'@home"},
        Case{"-x", "'-x"}, Case{"\tx", "'\tx"}, Case{"-4.25", "-4.25"}, Case{"-1e-3", "-1e-3"},
        Case{"-1-2", "'-1-2"}, Case{"'=x", "''=x"}, Case{"''@", "'''@"}, Case{"'s-Hage", "'s-Hage"},
        Case{"'", "'"}, Case{"a=b", "a=b"}, Case{"", ""}}) {
    EXPECT_EQ(GuardCell(c.cell), c.guarded);
    EXPECT_EQ(UnguardCell(c.guarded), c.cell);
  }
}

TEST(GuardTest, WrittenRowsAreGuarded) {
  std::string text;
  AppendCsvRow({"=A1", "x"}, text);
  EXPECT_EQ(text, "'=A1,x\r\n");
  auto table = ReadCsv(text);
  ASSERT_TRUE(table.ok());
  UnguardCells(*table);
  EXPECT_THAT(table->rows[0].cells, ElementsAre("=A1", "x"));
}

}  // namespace
}  // namespace mostove::exchange
