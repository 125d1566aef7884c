#include "libs/exchange/csv.h"

#include <csv.h>

#include <algorithm>
#include <map>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace mostove::exchange {
namespace {

// What libcsv's callbacks fill.
struct Reader {
  CsvTable table;
  CsvRow row;
  int64_t number = 1;
  int last_end = 0;

  void AddCell(const char* data, size_t size) {
    row.cells.emplace_back(data, size);
    last_end = 0;
  }

  void EndRow(int end) {
    const bool second_half_of_crlf = end == '\n' && last_end == '\r' && row.cells.empty();
    last_end = second_half_of_crlf ? 0 : end;
    if (second_half_of_crlf) return;
    if (!row.cells.empty()) {
      row.number = number;
      table.rows.push_back(std::move(row));
      row = {};
    }
    ++number;
  }
};

void OnCell(void* data, size_t size, void* reader) {
  static_cast<Reader*>(reader)->AddCell(static_cast<const char*>(data), size);
}

void OnRow(int end, void* reader) { static_cast<Reader*>(reader)->EndRow(end); }

int NoSpaces(unsigned char) { return 0; }

absl::Status Malformed(absl::string_view text, size_t at, absl::string_view what) {
  const auto line = 1 + std::count(text.begin(), text.begin() + std::min(at, text.size()), '\n');
  return absl::InvalidArgumentError(absl::StrCat("line ", line, ": ", what));
}

}  // namespace

char FindDelimiter(absl::string_view text) {
  constexpr absl::string_view kCandidates = ",;\t";
  constexpr int kLines = 50;
  // Per candidate, how many lines have it how often outside quotes.
  std::map<int, int> lines_by_count[kCandidates.size()];
  int counts[kCandidates.size()] = {};
  bool quoted = false;
  int lines = 0;
  const auto end_line = [&] {
    for (size_t i = 0; i < kCandidates.size(); ++i) {
      if (counts[i] > 0) ++lines_by_count[i][counts[i]];
      counts[i] = 0;
    }
    ++lines;
  };
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\n') end_line();
    if (lines == kLines) break;
    if (const size_t i = kCandidates.find(c); i != absl::string_view::npos) ++counts[i];
  }
  if (lines < kLines) end_line();

  char best = ',';
  std::pair<int, int> best_score = {0, 0};  // lines that agree, cells in each
  for (size_t i = 0; i < kCandidates.size(); ++i) {
    for (const auto& [count, agreeing] : lines_by_count[i]) {
      if (std::pair(agreeing, count) > best_score) {
        best_score = {agreeing, count};
        best = kCandidates[i];
      }
    }
  }
  return best;
}

absl::StatusOr<CsvTable> ReadCsv(absl::string_view text, char delimiter) {
  if (delimiter == '\0') delimiter = FindDelimiter(text);
  csv_parser parser;
  if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) != 0) {
    return absl::InternalError("libcsv does not start");
  }
  const std::unique_ptr<csv_parser, decltype(&csv_free)> freed(&parser, csv_free);
  csv_set_delim(&parser, static_cast<unsigned char>(delimiter));
  csv_set_space_func(&parser, NoSpaces);

  Reader reader;
  reader.table.delimiter = delimiter;
  const size_t parsed = csv_parse(&parser, text.data(), text.size(), OnCell, OnRow, &reader);
  if (parsed != text.size()) {
    return Malformed(text, parsed,
                     "a quote inside a cell; put the whole cell in quotes and write each quote "
                     "in it twice");
  }
  if (csv_fini(&parser, OnCell, OnRow, &reader) != 0) {
    return Malformed(text, text.size(), "the file ends inside a quoted cell");
  }
  return std::move(reader.table);
}

namespace {

// What a spreadsheet program takes for a formula, behind any apostrophes.
bool LooksLikeFormula(absl::string_view cell) {
  const size_t start = cell.find_first_not_of('\'');
  return start != absl::string_view::npos &&
         absl::string_view("=+-@\t\r").find(cell[start]) != absl::string_view::npos;
}

bool IsNegativeNumber(absl::string_view cell) {
  double number = 0;
  return cell.find_first_not_of("-.0123456789eE") == absl::string_view::npos &&
         absl::SimpleAtod(cell, &number);
}

}  // namespace

std::string GuardCell(absl::string_view cell) {
  const bool guard = LooksLikeFormula(cell) && !IsNegativeNumber(cell);
  return absl::StrCat(guard ? "'" : "", cell);
}

absl::string_view UnguardCell(absl::string_view cell) {
  const bool guarded = !cell.empty() && cell[0] == '\'' && LooksLikeFormula(cell);
  return guarded ? cell.substr(1) : cell;
}

void UnguardCells(CsvTable& table) {
  for (CsvRow& row : table.rows) {
    for (std::string& cell : row.cells) cell = std::string(UnguardCell(cell));
  }
}

void AppendCsvRow(const std::vector<std::string>& cells, std::string& out) {
  bool first = true;
  for (const std::string& value : cells) {
    const std::string cell = GuardCell(value);
    if (!first) out += ',';
    first = false;
    // A row of one empty cell would read as an empty line.
    if (cell.find_first_of(",;\t\"\r\n") == std::string::npos &&
        !(cell.empty() && cells.size() == 1)) {
      out += cell;
      continue;
    }
    out += '"';
    for (const char c : cell) {
      if (c == '"') out += '"';
      out += c;
    }
    out += '"';
  }
  out += "\r\n";
}

}  // namespace mostove::exchange
