#include "libs/exchange/hsds.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "libs/domain/checks.h"
#include "libs/resource/validate.h"
#include "libs/transcoding/json_reader.h"

namespace mostove::exchange {
namespace {

using google::protobuf::Value;
using organizations::v1::Contact;
using organizations::v1::Location;
using organizations::v1::Organization;
using organizations::v1::Phone;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr char kOrganization[] = R"({
  "id": "d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610",
  "name": "Мост",
  "alternate_name": "Bridge",
  "description": "Helps people who arrive",
  "email": "office@example.org",
  "website": "https://example.org",
  "year_incorporated": 2011,
  "legal_status": "foundation",
  "logo": "https://example.org/logo.png",
  "phones": [{"id": "1554f2e2-a373-45db-a3fa-9fc48a61c15e", "number": "+359 2 123 4567"}],
  "contacts": [{"id": "1e7efce3-639b-4880-940c-b95cd30cdb50", "name": "A. B.", "title": "Reception",
    "department": "Sofia", "email": "a@example.org",
    "phones": [{"number": "+359 2 765 4321", "extension": 5}, {"number": "+359 2 000 0000"}]}],
  "organization_identifiers": [
    {"identifier_scheme": "XI-IATI", "identifier_type": "XI-IATI", "identifier": "XI-1"},
    {"identifier_type": "Charity number", "identifier": "77"}],
  "locations": [{
    "id": "3a19ff88-4620-4d17-9830-ac1d859eb5d5",
    "location_type": "physical",
    "name": "Centre",
    "latitude": 43.99, "longitude": 22.88,
    "external_identifier": "n1", "external_identifier_type": "OSM",
    "languages": [{"code": "uk", "name": "Ukrainian", "note": "mornings"}, {"name": "Dari"}],
    "addresses": [{"attention": "A. B.", "address_1": "1 Street", "city": "Vidin",
                   "state_province": "", "postal_code": "3700", "country": "BG",
                   "address_type": "physical"}],
    "phones": [{"number": "\"+359 94 600 000\"", "extension": 100, "type": "Voice"}],
    "accessibility": [{"description": "Step-free"}],
    "schedules": [{"freq": "WEEKLY", "byday": "MO,TU", "interval": 1, "until": "2030-01-31",
                   "timezone": 3, "opens_at": "10:00:00", "closes_at": "18:00",
                   "valid_from": "2026-01-01"}],
    "contacts": [{"name": "A. B."}]
  }]
})";

HsdsFile Read(absl::string_view json, const HsdsOptions& options = {}) {
  auto file = ReadHsds(json, options);
  EXPECT_TRUE(file.ok()) << file.status();
  return file.ok() ? *std::move(file) : HsdsFile{};
}

std::vector<std::string> Paths(const Losses& losses) {
  std::vector<std::string> paths;
  for (const Loss& loss : losses) paths.push_back(loss.path);
  return paths;
}

TEST(ReadHsdsTest, OrganizationComesWithAllThatHasAPlaceHere) {
  const HsdsFile file = Read(kOrganization, {.language = "en"});
  ASSERT_THAT(file.organizations, SizeIs(1));
  const Organization& read = file.organizations[0].organization;
  EXPECT_EQ(read.name(), "organizations/d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610");
  EXPECT_EQ(read.legal_name(), "Мост");
  EXPECT_EQ(read.display_name().texts().at("en"), "Bridge");
  EXPECT_EQ(read.founding_date().year(), 2011);
  EXPECT_EQ(read.legal_form(), Organization::FOUNDATION);
  ASSERT_EQ(read.contacts_size(), 3);
  EXPECT_EQ(read.contacts(0).email(), "office@example.org");
  EXPECT_EQ(read.contacts(1).phone(), "+359 2 123 4567");
  EXPECT_EQ(read.contacts(2).title(), "A. B.");
  EXPECT_EQ(read.contacts(2).phone(), "+359 2 765 4321");
  ASSERT_EQ(read.identifiers_size(), 1);
  EXPECT_EQ(read.identifiers(0).scheme(), "XI-IATI");
  ASSERT_EQ(read.locations_size(), 1);
  const Location& location = read.locations(0);
  EXPECT_EQ(location.kind(), Location::PHYSICAL);
  EXPECT_EQ(location.place().point().latitude(), 43.99);
  EXPECT_EQ(location.place().country_code(), "BG");
  EXPECT_EQ(location.addresses(0).city(), "Vidin");
  EXPECT_THAT(location.languages(), ElementsAre("uk"));
  EXPECT_EQ(location.phones(0).number(), "+359 94 600 000");
  EXPECT_EQ(location.phones(0).extension(), "100");
  EXPECT_EQ(location.phones(0).kind(), Phone::VOICE);
  EXPECT_EQ(location.external_identifiers(0).scheme(), "OSM");
  EXPECT_EQ(location.schedules(0).recurrence_rule(),
            "FREQ=WEEKLY;UNTIL=20300131;INTERVAL=1;BYDAY=MO,TU");
  EXPECT_EQ(location.schedules(0).opens_at(), "10:00");
  EXPECT_EQ(location.schedules(0).utc_offset(), "+03:00");
}

