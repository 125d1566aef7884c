#include "services/cli/csv_export.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/exchange/csv.h"
#include "libs/resource/fields.h"
#include "services/cli/record.h"

namespace mostove::cli {
namespace {

namespace pb = google::protobuf;
using MessageList = std::vector<const pb::Message*>;

constexpr size_t kDepthMax = 8;
constexpr size_t kColumnsMax = 16384;  // of spreadsheet programs

// The messages that stand in `field`, of a list those at `index`.
MessageList Below(const pb::FieldDescriptor& field, int index, const MessageList& messages) {
  MessageList below;
  for (const pb::Message* message : messages) {
    const pb::Reflection& reflection = *message->GetReflection();
    if (!field.is_repeated()) {
      if (reflection.HasField(*message, &field)) {
        below.push_back(&reflection.GetMessage(*message, &field));
      }
    } else if (index < reflection.FieldSize(*message, &field)) {
      below.push_back(&reflection.GetRepeatedMessage(*message, &field, index));
    }
  }
  return below;
}

int LongestList(const pb::FieldDescriptor& field, const MessageList& messages) {
  int longest = 0;
  for (const pb::Message* message : messages) {
    longest = std::max(longest, message->GetReflection()->FieldSize(*message, &field));
  }
  return longest;
}

class ColumnCollector {
 public:
  // With `possible` one item of every list and one key of every map, whatever
  // the messages have.
  explicit ColumnCollector(bool possible) : possible_(possible) {}

  // `messages` are those that stand at `steps_`.
  void Collect(const pb::Descriptor& descriptor, const MessageList& messages) {
    for (int i = 0; i < descriptor.field_count(); ++i) {
      const pb::FieldDescriptor& field = *descriptor.field(i);
      // Inside groups it is of no use to people: hashes of translations.
      if (!steps_.empty() && resource::IsSystemField(&field)) continue;
      CollectField(field, messages);
    }
  }

  std::vector<FieldPath> Take() { return std::move(columns_); }

 private:
  void CollectField(const pb::FieldDescriptor& field, const MessageList& messages) {
    if (field.is_map()) return CollectMap(field, messages);
    steps_.push_back({&field});
    if (IsTextual(field)) {
      AddColumn();
    } else if (steps_.size() > kDepthMax) {
      // Left to the rows to tell.
    } else if (!field.is_repeated()) {
      Collect(*field.message_type(), Below(field, 0, messages));
    } else {
      const int items = possible_ ? 1 : std::min(kCsvItemsMax, LongestList(field, messages));
      for (int i = 0; i < items; ++i) {
        steps_.back().index = i;
        Collect(*field.message_type(), Below(field, i, messages));
      }
    }
    steps_.pop_back();
  }

  void CollectMap(const pb::FieldDescriptor& field, const MessageList& messages) {
    const pb::FieldDescriptor* key = field.message_type()->map_key();
    if (key->cpp_type() != pb::FieldDescriptor::CPPTYPE_STRING ||
        !IsTextual(*field.message_type()->map_value())) {
      return;
    }
    std::set<std::string> keys;
    if (possible_) keys.insert("*");
    const int entries = LongestList(field, messages);
    for (int i = 0; i < entries; ++i) {
      for (const pb::Message* entry : Below(field, i, messages)) {
        keys.insert(entry->GetReflection()->GetString(*entry, key));
      }
    }
    for (const std::string& one : keys) {
      // A path is written with dots.
      if (one.empty() || absl::StrContains(one, '.')) continue;
      steps_.push_back({&field, one});
      AddColumn();
      steps_.pop_back();
    }
  }

  void AddColumn() {
    if (columns_.size() < kColumnsMax) columns_.push_back(FieldPath::FromSteps(steps_));
  }

