#include "services/cli/mapping.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/exchange/ids.h"
#include "libs/status/macros.h"

namespace mostove::cli {
namespace {

class MappedReader {
 public:
  MappedReader(const exchange::CsvTable& table, const Mapping& mapping, const Catalog& catalog)
      : table_(table), mapping_(mapping), catalog_(catalog) {}

  absl::StatusOr<RecordSet> Read() {
    if (table_.rows.empty()) return absl::InvalidArgumentError("the table has no header");
    RETURN_IF_ERROR(FindColumns());
    for (size_t i = 1; i < table_.rows.size(); ++i) ReadRow(table_.rows[i]);
    SortParentsFirst(set_.records);
    return std::move(set_);
  }

 private:
  absl::StatusOr<int> FindColumn(const std::string& column) const {
    const std::vector<std::string>& header = table_.rows[0].cells;
    for (size_t i = 0; i < header.size(); ++i) {
      if (header[i] == column || absl::StripAsciiWhitespace(header[i]) == column) {
        return static_cast<int>(i);
      }
    }
    return absl::InvalidArgumentError(absl::StrCat("the table has no column '", column,
                                                   "'; it has ", absl::StrJoin(header, ", ")));
  }

  absl::Status FindColumns() {
    std::vector<bool> read(table_.rows[0].cells.size(), false);
    for (const MappedColumn& mapped : mapping_.columns) {
      ASSIGN_OR_RETURN(const int column, FindColumn(mapped.column));
      columns_.push_back(column);
      read[column] = true;
    }
    const auto find = [&](const IdSource& source, int& column) -> absl::Status {
      if (source.kind == IdSource::kRow) return absl::OkStatus();
      ASSIGN_OR_RETURN(column, FindColumn(source.column));
      read[column] = true;
      return absl::OkStatus();
    };
    RETURN_IF_ERROR(find(mapping_.id, id_column_));
    if (mapping_.parent_column) RETURN_IF_ERROR(find(*mapping_.parent_column, parent_column_));

    std::vector<std::string> unread;
    for (size_t i = 0; i < read.size(); ++i) {
      if (!read[i]) unread.push_back(table_.rows[0].cells[i]);
    }
    if (!unread.empty()) {
      set_.notes.push_back(absl::StrCat("columns not read: ", absl::StrJoin(unread, ", ")));
    }
    return absl::OkStatus();
  }

  std::string Cell(const exchange::CsvRow& row, int column) const {
    if (column < 0 || column >= static_cast<int>(row.cells.size())) return "";
    const std::string& cell = row.cells[column];
    return mapping_.trim ? std::string(absl::StripAsciiWhitespace(cell)) : cell;
  }

  void Refuse(const exchange::CsvRow& row, absl::string_view column, absl::string_view reason) {
    set_.refusals.push_back({row.number, "", std::string(column), std::string(reason)});
  }

  static std::string Translated(const MappedColumn& mapped, const std::string& value) {
    const auto found = mapped.values.find(value);
    return found == mapped.values.end() ? value : found->second;
  }

  std::vector<std::string> Values(const MappedColumn& mapped, const std::string& cell) const {
    std::vector<std::string> values =
        mapped.field.repeated() ? SplitValues(cell, mapped.separator) : std::vector{cell};
    for (std::string& value : values) {
      if (mapping_.trim) value = std::string(absl::StripAsciiWhitespace(value));
      value = Translated(mapped, value);
    }
    return values;
  }

  void ReadRow(const exchange::CsvRow& row) {
    const bool empty = std::all_of(row.cells.begin(), row.cells.end(), [](const std::string& cell) {
      return absl::StripAsciiWhitespace(cell).empty();
    });
    if (empty) return;
    const size_t refused_before = set_.refusals.size();
    std::unique_ptr<google::protobuf::Message> message = mapping_.type->New();
    for (const auto& [field, value] : mapping_.constants) {
      // Checked when the mapping was read.
      (void)field.Set(field.repeated() ? SplitValues(value) : std::vector{value}, *message);
    }
    std::string meaning;
    for (size_t i = 0; i < mapping_.columns.size(); ++i) {
      const MappedColumn& mapped = mapping_.columns[i];
      const std::string cell = Cell(row, columns_[i]);
      absl::StrAppend(&meaning, mapped.field.ProtoName(), "=", exchange::ToNfc(cell), "\n");
      const absl::Status status = mapped.field.Set(Values(mapped, cell), *message);
      if (!status.ok()) Refuse(row, mapped.column, status.message());
    }
    RemoveEmptyItems(*message);
    if (IsDeleted(*message)) {
      Refuse(row, "deleteTime", "is deleted where it comes from; it is not imported");
    }
    const std::string name = Name(row, meaning);
    if (set_.refusals.size() != refused_before) return;
    const auto [earlier, is_new] = rows_by_name_.try_emplace(name, row.number);
    if (!is_new) {
      set_.refusals.push_back({row.number, name, mapping_.id.column,
                               absl::StrCat("row ", earlier->second, " has the same id")});
      return;
    }
    KeepWhatClientsSet(*message);
    set_.records.push_back({row.number, mapping_.type, name, std::move(message)});
  }