TEST(ReadHsdsTest, WhatHasNoPlaceIsTold) {
  EXPECT_THAT(Paths(Read(kOrganization).losses),
              UnorderedElementsAre(
                  "logo", "phones[0].id", "contacts[0].id", "contacts[0].department",
                  "contacts[0].phones[0].extension", "contacts[0].phones[1]",
                  "organization_identifiers[1].identifier_type", "organization_identifiers[1]",
                  "locations[0].contacts", "locations[0].languages[0].note",
                  "locations[0].languages[1]", "locations[0].phones[0].number",
                  "locations[0].phones[0].type", "locations[0].schedules[0].opens_at"));
}

TEST(ReadHsdsTest, WhatOurLimitsRefuseIsLeftOutByItsMember) {
  struct Case {
    const char* json;
    std::vector<std::string> lost;
  };
  const Case cases[] = {
      {R"({"latitude": 100, "longitude": 101})", {"latitude", "longitude"}},
      {R"({"url": "ftp://example.org"})", {"url"}},
      {R"({"url": 5})", {"url"}},
      {R"({"phones": [{"number": "call us"}]})", {"phones[0].number"}},
      {R"({"phones": "call us"})", {"phones"}},
      {R"({"phones": ["call us"]})", {"phones[0]"}},
      {R"({"addresses": [{"country": "Bulgaria", "city": "Vidin"}]})", {"addresses[0].country"}},
      {R"({"addresses": [{"country": "ZZ", "city": "Vidin"}]})", {"addresses[0].country"}},
      {R"({"url": "http://localhost"})", {"url"}},
      {R"({"schedules": [{"valid_from": "2026-01-02", "valid_to": "2026-01-01"}]})",
       {"schedules[0].valid_to"}},
      {R"({"addresses": [{"address_type": "secret", "city": "Vidin"}]})",
       {"addresses[0].address_type"}},
      {R"({"schedules": [{"byday": "MO"}]})", {"schedules[0].byday"}},
      {R"({"schedules": [{"freq": "DAILY", "count": 2}]})",
       {"schedules[0].freq", "schedules[0].count"}},
      {R"({"schedules": [{"valid_from": "soon", "timezone": 99}]})",
       {"schedules[0].timezone", "schedules[0].valid_from"}},
      {R"({"name": "   "})", {"name"}},
  };
  for (const Case& c : cases) {
    std::string json(c.json);
    json.insert(1, R"("id": "3a19ff88-4620-4d17-9830-ac1d859eb5d5", "location_type": "virtual", )");
    const HsdsFile file = Read(json);
    EXPECT_THAT(Paths(file.losses), ::testing::UnorderedElementsAreArray(c.lost)) << c.json;
    ASSERT_THAT(file.locations, SizeIs(1));
    status::Violations violations;
    resource::Validate(file.locations[0].location, {.checks = &domain::Checks()}, "", violations);
    EXPECT_TRUE(violations.empty()) << violations.ToStatus();
  }
}

TEST(ReadHsdsTest, WhatStandsTwiceIsTakenOnce) {
  const HsdsFile file = Read(R"({"id": "a", "name": "A",
    "organization_identifiers": [{"identifier_scheme": "XI-IATI", "identifier": "1"},
                                 {"identifier_scheme": "XI-IATI", "identifier": "2"}],
    "locations": [{"id": "3a19ff88-4620-4d17-9830-ac1d859eb5d5", "location_type": "postal"},
                  {"id": "3a19ff88-4620-4d17-9830-ac1d859eb5d5", "location_type": "virtual"},
                  {"id": "4a19ff88-4620-4d17-9830-ac1d859eb5d5", "location_type": "virtual"}]})");
  EXPECT_THAT(Paths(file.losses),
              UnorderedElementsAre("organization_identifiers[1]", "locations[1]"));
  EXPECT_EQ(file.organizations[0].organization.identifiers_size(), 1);
  EXPECT_EQ(file.organizations[0].organization.locations_size(), 2);
}

TEST(ReadHsdsTest, IdBecomesTheNameAndStaysTheSame) {
  const auto name = [](const char* id) {
    const HsdsFile file = Read(absl::StrCat(R"({"name": "A", "id": ")", id, "\"}"));
    return file.organizations[0].organization.name();
  };
  EXPECT_EQ(name("sofia-help"), "organizations/sofia-help");
  EXPECT_EQ(name("D9D5E0F5-D3CE-4F73-9A2F-4DD0ECC6C610"),
            "organizations/d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610");
  EXPECT_EQ(name("№ 5"), name("№ 5"));
  EXPECT_NE(name("№ 5"), name("№ 6"));
  EXPECT_EQ(name(""), "");
}

