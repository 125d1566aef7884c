// Files of other directories and of spreadsheets come in, go out, and come in
// again without a change.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "tests/journeys/system.h"

namespace mostove::journeys {
namespace {

namespace v1 = organizations::v1;
using google::protobuf::Value;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kExample[] = "organizations/d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610";

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Every value of a JSON document by its path.
void Flatten(const Value& value, const std::string& path, std::map<std::string, std::string>& out) {
  if (value.has_struct_value()) {
    for (const auto& [name, member] : value.struct_value().fields()) {
      Flatten(member, path.empty() ? name : absl::StrCat(path, ".", name), out);
    }
  } else if (value.has_list_value()) {
    for (int i = 0; i < value.list_value().values_size(); ++i) {
      Flatten(value.list_value().values(i), absl::StrCat(path, "[", i, "]"), out);
    }
  } else {
    out[path] = value.ShortDebugString();
  }
}

std::map<std::string, std::string> Flat(const std::string& json) {
  Value document;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, &document).ok()) << json;
  std::map<std::string, std::string> out;
  Flatten(document, "", out);
  return out;
}

class ExchangeJourney : public JourneyTest {
 protected:
  std::string Path(const std::string& name) const { return (system_->folder() / name).string(); }

  // Runs the command line and gives what it said; a test fails on another end.
  std::string Run(const std::vector<std::string>& arguments, int exit_code = 0) const {
    const auto finished = system_->RunCli(arguments);
    EXPECT_EQ(finished.exit_code, exit_code) << finished.report;
    return finished.report;
  }

  v1::Organization Get(const std::string& name) {
    return As<v1::Organization>(Ask("GET", absl::StrCat("/v1/", name)));
  }

  // The fields that a report in CSV names.
  static std::set<std::string> ReportedFields(const std::string& path) {
    std::set<std::string> fields;
    for (absl::string_view line : absl::StrSplit(Contents(path), "\r\n", absl::SkipEmpty())) {
      const std::vector<std::string> cells = absl::StrSplit(line, ',');
      if (cells.size() > 3) fields.insert(cells[3]);
    }
    return fields;
  }
};

INSTANTIATE_IN_BOTH_HOMES(ExchangeJourney);

// The published examples of HSDS 3.0, where their folder is there.
TEST_P(ExchangeJourney, TheExamplesOfHsdsGoInAndOutAndEveryLossIsListed) {
  const char* folder = std::getenv("MOSTOVE_PUBLISHED_DATA");
  const std::string examples =
      absl::StrCat(folder == nullptr ? "../shared/data" : folder, "/hsds/examples/");
  if (!std::filesystem::exists(examples)) GTEST_SKIP() << "left out: there is no " << examples;
  struct Case {
    std::string file;
    std::vector<std::string> import, exported;
  };
  const Case cases[] = {
      {"organization_list.json", {}, {"organizations"}},
      {"location.json", {"--into", kExample}, {"organizations", "--locations"}},
      {"organization_full.json", {}, {kExample}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.file);
    const std::string file = examples + c.file, report = Path("report.csv"), out = Path("out.json");
    std::vector<std::string> import = {"import", file, "--update", "--report", report};
    import.insert(import.end(), c.import.begin(), c.import.end());
    Run(import);
    std::vector<std::string> again = {"export", "--format", "hsds", "--output", out};
    again.insert(again.end(), c.exported.begin(), c.exported.end());
    Run(again);

    const std::set<std::string> told = ReportedFields(report);
    const auto before = Flat(Contents(file));
    std::map<std::string, std::string> after;
    for (const auto& [path, value] : Flat(Contents(out))) {
      // One location is exported as a list of one.
      const bool single = c.file == "location.json";
      after[single ? absl::StrReplaceAll(path, {{"contents[0].", ""}}) : path] = value;
    }
    int kept = 0;
    for (const auto& [path, value] : before) {
      const auto found = after.find(path);
      const bool same = found != after.end() && found->second == value;
      kept += same;
      const bool listed = std::any_of(told.begin(), told.end(), [&](const std::string& field) {
        return absl::StartsWith(path, field);
      });
      EXPECT_TRUE(same || listed) << path << " " << value;
    }
    EXPECT_GT(kept, 8);

    const std::string etag = Get(kExample).etag();
    EXPECT_THAT(Run(import), HasSubstr("organizations"));
    EXPECT_EQ(Get(kExample).etag(), etag) << "a second import changes nothing";
  }
  const auto organizations =
      As<v1::ListOrganizationsResponse>(Ask("GET", "/v1/organizations?showTotalSize=true"));
  EXPECT_EQ(organizations.total_size(), 1);
  EXPECT_EQ(Get(kExample).locations_size(), 1);
}

