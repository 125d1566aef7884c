// The Humanitarian Exchange Language: tables with a row of hashtags
// (hxlstandard.org, version 1.1).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/exchange/csv.h"

namespace mostove::exchange {

// "#org+name+en": lower case, attributes in the order of the file.
struct HxlTag {
  std::string tag;  // with its "#"
  std::vector<std::string> attributes;

  bool Has(absl::string_view attribute) const;
  std::string ToString() const;
  bool operator==(const HxlTag&) const = default;
};

// Nothing when the cell is no hashtag. Case, and spaces around the parts, do
// not matter.
std::optional<HxlTag> ParseHxlTag(absl::string_view cell);

// What a tag from before HXL 1.0 is called today (#lat_deg is #geo+lat);
// nothing when it is not one of those.
std::optional<HxlTag> ModernHxlTag(const HxlTag& tag);

struct HxlLayout {
  size_t first_data_row = 0;  // index into CsvTable::rows
  std::vector<std::optional<HxlTag>> columns;
  std::vector<std::string> headers;  // the row above the hashtags; "" where none
  std::vector<std::string> notes;    // what was tolerated
};

// Finds the hashtag row: among the first 25, one where at least one cell is a
// hashtag and every cell that is not empty begins with "#".
std::optional<HxlLayout> FindHxlLayout(const CsvTable& table);

}  // namespace mostove::exchange