TEST(ReadHsdsTest, PagesListsAndLocationsAreRead) {
  const HsdsFile page = Read(
      R"({"total_items": 9, "size": 2, "contents": [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}]})");
  EXPECT_THAT(page.organizations, SizeIs(2));
  EXPECT_EQ(page.organizations[1].path, "contents[1]");
  EXPECT_THAT(Paths(page.losses), ElementsAre("total_items"));

  const HsdsFile list =
      Read(R"([{"id": "x", "location_type": "virtual", "organization_id": "a"}])");
  ASSERT_THAT(list.locations, SizeIs(1));
  EXPECT_EQ(list.locations[0].organization, "organizations/a");
  EXPECT_EQ(list.locations[0].path, "[0]");

  for (const char* other :
       {R"({"id": "a", "name": "A", "status": "active"})", "{\"id\": \"a\"}", "not JSON"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ReadHsds(other, {}).status())) << other;
  }
}

TEST(LooksLikeHsdsTest, TellsOtherJson) {
  EXPECT_TRUE(LooksLikeHsds(kOrganization));
  EXPECT_TRUE(LooksLikeHsds(R"({"contents": []})"));
  EXPECT_TRUE(LooksLikeHsds(R"([{"id": "x", "location_type": "virtual"}])"));
  for (const char* other : {"", "[]", "[1]", "{}", R"({"name": "organizations/a"})", "a,b\n1,2\n",
                            "{\"name\":\"organizations/a\"}\n{\"name\":\"organizations/b\"}\n"}) {
    EXPECT_FALSE(LooksLikeHsds(other)) << other;
  }
}

Organization Parse(const std::string& text) {
  Organization organization;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &organization)) << text;
  return organization;
}

TEST(WriteHsdsTest, WhatHsdsCannotSayIsTold) {
  const Organization organization = Parse(R"(
    name: "organizations/sofia-help" etag: "\"1\"" legal_name: "A" state: LISTED
    create_time { seconds: 1 }
    description { source_language: "bg" texts { key: "bg" value: "Б" } texts { key: "en" value: "E" } }
    seat { country_code: "BG" } founding_date { year: 2011 month: 5 } languages: "bg"
    locations {
      place { country_code: "BG" area { scheme: ISO3166_2 code: "BG-05" } point { latitude: 43 } }
      addresses { city: "Vidin" country_code: "BG" }
      phones { number: "+359 94 600 000" extension: "007" }
      languages: "pt-BR"
      external_identifiers { scheme: "a" value: "1" } external_identifiers { scheme: "b" value: "2" }
      schedules { recurrence_rule: "FREQ=MONTHLY;BYSETPOS=1" valid_from_date { year: 2026 } }
    })");
  Losses losses;
  WriteHsdsOrganization(organization, {}, losses);
  std::vector<std::string> expected;
  for (const char* path :
       {"description.texts.en", "foundingDate", "locations[0].languages[0]",
        "locations[0].phones[0].extension", "locations[0].schedules[0].validFromDate",
        "locations[0].schedules[0].recurrenceRule", "locations[0].place.area",
        "locations[0].externalIdentifiers[1]", "seat", "languages", "state"}) {
    expected.push_back(absl::StrCat("organizations/sofia-help: ", path));
  }
  EXPECT_THAT(Paths(losses), ::testing::UnorderedElementsAreArray(expected));
}

