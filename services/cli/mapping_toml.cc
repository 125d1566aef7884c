// The file form of a mapping.
#include <toml++/toml.h>

#include "absl/strings/str_cat.h"
#include "libs/status/macros.h"
#include "services/cli/mapping.h"

namespace mostove::cli {
namespace {

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

absl::Status Wrong(absl::string_view where, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("mapping: ", where, ": ", what));
}

// A text at the top of the file; "" where there is none.
absl::StatusOr<std::string> Text(const toml::table& file, absl::string_view key) {
  const auto node = file[std::string_view(key.data(), key.size())];
  if (!node) return "";
  const auto text = node.value<std::string>();
  if (!text) return Wrong(key, "must be a text in quotes");
  return *text;
}

absl::Status CheckKeys(const toml::table& file) {
  static constexpr absl::string_view kKeys[] = {
      "type", "id", "id_from", "parent", "parent_column", "parent_from", "constants", "columns"};
  for (const auto& [key, value] : file) {
    bool known = false;
    for (const absl::string_view candidate : kKeys) known |= candidate == View(key.str());
    if (!known) {
      return Wrong(View(key.str()),
                   "is not known; there are type, id, id_from, parent, parent_column, "
                   "parent_from, constants and columns");
    }
  }
  return absl::OkStatus();
}

// "Град" = "seat.area.name", or a table with field, separator and values.
absl::StatusOr<MappedColumn> ReadColumn(const google::protobuf::Descriptor& descriptor,
                                        const std::string& column, const toml::node& node) {
  const std::string where = absl::StrCat("column '", column, "'");
  MappedColumn mapped;
  mapped.column = column;
  std::optional<std::string> field = node.value<std::string>();
  if (const toml::table* table = node.as_table()) {
    for (const auto& [key, value] : *table) {
      if (key == "field") {
        field = value.value<std::string>();
      } else if (key == "separator") {
        const auto separator = value.value<std::string>();
        if (!separator || separator->size() != 1) {
          return Wrong(where, "separator must be one character");
        }
        mapped.separator = separator->front();
      } else if (key == "values" && value.is_table()) {
        for (const auto& [from, to] : *value.as_table()) {
          const auto text = to.value<std::string>();
          if (!text) return Wrong(where, "values must be texts in quotes");
          mapped.values.emplace(std::string(from.str()), *text);
        }
      } else {
        return Wrong(where, absl::StrCat("'", View(key.str()),
                                         "' is not known; there are field, separator and values"));
      }
    }
  }
  if (!field) return Wrong(where, "needs a field, such as \"legalName\"");
  auto path = FieldPath::Parse(descriptor, *field);
  if (!path.ok()) return Wrong(where, path.status().message());
  mapped.field = *std::move(path);
  return mapped;
}

absl::Status ReadConstants(const toml::table& constants, Mapping& mapping) {
  for (const auto& [key, node] : constants) {
    const std::string name(key.str());
    const std::string where = absl::StrCat("constant '", name, "'");
    const auto value = node.value<std::string>();
    if (!value) return Wrong(where, "must be a text in quotes");
    auto path = FieldPath::Parse(*mapping.type->descriptor, name);
    if (!path.ok()) return Wrong(where, path.status().message());
    const auto probe = mapping.type->New();
    const absl::Status status =
        path->Set(path->repeated() ? SplitValues(*value) : std::vector{*value}, *probe);
    if (!status.ok()) return Wrong(where, status.message());
    mapping.constants.emplace_back(*std::move(path), *value);
  }
  return absl::OkStatus();
}

absl::Status ReadIds(const toml::table& file, Mapping& mapping) {
  ASSIGN_OR_RETURN(const std::string id, Text(file, "id"));
  ASSIGN_OR_RETURN(const std::string id_from, Text(file, "id_from"));
  ASSIGN_OR_RETURN(mapping.parent, Text(file, "parent"));
  ASSIGN_OR_RETURN(const std::string parent_column, Text(file, "parent_column"));
  ASSIGN_OR_RETURN(const std::string parent_from, Text(file, "parent_from"));
  if (!id.empty() && !id_from.empty()) return Wrong("id", "give id or id_from, not both");
  if (!id.empty()) mapping.id = {IdSource::kColumn, id};
  if (!id_from.empty()) mapping.id = {IdSource::kText, id_from};

  const int parents = !mapping.parent.empty() + !parent_column.empty() + !parent_from.empty();
  if (parents > 1) return Wrong("parent", "give one of parent, parent_column and parent_from");
  if (!mapping.type->has_parent() && parents > 0) {
    return Wrong("parent",
                 absl::StrCat("names of this type have none: ", mapping.type->pattern_text));
  }
  if (mapping.type->has_parent() && parents == 0) {
    return Wrong("parent",
                 absl::StrCat("is needed, names are of the form ", mapping.type->pattern_text,
                              "; give parent, parent_column or parent_from"));
  }
  if (!parent_column.empty()) mapping.parent_column = {IdSource::kColumn, parent_column};
  if (!parent_from.empty()) mapping.parent_column = {IdSource::kText, parent_from};
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Mapping> ParseMapping(absl::string_view toml, const Catalog& catalog) try {
  const toml::table file = toml::parse(std::string_view(toml.data(), toml.size()));
  RETURN_IF_ERROR(CheckKeys(file));
  Mapping mapping;
  ASSIGN_OR_RETURN(const std::string type, Text(file, "type"));
  if (type.empty()) return Wrong("type", "is needed, such as type = \"organization\"");
  ASSIGN_OR_RETURN(mapping.type, catalog.FindType(type));
  RETURN_IF_ERROR(ReadIds(file, mapping));
  if (const toml::table* constants = file["constants"].as_table()) {
    RETURN_IF_ERROR(ReadConstants(*constants, mapping));
  }
  const toml::table* columns = file["columns"].as_table();
  if (columns == nullptr || columns->empty()) {
    return Wrong("columns", "at least one column has to go into a field");
  }
  for (const auto& [column, node] : *columns) {
    ASSIGN_OR_RETURN(MappedColumn mapped,
                     ReadColumn(*mapping.type->descriptor, std::string(column.str()), node));
    mapping.columns.push_back(std::move(mapped));
  }
  return mapping;
} catch (const toml::parse_error& error) {
  return Wrong(absl::StrCat("line ", error.source().begin.line), View(error.description()));
}

}  // namespace mostove::cli
