// Tables as text: RFC 4180, read by libcsv.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mostove::exchange {

struct CsvRow {
  int64_t number = 0;  // as a spreadsheet counts: from 1, empty rows too
  std::vector<std::string> cells;
};

struct CsvTable {
  char delimiter = ',';
  std::vector<CsvRow> rows;  // those that have a cell
};

// Reads `text` (UTF-8). A `delimiter` of 0 is found out among , ; and tab.
// Cells come exactly as they stand, line breaks and spaces too.
// INVALID_ARGUMENT with the line for a quote in the wrong place.
absl::StatusOr<CsvTable> ReadCsv(absl::string_view text, char delimiter = '\0');

// The delimiter that the first lines agree on.
char FindDelimiter(absl::string_view text);

// Appends one row, ended by CRLF; cells are quoted where they have to be, and
// guarded against spreadsheet programs that would run them.
void AppendCsvRow(const std::vector<std::string>& cells, std::string& out);

// A cell that begins with = + - @, tab or carriage return is a formula to a
// spreadsheet program, which runs it; behind an apostrophe it is text. Negative
// numbers are left. Unguard takes off exactly what Guard puts on.
std::string GuardCell(absl::string_view cell);
absl::string_view UnguardCell(absl::string_view cell);
// Of every cell.
void UnguardCells(CsvTable& table);

}  // namespace mostove::exchange