TEST(WriteHsdsTest, WhatIsWrittenIsReadAgainUnchanged) {
  const Organization before = Parse(R"(
    name: "organizations/sofia-help" legal_name: "A" legal_form: UN_AGENCY
    display_name { texts { key: "bg" value: "Мост" } }
    founding_date { year: 2011 } website: "https://example.org"
    identifiers { scheme: "XI-IATI" value: "XI-1" }
    contacts { email: "office@example.org" } contacts { phone: "+359 2 123 4567" }
    contacts { title: "A" role: "B" email: "a@example.org" phone: "+359 2 765 4321" }
    locations {
      id: "3a19ff88-4620-4d17-9830-ac1d859eb5d5" kind: POSTAL
      display_name { texts { key: "bg" value: "Видин" } } alternate_name: "V" url: "https://v.example"
      description { texts { key: "bg" value: "д" } } transportation { texts { key: "bg" value: "т" } }
      place { country_code: "BG" point { longitude: 22.88 } }
      addresses { kind: PHYSICAL attention: "x" address_1: "1" address_2: "2" city: "Vidin"
                  region: "r" state_province: "s" postal_code: "3700" country_code: "BG" }
      phones { number: "+359 94 600 000" extension: "12" kind: FAX languages: "uk"
               description { texts { key: "bg" value: "т" } } }
      languages: "bg" languages: "uk"
      accessibility { description { texts { key: "bg" value: "a" } }
                      details { texts { key: "bg" value: "b" } } url: "https://a.example" }
      schedules { description { texts { key: "bg" value: "a" } }
                  recurrence_rule: "FREQ=WEEKLY;UNTIL=20300131;COUNT=3;INTERVAL=2;BYDAY=MO,TU"
                  start_date { year: 2026 month: 1 day: 5 } opens_at: "10:00" closes_at: "18:00Z"
                  utc_offset: "-03:30" valid_from_date { year: 2026 month: 1 day: 1 }
                  valid_to_date { year: 2026 month: 12 day: 31 } url: "https://b.example"
                  attendance { texts { key: "bg" value: "c" } } note { texts { key: "bg" value: "d" } } }
      external_identifiers { scheme: "OSM" value: "n1" }
    })");
  Losses lost_out;
  const std::string json = WriteHsdsOrganization(before, {.language = "bg"}, lost_out);
  EXPECT_THAT(lost_out, IsEmpty()) << absl::StrJoin(Paths(lost_out), "\n");
  const HsdsFile file = Read(json, {.language = "bg"});
  ASSERT_THAT(file.organizations, SizeIs(1));
  google::protobuf::util::MessageDifferencer differencer;
  std::string difference;
  differencer.ReportDifferencesToString(&difference);
  EXPECT_TRUE(differencer.Compare(before, file.organizations[0].organization)) << difference;
  // Ids alone are lost: HSDS wants one of every object.
  for (const Loss& loss : file.losses) EXPECT_TRUE(absl::EndsWith(loss.path, ".id")) << loss.path;

  Losses again;
  EXPECT_EQ(WriteHsdsOrganization(file.organizations[0].organization, {.language = "bg"}, again),
            json);
}