TEST_P(ExchangeJourney, LocationsAreFoundByTheirAreaAndHideWhatIsPersonal) {
  Run({"create", "organizations", "--id", "a", "--set", "legalName=A", "--set", "state=LISTED",
       "--set", "locations[0].place.area.scheme=ISO3166_2", "--set",
       "locations[0].place.area.code=BG-05", "--set", "locations[0].addresses[0].city=Видин",
       "--set", "locations[0].addresses[0].attention=A. B."});
  Run({"create", "organizations", "--id", "b", "--set", "legalName=B", "--set", "state=LISTED"});
  const auto found = As<v1::ListOrganizationsResponse>(
      Ask("GET", "/v1/organizations?filter=locations.place.area.code:%22BG-05%22"));
  ASSERT_EQ(found.organizations_size(), 1);
  EXPECT_EQ(found.organizations(0).locations(0).addresses(0).city(), "Видин");
  EXPECT_THAT(Ask("GET", "/v1/organizations:changes?pageSize=1000").body, Not(HasSubstr("A. B.")));
}

TEST_P(ExchangeJourney, EveryKindOfResourceGoesThroughASpreadsheetUnchanged) {
  for (const char* name : {"facts", "examples"}) {
    Run({"import", absl::StrCat("deploy/sample/", name, ".jsonl")});
  }
  Run({"create", "organizations", "--id", "formula", "--set", "legalName==HYPERLINK(\"x\")",
       "--set", "website=https://a.example", "--set", "contacts[0].phone=+359 2 123 4567", "--set",
       "identifiers[0].scheme=XI-IATI", "--set", "identifiers[0].value=@1"});
  std::set<std::string> collections;
  for (absl::string_view line : absl::StrSplit(Run({"types"}), '\n')) {
    if (line.empty() || line[0] == ' ') continue;
    const std::string pattern(line.substr(0, line.rfind('/')));
    std::string collection;
    for (absl::string_view part : absl::StrSplit(pattern, '/')) {
      absl::StrAppend(&collection, collection.empty() ? "" : "/",
                      absl::StartsWith(part, "{") ? "-" : part);
    }
    // Made by the service itself, with no create.
    if (collection == "sessions" || collection == "signingKeys") continue;
    collections.insert(collection);
  }
  ASSERT_GE(collections.size(), 2u);
  for (const std::string& collection : collections) {
    SCOPED_TRACE(collection);
    for (const char* format : {"csv", "jsonl"}) {
      const std::string file = Path(absl::StrCat("out.", format));
      const std::string said =
          Run({"export", collection, "--format", format, "--output", file, "--excel"});
      EXPECT_THAT(said, Not(HasSubstr("is not written")));
      const std::string text = Contents(file);
      if (std::count(text.begin(), text.end(), '\n') < 2) continue;  // none of this kind
      EXPECT_THAT(text, Not(HasSubstr(",=HYPERLINK")));
      const std::string imported = Run({"import", file});
      EXPECT_THAT(imported, Not(HasSubstr("differs from")));
      EXPECT_THAT(imported, HasSubstr("       0        0        0\n")) << imported;
    }
  }
  EXPECT_EQ(Get("organizations/formula").legal_name(), "=HYPERLINK(\"x\")");
}

}  // namespace
}  // namespace mostove::journeys