  const bool possible_;
  std::vector<FieldPath::Step> steps_;
  std::vector<FieldPath> columns_;
};

std::vector<std::string> Names(const std::vector<FieldPath>& columns) {
  std::vector<std::string> names;
  names.reserve(columns.size());
  for (const FieldPath& column : columns) names.push_back(column.JsonName());
  return names;
}

// What an import makes of the cells; a cell that it refuses stays unset.
std::unique_ptr<pb::Message> ReadBack(const std::vector<FieldPath>& columns,
                                      const std::vector<std::string>& cells,
                                      const pb::Message& message) {
  std::unique_ptr<pb::Message> read(message.New());
  for (size_t i = 0; i < columns.size(); ++i) {
    const FieldPath& column = columns[i];
    (void)column.Set(column.repeated() ? SplitValues(cells[i]) : std::vector{cells[i]}, *read);
  }
  RemoveEmptyItems(*read);
  KeepWhatClientsSet(*read);
  return read;
}

bool StandsUnder(absl::string_view name, absl::string_view path) {
  return absl::StartsWith(name, path) &&
         (name.size() == path.size() || name[path.size()] == '.' || name[path.size()] == '[');
}

// Why the value at a path of JSON names does not fit.
std::string WhyNot(const pb::Message& message, absl::string_view path) {
  const pb::Message* at = &message;
  for (const absl::string_view part : absl::StrSplit(path, '.')) {
    const pb::FieldDescriptor* field = nullptr;
    for (int i = 0; i < at->GetDescriptor()->field_count(); ++i) {
      if (at->GetDescriptor()->field(i)->json_name() == part) field = at->GetDescriptor()->field(i);
    }
    if (field == nullptr) break;
    if (field->is_repeated()) {
      const int size = at->GetReflection()->FieldSize(*at, field);
      if (field->is_map() || size <= kCsvItemsMax || IsTextual(*field)) break;
      return absl::StrCat("is not written: it has ", size, " items, and a table takes ",
                          kCsvItemsMax);
    }
    if (field->message_type() == nullptr) break;
    at = &at->GetReflection()->GetMessage(*at, field);
  }
  return "is not written: a table cannot hold it (jsonl does)";
}

}  // namespace

std::vector<FieldPath> CsvColumns(const pb::Descriptor& descriptor, const Messages& messages) {
  ColumnCollector collector(/*possible=*/false);
  MessageList roots;
  for (const auto& message : messages) roots.push_back(message.get());
  collector.Collect(descriptor, roots);
  return collector.Take();
}

std::vector<FieldPath> PossibleColumns(const pb::Descriptor& descriptor) {
  ColumnCollector collector(/*possible=*/true);
  collector.Collect(descriptor, {});
  return collector.Take();
}

void WriteCsv(const pb::Descriptor& descriptor, const Messages& messages,
              const std::function<void(absl::string_view)>& out, exchange::Losses& losses) {
  const std::vector<FieldPath> columns = CsvColumns(descriptor, messages);
  const std::vector<std::string> names = Names(columns);
  const auto name_column = std::find(names.begin(), names.end(), "name") - names.begin();
  std::string line;
  exchange::AppendCsvRow(names, line);
  out(line);
  for (const auto& message : messages) {
    std::vector<std::string> cells;
    cells.reserve(columns.size());
    for (const FieldPath& column : columns) cells.push_back(CellText(column, *message));

    const std::unique_ptr<pb::Message> wanted(message->New());
    wanted->CopyFrom(*message);
    KeepWhatClientsSet(*wanted);
    for (const std::string& path : Differences(*wanted, *ReadBack(columns, cells, *message))) {
      const std::string of = name_column < static_cast<int>(cells.size()) ? cells[name_column] : "";
      losses.push_back({absl::StrCat(of, ": ", path), WhyNot(*message, path)});
      for (size_t i = 0; i < columns.size(); ++i) {
        if (StandsUnder(names[i], path)) cells[i].clear();
      }
    }
    line.clear();
    exchange::AppendCsvRow(cells, line);
    out(line);
  }
}

}  // namespace mostove::cli