// Everything below works on the published examples of HSDS, where they are.
class PublishedTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("MOSTOVE_PUBLISHED_DATA");
    folder_ = absl::StrCat(folder == nullptr ? "../shared/data" : folder, "/hsds");
    if (!std::filesystem::exists(folder_)) GTEST_SKIP() << "left out: there is no " << folder_;
  }

  std::string Example(const std::string& name) const {
    std::ifstream file(absl::StrCat(folder_, "/examples/", name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  // What the file says, imported and exported again in the same form.
  static std::string Again(const HsdsFile& file, absl::string_view original) {
    Losses losses;
    std::vector<std::string> contents;
    for (const auto& [organization, path] : file.organizations) {
      contents.push_back(WriteHsdsOrganization(organization, {}, losses));
    }
    for (const HsdsLocation& location : file.locations) {
      Organization holder;
      holder.set_name("organizations/d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610");
      *holder.add_locations() = location.location;
      contents.push_back(WriteHsdsLocations(holder, {}, losses)[0]);
    }
    EXPECT_THAT(losses, IsEmpty()) << losses[0].path;
    return absl::StrContains(original, "\"contents\"") ? HsdsPage(contents) : contents[0];
  }

  std::string folder_;
};

// Every value of a document by its path.
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

std::map<std::string, std::string> Flat(absl::string_view json) {
  Value document;
  EXPECT_TRUE(transcoding::ReadJson(json, document).ok());
  std::map<std::string, std::string> out;
  Flatten(document, "", out);
  return out;
}

bool Covers(const std::string& loss, const std::string& path) {
  return absl::StartsWith(path, loss) &&
         (path.size() == loss.size() || path[loss.size()] == '.' || path[loss.size()] == '[');
}

TEST_F(PublishedTest, EveryValueOfTheExamplesComesBackOrIsTold) {
  for (const char* name : {"organization_full.json", "organization_list.json", "location.json"}) {
    SCOPED_TRACE(name);
    const std::string original = Example(name);
    ASSERT_TRUE(LooksLikeHsds(original));
    const HsdsFile file = Read(original);
    const auto before = Flat(original);
    const auto after = Flat(Again(file, original));
    size_t kept = 0;
    for (const auto& [path, value] : before) {
      const auto found = after.find(path);
      const bool same = found != after.end() && found->second == value;
      kept += same;
      const bool told = std::any_of(file.losses.begin(), file.losses.end(),
                                    [&](const Loss& loss) { return Covers(loss.path, path); });
      EXPECT_NE(same, told) << path << " " << value;
    }
    EXPECT_GT(kept, name == std::string("location.json") ? 40u : 6u);
    for (const Loss& loss : file.losses) {
      EXPECT_TRUE(std::any_of(before.begin(), before.end(), [&](const auto& value) {
        return Covers(loss.path, value.first);
      })) << loss.path;
    }
  }
}

// By python3-jsonschema, with the schemas as they are published.
TEST_F(PublishedTest, WhatIsWrittenFitsThePublishedSchemas) {
  if (std::system("python3 -c 'import jsonschema' 2>/dev/null") != 0) {
    GTEST_SKIP() << "left out: python3-jsonschema is not installed";
  }
  const auto fits = [&](const std::string& json, const char* schema) {
    const std::string path = absl::StrCat(::testing::TempDir(), "/hsds-", schema);
    std::ofstream(path, std::ios::binary) << json;
    const std::string command = absl::StrCat("python3 -W ignore libs/exchange/hsds_schema.py ",
                                             folder_, "/schema ", schema, " ", path);
    return std::system(command.c_str()) == 0;
  };
  Losses losses;
  const auto sparse = Parse(R"(name: "organizations/a" legal_name: "A"
    locations { addresses { city: "Vidin" } phones { number: "12345" } schedules { opens_at: "10:00" }
                accessibility { url: "https://a.example" } languages: "uk" }
    contacts { title: "A" phone: "12345" } identifiers { scheme: "XI-IATI" value: "1" })");
  EXPECT_TRUE(fits(WriteHsdsOrganization(sparse, {}, losses), "organization.json"));
  EXPECT_TRUE(fits(WriteHsdsLocations(sparse, {}, losses)[0], "location.json"));
  const std::string full = Example("organization_full.json");
  EXPECT_TRUE(fits(Again(Read(full), full), "organization.json"));
  const std::string location = Example("location.json");
  EXPECT_TRUE(fits(Again(Read(location), location), "location.json"));
  EXPECT_FALSE(fits(R"({"id": "no UUID", "location_type": "physical"})", "location.json"));
  EXPECT_FALSE(fits("{}", "organization.json"));
}

}  // namespace
}  // namespace mostove::exchange
