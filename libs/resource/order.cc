#include "libs/resource/order.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/status/status.h"

namespace mostove::resource {
namespace {

struct Key {
  absl::string_view path;
  bool descending = false;
};

absl::Status Wrong(const Type& type, absl::string_view field, absl::string_view what) {
  std::vector<absl::string_view> sortable = {"name"};
  for (const ColumnInfo& column : type.columns()) {
    if (column.sortable) sortable.push_back(column.path);
  }
  return status::InvalidField(
      field, "ORDER",
      absl::StrCat(what, "; lists can be ordered by one of ", absl::StrJoin(sortable, ", "),
                   ", each with or without \" desc\""));
}

// "field", "field asc" or "field desc".
bool ParseKey(absl::string_view text, Key& key) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(text, absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (words.empty() || words.size() > 2) return false;
  if (words.size() == 2 && words[1] != "asc" && words[1] != "desc") return false;
  key.path = words[0];
  key.descending = words.size() == 2 && words[1] == "desc";
  return true;
}

}  // namespace

absl::StatusOr<Order> ParseOrder(const Type& type, absl::string_view text,
                                 absl::string_view field) {
  if (text.empty()) text = type.options().default_order();
  if (text.empty()) return Order{};
  std::vector<Key> keys;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    if (!ParseKey(part, keys.emplace_back())) {
      return Wrong(type, field, "each key has to be a field, with \" desc\" or \" asc\" if wanted");
    }
  }
  Order order{.descending = keys[0].descending};
  if (keys[0].path != "name") {
    order.column = type.FindColumn(keys[0].path);
    if (order.column == nullptr || !order.column->sortable) {
      return Wrong(type, field, "names a field that cannot be ordered by");
    }
  }
  const bool by_name_then = keys.size() == 2 && order.column != nullptr && keys[1].path == "name" &&
                            keys[1].descending == order.descending;
  if (keys.size() > 1 && !by_name_then) {
    return Wrong(type, field, "a second key can only be name, in the same direction");
  }
  return order;
}

}  // namespace mostove::resource
