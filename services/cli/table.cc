#include "services/cli/table.h"

#include <unicode/utf8.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "google/protobuf/timestamp.pb.h"
#include "mostove/resource/v1/annotations.pb.h"

namespace mostove::cli {
namespace {

namespace pb = google::protobuf;

size_t Characters(const std::string& text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

// At most `width` characters, on one line.
std::string Fitted(std::string text, size_t width) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  if (Characters(text) <= width) return text;
  int32_t end = 0;
  for (size_t i = 0; i + 1 < width; ++i) {
    U8_FWD_1(text.data(), end, static_cast<int32_t>(text.size()));
  }
  return text.substr(0, end) + "…";
}

}  // namespace

std::string CellText(const FieldPath& column, const pb::Message& message) {
  std::vector<std::string> texts = column.Get(message);
  if (!column.repeated()) return texts.empty() ? "" : texts[0];
  // Items that have nothing in this column leave it empty altogether.
  const bool nothing =
      std::all_of(texts.begin(), texts.end(), [](const std::string& text) { return text.empty(); });
  return nothing ? "" : JoinValues(texts);
}

std::vector<FieldPath> MainColumns(const pb::Descriptor& descriptor, const Messages& messages) {
  std::vector<FieldPath> columns;
  const auto add = [&](const std::string& text) {
    auto path = FieldPath::Parse(descriptor, text);
    if (!path.ok()) return;
    const bool any = std::any_of(messages.begin(), messages.end(), [&](const auto& message) {
      return !CellText(*path, *message).empty();
    });
    if (any) columns.push_back(*std::move(path));
  };
  add("name");
  // First what lists are walked by, then what else they can be filtered by.
  for (const bool walked : {true, false}) {
    for (int i = 0; i < descriptor.field_count(); ++i) {
      const pb::FieldDescriptor& field = *descriptor.field(i);
      if (field.message_type() == pb::Timestamp::descriptor()) continue;
      for (int j = 0; j < field.options().ExtensionSize(resource::v1::column); ++j) {
        const resource::v1::Column& column = field.options().GetExtension(resource::v1::column, j);
        if ((column.indexed() || column.sortable()) != walked) continue;
        add(absl::StrCat(field.json_name(), column.path().empty() ? "" : ".", column.path()));
      }
    }
  }
  return columns;
}

std::string TerminalTable(const std::vector<FieldPath>& columns, const Messages& messages,
                          size_t width) {
  constexpr size_t kCellMax = 40;
  constexpr size_t kNameMax = 1000;
  std::vector<std::vector<std::string>> rows(1);
  for (const FieldPath& column : columns) rows[0].push_back(column.JsonName());
  for (const auto& message : messages) {
    auto& row = rows.emplace_back();
    for (const FieldPath& column : columns) {
      // Names stay whole: they are what the next command takes.
      const size_t cell_width = row.empty() ? kNameMax : kCellMax;
      row.push_back(Fitted(CellText(column, *message), cell_width));
    }
  }
  std::vector<size_t> widths(columns.size(), 0);
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Characters(row[i]));
  }
  // Columns that do not fit are left away, from the right.
  size_t shown = 0, used = 0;
  while (shown < widths.size() && (shown == 0 || used + 2 + widths[shown] <= width)) {
    used += widths[shown] + (shown == 0 ? 0 : 2);
    ++shown;
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < shown; ++i) {
      absl::StrAppend(&line, i == 0 ? "" : "  ", row[i],
                      std::string(widths[i] - Characters(row[i]), ' '));
    }
    line.erase(line.find_last_not_of(' ') + 1);
    absl::StrAppend(&out, line, "\n");
  }
  return out;
}

}  // namespace mostove::cli
