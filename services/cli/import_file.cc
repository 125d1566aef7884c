#include "services/cli/import_file.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/exchange/csv.h"
#include "libs/exchange/encoding.h"
#include "libs/exchange/hsds.h"
#include "libs/exchange/hxl.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/transcoding/json_reader.h"
#include "services/cli/hsds_import.h"
#include "services/cli/json.h"
#include "services/cli/mapping.h"
#include "services/cli/three_w.h"

namespace mostove::cli {
namespace {

class JsonLinesReader {
 public:
  explicit JsonLinesReader(const Catalog& catalog) : catalog_(catalog) {}

  void ReadLine(int64_t row, absl::string_view line) {
    const std::string name = StringMember(line, "name");
    if (name.empty()) {
      set_.refusals.push_back({row, "", "name", "the line is no JSON object with a \"name\""});
      return;
    }
    const auto type = catalog_.FindByName(name);
    if (!type.ok()) {
      set_.refusals.push_back({row, name, "name", std::string(type.status().message())});
      return;
    }
    std::unique_ptr<google::protobuf::Message> message = (*type)->New();
    status::Violations violations;
    transcoding::ReadJson(line, *message, {}, violations);
    for (const status::Violation& violation : violations.all()) {
      set_.refusals.push_back({row, name, violation.field, violation.description});
    }
    if (!violations.empty()) return;
    if (IsDeleted(*message)) {
      set_.refusals.push_back(
          {row, name, "deleteTime", "is deleted where it comes from; it is not imported"});
      return;
    }
    const auto [earlier, is_new] = rows_by_name_.try_emplace(name, row);
    if (!is_new) {
      set_.refusals.push_back(
          {row, name, "name", absl::StrCat("line ", earlier->second, " has the same name")});
      return;
    }
    KeepWhatClientsSet(*message);
    set_.records.push_back({row, *type, name, std::move(message)});
  }

  RecordSet Take() {
    SortParentsFirst(set_.records);
    return std::move(set_);
  }

 private:
  const Catalog& catalog_;
  absl::flat_hash_map<std::string, int64_t> rows_by_name_;
  RecordSet set_;
};

absl::StatusOr<RecordSet> ReadTable(absl::string_view text, const Catalog& catalog,
                                    const ImportFileOptions& options) {
  ASSIGN_OR_RETURN(exchange::CsvTable table, exchange::ReadCsv(text));
  exchange::UnguardCells(table);
  if (options.format != "csv" && options.mapping.empty()) {
    if (const auto layout = exchange::FindHxlLayout(table)) {
      return ReadThreeW(table, *layout, catalog, {options.source, options.constants});
    }
    if (options.format == "hxl" || options.format == "3w") {
      return absl::InvalidArgumentError(
          "none of the first 25 rows is a row of hashtags such as #org, #country, #sector");
    }
  }
  if (!options.mapping.empty()) {
    ASSIGN_OR_RETURN(const Mapping mapping, ParseMapping(options.mapping, catalog));
    return ReadMapped(table, mapping, catalog);
  }
  if (const auto mapping = MappingFromHeader(table, catalog)) {
    return ReadMapped(table, *mapping, catalog);
  }
  return absl::InvalidArgumentError(
      "nothing says what the columns mean: there is no row of HXL hashtags in the first 25 rows, "
      "and the header is not that of an export (\"name\" and paths of fields); give --map "
      "FILE.toml");
}

// "jsonl", "hsds", "csv", "hxl", or "table" where a table itself has to say.
std::string FormatOf(absl::string_view text, const Catalog& catalog,
                     const ImportFileOptions& options) {
  if (!options.mapping.empty()) return "csv";
  if (options.format == "3w") return "hxl";
  if (!options.format.empty()) return options.format;
  const absl::string_view content = absl::StripAsciiWhitespace(text);
  if (content.empty() || (content[0] != '{' && content[0] != '[')) return "table";
  const absl::string_view line = content.substr(0, content.find('\n'));
  if (catalog.FindByName(StringMember(line, "name")).ok()) return "jsonl";
  return exchange::LooksLikeHsds(content) ? "hsds" : "jsonl";
}

}  // namespace

RecordSet ReadJsonLines(absl::string_view text, const Catalog& catalog) {
  JsonLinesReader reader(catalog);
  for (int64_t row = 1; !text.empty(); ++row) {
    const size_t end = std::min(text.find('\n'), text.size());
    const absl::string_view line = absl::StripAsciiWhitespace(text.substr(0, end));
    if (!line.empty()) reader.ReadLine(row, line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return reader.Take();
}

absl::StatusOr<RecordSet> ReadImportFile(absl::string_view bytes, const Catalog& catalog,
                                         const ImportFileOptions& options) {
  ASSIGN_OR_RETURN(const exchange::DecodedText decoded,
                   exchange::DecodeText(bytes, options.encoding));
  const absl::string_view text = decoded.text;
  const std::string format = FormatOf(text, catalog, options);
  if (!options.constants.empty() && format != "hxl" && format != "hsds" && format != "table") {
    return absl::InvalidArgumentError(
        "--set is for HXL and HSDS files; a mapping has constants of its own, JSON lines say "
        "everything");
  }
  if (format != "hsds" && (!options.into.empty() || !options.language.empty())) {
    return absl::InvalidArgumentError("--into and --language are for HSDS files");
  }
  RecordSet set;
  if (format == "jsonl") {
    set = ReadJsonLines(text, catalog);
  } else if (format == "hsds") {
    ASSIGN_OR_RETURN(
        set, ReadHsdsRecords(text, catalog, {options.language, options.into, options.constants}));
  } else {
    ASSIGN_OR_RETURN(set, ReadTable(text, catalog, options));
  }
  if (decoded.encoding != "UTF-8") {
    set.notes.insert(set.notes.begin(),
                     absl::StrCat("read as ", decoded.encoding,
                                  decoded.guessed ? " (a guess; --encoding says otherwise)" : ""));
  }
  return set;
}

}  // namespace mostove::cli
