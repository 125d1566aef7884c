#include "services/cli/three_w.h"

#include <unicode/unistr.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "libs/exchange/countries.h"
#include "libs/exchange/ids.h"
#include "libs/status/macros.h"
#include "mostove/organizations/v1/activity.pb.h"
#include "mostove/organizations/v1/organization.pb.h"
#include "services/cli/field_path.h"

namespace mostove::cli {
namespace {

using common::v1::Area;
using organizations::v1::Activity;
using organizations::v1::Organization;

// Which columns hold what; -1 for none.
struct Columns {
  int organization = -1;
  int country = -1, country_code = -1;
  int adm1 = -1, adm1_code = -1, adm2 = -1, adm2_code = -1;
  int latitude = -1, longitude = -1;
  int sector = -1, sector_code = -1, subsector = -1, activity = -1;
  int start = -1, end = -1;
  int source = -1;
};

using Attributes = std::vector<absl::string_view>;

// The column of `tag` that has all of `with` and none of `without`; of several
// the one with the fewest other attributes, then the first.
int Find(const exchange::HxlLayout& layout, absl::string_view tag, const Attributes& with,
         const Attributes& without) {
  int best = -1;
  size_t best_size = 0;
  for (size_t i = 0; i < layout.columns.size(); ++i) {
    const std::optional<exchange::HxlTag>& column = layout.columns[i];
    const auto has = [&](absl::string_view attribute) { return column->Has(attribute); };
    if (!column || column->tag != tag || !std::all_of(with.begin(), with.end(), has) ||
        std::any_of(without.begin(), without.end(), has)) {
      continue;
    }
    if (best < 0 || column->attributes.size() < best_size) {
      best = static_cast<int>(i);
      best_size = column->attributes.size();
    }
  }
  return best;
}

Columns FindColumns(const exchange::HxlLayout& layout) {
  const Attributes kNoName = {"code", "id", "type", "url", "acronym", "num", "contact"};
  const auto name = [&](absl::string_view tag) { return Find(layout, tag, {}, kNoName); };
  const auto code = [&](absl::string_view tag) { return Find(layout, tag, {"code"}, {"type"}); };
  Columns columns;
  columns.organization = Find(layout, "#org", {"name"}, kNoName);
  if (columns.organization < 0) {
    columns.organization =
        Find(layout, "#org", {}, {"code", "id", "type", "url", "acronym", "funder", "donor"});
  }
  columns.country = name("#country");
  columns.country_code = code("#country");
  columns.adm1 = name("#adm1");
  columns.adm1_code = code("#adm1");
  columns.adm2 = name("#adm2");
  columns.adm2_code = code("#adm2");
  columns.latitude = Find(layout, "#geo", {"lat"}, {});
  columns.longitude = Find(layout, "#geo", {"lon"}, {});
  columns.sector = name("#sector");
  columns.sector_code = code("#sector");
  columns.subsector = name("#subsector");
  columns.activity = name("#activity");
  columns.start = Find(layout, "#date", {"start"}, {});
  columns.end = Find(layout, "#date", {"end"}, {});
  if (columns.start < 0) columns.start = Find(layout, "#date", {}, {"end", "reported"});
  columns.source = Find(layout, "#meta", {"source"}, {});
  return columns;
}

// "+v_hum_cluster" names the list that a column's codes are from.
std::string Vocabulary(const std::optional<exchange::HxlTag>& tag, absl::string_view otherwise) {
  for (const std::string& attribute : tag->attributes) {
    if (!absl::StartsWith(attribute, "v_")) continue;
    return absl::AsciiStrToUpper(absl::StrReplaceAll(attribute.substr(2), {{"_", "-"}}));
  }
  return std::string(otherwise);
}

Area::Scheme AreaScheme(const std::optional<exchange::HxlTag>& tag, absl::string_view code) {
  const std::string vocabulary = Vocabulary(tag, "");
  if (absl::StartsWith(vocabulary, "NUTS")) return Area::NUTS;
  if (absl::StartsWith(vocabulary, "EKATTE")) return Area::EKATTE;
  if (absl::StartsWith(vocabulary, "ISO")) return Area::ISO3166_2;
  const bool looks_like_iso = vocabulary.empty() && code.size() > 3 && code[2] == '-';
  return looks_like_iso ? Area::ISO3166_2 : Area::PCODE;
}

// BCP 47 tag of a column's texts: an attribute of two letters.
std::string Language(const std::optional<exchange::HxlTag>& tag) {
  for (const std::string& attribute : tag->attributes) {
    if (attribute.size() == 2) return attribute;
  }
  return "und";
}

// The same bytes for equal messages.
std::string Bytes(const google::protobuf::Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

std::string FoldCase(absl::string_view text) {
  std::string folded;
  return icu::UnicodeString::fromUTF8(
             icu::StringPiece(text.data(), static_cast<int32_t>(text.size())))
      .foldCase()
      .toUTF8String(folded);
}

std::string SomeOf(const std::vector<int64_t>& rows) {
  constexpr size_t kShown = 20;
  const size_t shown = std::min(rows.size(), kShown);
  return absl::StrCat(absl::StrJoin(rows.begin(), rows.begin() + shown, ", "),
                      rows.size() > kShown ? ", ..." : "");
}

class ThreeWReader {
 public:
  ThreeWReader(const exchange::CsvTable& table, const exchange::HxlLayout& layout,
               const ThreeWOptions& options)
      : table_(table), layout_(layout), options_(options), columns_(FindColumns(layout)) {}

  absl::StatusOr<RecordSet> Read(const Catalog& catalog) {
    if (columns_.organization < 0) {
      return absl::InvalidArgumentError(
          "no column is tagged #org or #org+name, so nothing says who does what");
    }
    ASSIGN_OR_RETURN(organization_type_, catalog.FindType("organization"));
    ASSIGN_OR_RETURN(activity_type_, catalog.FindType("activity"));
    RETURN_IF_ERROR(ReadConstants());
    set_.notes = layout_.notes;
    for (size_t i = layout_.first_data_row; i < table_.rows.size(); ++i) ReadRow(table_.rows[i]);
    NoteVariants();
    if (!duplicates_.empty()) {
      set_.notes.push_back(absl::StrCat(
          duplicates_.size(),
          " rows say what an earlier row says and are taken once: ", SomeOf(duplicates_)));
    }
    SortParentsFirst(set_.records);
    return std::move(set_);
  }

 private:
  absl::Status ReadConstants() {
    return SetConstants(options_.constants,
                        {{"organization", &organization_}, {"activity", &activity_}});
  }

  std::string Cell(const exchange::CsvRow& row, int column) const {
    if (column < 0 || column >= static_cast<int>(row.cells.size())) return "";
    return exchange::ToNfc(absl::StripAsciiWhitespace(row.cells[column]));
  }

  const std::optional<exchange::HxlTag>& Tag(int column) const { return layout_.columns[column]; }

  bool IsEmpty(const exchange::CsvRow& row) const {
    for (size_t i = 0; i < layout_.columns.size(); ++i) {
      if (layout_.columns[i] && !Cell(row, static_cast<int>(i)).empty()) return false;
    }
    return true;
  }

  void ReadRow(const exchange::CsvRow& row) {
    if (IsEmpty(row)) return;
    const std::string organization = Cell(row, columns_.organization);
    if (organization.empty()) {
      set_.refusals.push_back({row.number, "", Tag(columns_.organization)->ToString(),
                               "the cell is empty: nothing says which organization it is"});
      return;
    }
    const size_t refused_before = set_.refusals.size();
    auto activity = std::make_unique<Activity>(activity_);
    ReadPlace(row, *activity);
    ReadSector(row, *activity);
    ReadDate(row, columns_.start, *activity,
             *Activity::descriptor()->FindFieldByName("start_date"));
    ReadDate(row, columns_.end, *activity, *Activity::descriptor()->FindFieldByName("end_date"));
    if (set_.refusals.size() != refused_before) return;

    const std::string parent =
        MakeName(*organization_type_, "", AddOrganization(row, organization));
    // A list of organizations: the row says nothing that one does.
    if (Bytes(*activity) == Bytes(activity_)) return;
    const std::string name =
        MakeName(*activity_type_, parent,
                 exchange::NameBasedUuid(absl::StrCat(parent, "\n", Bytes(*activity))));
    if (!activities_.insert(name).second) {
      duplicates_.push_back(row.number);
      return;
    }
    const std::string source = Cell(row, columns_.source);
    if (const std::string& known_from = source.empty() ? options_.source : source;
        !known_from.empty()) {
      activity->set_source(known_from);
    }
    set_.records.push_back({row.number, activity_type_, name, std::move(activity)});
  }

  // Gives the organization's id.
  std::string AddOrganization(const exchange::CsvRow& row, const std::string& name) {
    auto [entry, is_new] = organizations_.try_emplace(name);
    if (!is_new) return entry->second;
    entry->second = exchange::OrganizationId(name);
    auto organization = std::make_unique<Organization>(organization_);
    organization->set_legal_name(name);
    set_.records.push_back({row.number, organization_type_,
                            MakeName(*organization_type_, "", entry->second),
                            std::move(organization)});
    return entry->second;
  }

  void ReadPlace(const exchange::CsvRow& row, Activity& activity) {
    auto& place = *activity.mutable_place();
    const std::string country = Cell(row, columns_.country);
    std::string code = exchange::CountryCode(Cell(row, columns_.country_code));
    if (code.empty()) code = exchange::CountryCode(country);
    if (!code.empty()) {
      place.set_country_code(code);
    } else if (!country.empty()) {
      place.set_country_name(country);
    }
    ReadArea(row, place);
    ReadPoint(row, place);
    if (place.ByteSizeLong() == 0) activity.clear_place();
  }

  // The smallest area that the row names; "Yambol, Straldzha" goes the way of
  // an address, from the smaller to the larger.
  void ReadArea(const exchange::CsvRow& row, common::v1::Place& place) {
    const std::string adm1 = Cell(row, columns_.adm1), adm2 = Cell(row, columns_.adm2);
    const std::string adm1_code = Cell(row, columns_.adm1_code);
    const std::string adm2_code = Cell(row, columns_.adm2_code);
    const bool smaller = !adm2.empty() || !adm2_code.empty();
    std::string name = smaller ? adm2 : adm1;
    if (!adm2.empty() && !adm1.empty()) name = absl::StrCat(adm2, ", ", adm1);
    const std::string& code = smaller ? adm2_code : adm1_code;
    if (!name.empty()) place.mutable_area()->set_name(name);
    if (!code.empty()) {
      place.mutable_area()->set_code(code);
      place.mutable_area()->set_scheme(
          AreaScheme(Tag(smaller ? columns_.adm2_code : columns_.adm1_code), code));
    }
  }

  void ReadPoint(const exchange::CsvRow& row, common::v1::Place& place) {
    const std::string latitude = Cell(row, columns_.latitude);
    const std::string longitude = Cell(row, columns_.longitude);
    if (latitude.empty() && longitude.empty()) return;
    google::type::LatLng point;
    const auto read = [&](const std::string& text, int column, absl::string_view tag,
                          double bound) {
      double value = 0;
      if (!absl::SimpleAtod(text, &value) || !(std::abs(value) <= bound)) {
        set_.refusals.push_back({row.number, "",
                                 column < 0 ? std::string(tag) : Tag(column)->ToString(),
                                 absl::StrCat("must be degrees from -", bound, " to ", bound,
                                              ", and latitude and longitude go together")});
      }
      return value;
    };
    point.set_latitude(read(latitude, columns_.latitude, "#geo+lat", 90));
    point.set_longitude(read(longitude, columns_.longitude, "#geo+lon", 180));
    *place.mutable_point() = point;
  }

  void ReadSector(const exchange::CsvRow& row, Activity& activity) {
    const std::string label = Cell(row, columns_.sector), code = Cell(row, columns_.sector_code);
    if (!label.empty()) activity.mutable_sector()->set_label(label);
    if (!code.empty()) {
      activity.mutable_sector()->set_code(code);
      activity.mutable_sector()->set_scheme(Vocabulary(Tag(columns_.sector_code), "HXL-SECTOR"));
    }
    const std::string subsector = Cell(row, columns_.subsector),
                      what = Cell(row, columns_.activity);
    const std::string text =
        absl::StrCat(subsector, subsector.empty() || what.empty() ? "" : ": ", what);
    if (text.empty()) return;
    const std::string language =
        Language(Tag(what.empty() ? columns_.subsector : columns_.activity));
    (*activity.mutable_description()->mutable_texts())[language] = text;
  }

  void ReadDate(const exchange::CsvRow& row, int column, Activity& activity,
                const google::protobuf::FieldDescriptor& field) {
    const std::string text = Cell(row, column);
    if (text.empty()) return;
    const absl::Status status = SetText(field, text, activity);
    if (!status.ok()) {
      set_.refusals.push_back(
          {row.number, "", Tag(column)->ToString(), std::string(status.message())});
    }
  }

  void NoteVariants() {
    std::map<std::string, std::set<std::string>> groups;
    for (const auto& [name, id] : organizations_) groups[FoldCase(name)].insert(name);
    for (const auto& [folded, names] : groups) {
      if (names.size() < 2) continue;
      set_.notes.push_back(absl::StrCat("names that differ in case only, kept apart: ",
                                        absl::StrJoin(names, " / ")));
    }
  }

  const exchange::CsvTable& table_;
  const exchange::HxlLayout& layout_;
  const ThreeWOptions& options_;
  const Columns columns_;
  const ResourceType* organization_type_ = nullptr;
  const ResourceType* activity_type_ = nullptr;
  Organization organization_;  // what every one is given
  Activity activity_;
  absl::flat_hash_map<std::string, std::string> organizations_;  // id by exact name
  std::set<std::string> activities_;                             // names
  std::vector<int64_t> duplicates_;
  RecordSet set_;
};

}  // namespace

absl::StatusOr<RecordSet> ReadThreeW(const exchange::CsvTable& table,
                                     const exchange::HxlLayout& layout, const Catalog& catalog,
                                     const ThreeWOptions& options) {
  return ThreeWReader(table, layout, options).Read(catalog);
}

}  // namespace mostove::cli
