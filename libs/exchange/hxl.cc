#include "libs/exchange/hxl.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace mostove::exchange {
namespace {

constexpr size_t kRowsSearched = 25;

// A letter, then letters, digits and underscores.
bool IsWord(absl::string_view text) {
  return !text.empty() && absl::ascii_isalpha(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isalnum(c) || c == '_'; });
}

}  // namespace

bool HxlTag::Has(absl::string_view attribute) const {
  return std::find(attributes.begin(), attributes.end(), attribute) != attributes.end();
}

std::string HxlTag::ToString() const {
  std::string text = tag;
  for (const std::string& attribute : attributes) absl::StrAppend(&text, "+", attribute);
  return text;
}

std::optional<HxlTag> ParseHxlTag(absl::string_view cell) {
  cell = absl::StripAsciiWhitespace(cell);
  if (!absl::ConsumePrefix(&cell, "#")) return std::nullopt;
  HxlTag tag;
  // Drafts before 1.0 marked the language as in "#sector/en".
  std::string text(cell);
  std::replace(text.begin(), text.end(), '/', '+');
  for (absl::string_view part : absl::StrSplit(text, '+')) {
    part = absl::StripAsciiWhitespace(part);
    if (!IsWord(part)) return std::nullopt;
    std::string word = absl::AsciiStrToLower(part);
    if (tag.tag.empty()) {
      tag.tag = absl::StrCat("#", word);
    } else {
      tag.attributes.push_back(std::move(word));
    }
  }
  return tag;
}

std::optional<HxlTag> ModernHxlTag(const HxlTag& tag) {
  struct Renaming {
    absl::string_view old;
    absl::string_view tag;
    absl::string_view attribute;
  };
  static constexpr Renaming kRenamings[] = {
      {"#lat_deg", "#geo", "lat"},           {"#lon_deg", "#geo", "lon"},
      {"#period_date", "#date", ""},         {"#start_date", "#date", "start"},
      {"#end_date", "#date", "end"},         {"#report_date", "#date", "reported"},
      {"#org_id", "#org", "code"},           {"#country_id", "#country", "code"},
      {"#adm1_id", "#adm1", "code"},         {"#adm2_id", "#adm2", "code"},
      {"#sector_id", "#sector", "code"},     {"#subsector_id", "#subsector", "code"},
      {"#activity_id", "#activity", "code"}, {"#loc_id", "#loc", "code"},
  };
  for (const Renaming& renaming : kRenamings) {
    if (tag.tag != renaming.old) continue;
    HxlTag modern{std::string(renaming.tag), {}};
    if (!renaming.attribute.empty()) modern.attributes.emplace_back(renaming.attribute);
    modern.attributes.insert(modern.attributes.end(), tag.attributes.begin(), tag.attributes.end());
    return modern;
  }
  return std::nullopt;
}

namespace {

bool IsHashtagRow(const CsvRow& row) {
  bool any = false;
  for (const std::string& cell : row.cells) {
    const absl::string_view text = absl::StripAsciiWhitespace(cell);
    if (text.empty()) continue;
    if (text.front() != '#') return false;
    any = any || ParseHxlTag(text).has_value();
  }
  return any;
}

}  // namespace

std::optional<HxlLayout> FindHxlLayout(const CsvTable& table) {
  const size_t end = std::min(table.rows.size(), kRowsSearched);
  for (size_t i = 0; i < end; ++i) {
    if (!IsHashtagRow(table.rows[i])) continue;
    HxlLayout layout;
    layout.first_data_row = i + 1;
    for (const std::string& cell : table.rows[i].cells) {
      std::optional<HxlTag> tag = ParseHxlTag(cell);
      if (!tag && !absl::StripAsciiWhitespace(cell).empty()) {
        layout.notes.push_back(absl::StrCat("'", cell, "' is no hashtag; its column is not read"));
      }
      if (tag) {
        if (std::optional<HxlTag> modern = ModernHxlTag(*tag)) {
          layout.notes.push_back(absl::StrCat(tag->ToString(), " is from before HXL 1.0; read as ",
                                              modern->ToString()));
          tag = std::move(modern);
        }
      }
      layout.columns.push_back(std::move(tag));
    }
    if (i > 0) layout.headers = table.rows[i - 1].cells;
    layout.headers.resize(layout.columns.size());
    return layout;
  }
  return std::nullopt;
}

}  // namespace mostove::exchange