  // "" after a refusal.
  std::string Name(const exchange::CsvRow& row, const std::string& meaning) {
    std::string given = Cell(row, id_column_);
    if (mapping_.id.kind != IdSource::kRow && given.empty()) {
      Refuse(row, mapping_.id.column, "is empty, and gives the id");
      return "";
    }
    if (mapping_.id.kind == IdSource::kColumn && mapping_.type->MatchesName(given)) return given;
    std::string parent = mapping_.parent;
    if (mapping_.parent_column) parent = Parent(row);
    if (mapping_.type->has_parent() && parent.empty()) return "";
    switch (mapping_.id.kind) {
      case IdSource::kColumn:
        if (absl::StrContains(given, '/')) {
          Refuse(
              row, mapping_.id.column,
              absl::StrCat("must be an id, or a name of the form ", mapping_.type->pattern_text));
        }
        return MakeName(*mapping_.type, parent, given);
      case IdSource::kText:
        return MakeName(*mapping_.type, parent, exchange::OrganizationId(given));
      case IdSource::kRow:
        break;
    }
    return MakeName(*mapping_.type, parent,
                    exchange::NameBasedUuid(absl::StrCat(parent, "\n", meaning)));
  }

  std::string Parent(const exchange::CsvRow& row) {
    std::string cell = Cell(row, parent_column_);
    if (cell.empty()) {
      Refuse(row, mapping_.parent_column->column, "is empty, and says what the record belongs to");
      return "";
    }
    if (mapping_.parent_column->kind == IdSource::kText) {
      return absl::StrCat(mapping_.type->pattern[0], "/", exchange::OrganizationId(cell));
    }
    if (absl::StrContains(cell, '/')) {
      const auto type = catalog_.FindByName(cell);
      if (!type.ok()) Refuse(row, mapping_.parent_column->column, type.status().message());
      return cell;
    }
    return absl::StrCat(mapping_.type->pattern[0], "/", cell);
  }

  const exchange::CsvTable& table_;
  const Mapping& mapping_;
  const Catalog& catalog_;
  std::vector<int> columns_;  // beside mapping_.columns
  int id_column_ = -1;
  int parent_column_ = -1;
  absl::flat_hash_map<std::string, int64_t> rows_by_name_;
  RecordSet set_;
};

}  // namespace

std::optional<Mapping> MappingFromHeader(const exchange::CsvTable& table, const Catalog& catalog) {
  if (table.rows.size() < 2) return std::nullopt;
  const std::vector<std::string>& header = table.rows[0].cells;
  const auto name = std::find(header.begin(), header.end(), "name");
  const size_t at = name - header.begin();
  if (name == header.end() || at >= table.rows[1].cells.size()) return std::nullopt;
  const auto type = catalog.FindByName(table.rows[1].cells[at]);
  if (!type.ok()) return std::nullopt;

  Mapping mapping;
  mapping.type = *type;
  mapping.id = {IdSource::kColumn, "name"};
  mapping.trim = false;
  for (const std::string& column : header) {
    auto field = FieldPath::Parse(*(*type)->descriptor, column);
    if (!field.ok()) return std::nullopt;
    mapping.columns.push_back({column, *std::move(field)});
  }
  return mapping;
}

absl::StatusOr<RecordSet> ReadMapped(const exchange::CsvTable& table, const Mapping& mapping,
                                     const Catalog& catalog) {
  return MappedReader(table, mapping, catalog).Read();
}

}  // namespace mostove::cli
