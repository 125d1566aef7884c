#include "services/cli/csv_export.h"

#include <google/protobuf/text_format.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/exchange/csv.h"
#include "mostove/organizations/v1/organization.pb.h"
#include "services/cli/import_file.h"

namespace mostove::cli {
namespace {

using organizations::v1::Organization;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const Catalog& TheCatalog() {
  static const Catalog& catalog = *new Catalog(Catalog::FromLinkedDescriptors());
  return catalog;
}

std::unique_ptr<google::protobuf::Message> Parse(const std::string& text) {
  auto organization = std::make_unique<Organization>();
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, organization.get())) << text;
  return organization;
}

struct Written {
  std::string text;
  exchange::Losses losses;
};

Written Write(const Messages& messages) {
  Written written;
  WriteCsv(
      *Organization::descriptor(), messages,
      [&](absl::string_view piece) { absl::StrAppend(&written.text, piece); }, written.losses);
  return written;
}

std::vector<std::string> Header(const Messages& messages) {
  std::vector<std::string> names;
  for (const FieldPath& column : CsvColumns(*Organization::descriptor(), messages)) {
    names.push_back(column.JsonName());
  }
  return names;
}

TEST(CsvExportTest, ListsOfGroupsHaveColumnsForEachItem) {
  Messages messages;
  messages.push_back(Parse(R"(identifiers { scheme: "BG-EIK" value: "1" }
    locations { display_name { texts { key: "bg" value: "x" } } phones {} phones { number: "1" } })"));
  messages.push_back(Parse(R"(identifiers { value: "1" } identifiers { value: "2" })"));
  const std::vector<std::string> header = Header(messages);
  for (const char* column :
       {"name", "languages", "identifiers[0].scheme", "identifiers[1].value", "seat.area.code",
        "locations[0].displayName.texts.bg", "locations[0].phones[1].number",
        "locations[0].phones[1].languages", "locations[0].place.point.latitude"}) {
    EXPECT_THAT(header, Contains(column));
  }
  EXPECT_THAT(header, Not(Contains(HasSubstr("identifiers[2]"))));
  EXPECT_THAT(header, Not(Contains(HasSubstr("sourceHashes"))));
  EXPECT_THAT(header, Not(Contains(HasSubstr("contacts["))));
}

TEST(CsvExportTest, WhatIsWrittenIsReadAgainUnchanged) {
  Messages messages;
  messages.push_back(Parse(R"(
    name: "organizations/a" legal_name: "=1+1" display_name { source_language: "bg"
      texts { key: "bg" value: "'=x" } texts { key: "en" value: "two\nlines, and \"quotes\"" } }
    languages: "bg" languages: "a|b\\" target_groups: WOMEN founding_date { year: 1998 month: 5 }
    seat { point { longitude: -0.5 } } refugee_leadership { published: true }
    locations {}
    locations { kind: VIRTUAL languages: "uk" languages: "bg"
                schedules { opens_at: "10:00" valid_from_date { year: 2026 } }
                phones { number: "+359 2 123 4567" languages: "uk" } phones { number: "12345" } })"));
  messages.push_back(Parse(R"(name: "organizations/b" legal_name: "@b" website: "-x")"));
  // A location in which nothing is said is nothing that a table could hold.
  static_cast<Organization&>(*messages[0]).mutable_locations()->DeleteSubrange(0, 1);
  const Written written = Write(messages);
  EXPECT_THAT(written.losses, IsEmpty());
  const auto set = ReadImportFile("\xEF\xBB\xBF" + written.text, TheCatalog(), {});
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_THAT(set->refusals, IsEmpty());
  ASSERT_THAT(set->records, SizeIs(2));
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(set->records[i].name, static_cast<Organization&>(*messages[i]).name());
    KeepWhatClientsSet(*messages[i]);
    EXPECT_EQ(set->records[i].message->DebugString(), messages[i]->DebugString());
  }
}

TEST(CsvExportTest, WhatATableCannotHoldIsToldAndLeftOutAsAWhole) {
  Messages messages;
  messages.push_back(Parse(R"(name: "organizations/a" legal_name: "A" locations {}
    locations { url: "https://a.example" } display_name { texts { key: "x.y" value: "z" } })"));
  messages.push_back(Parse(R"(name: "organizations/b" legal_name: "B")"));
  for (int i = 0; i < kCsvItemsMax + 1; ++i) {
    static_cast<Organization&>(*messages[1]).add_contacts()->set_title(absl::StrCat(i));
  }
  messages.push_back(Parse(R"(name: "organizations/c" locations { url: "https://c.example" })"));
  const Written written = Write(messages);
  std::vector<std::string> told;
  for (const exchange::Loss& loss : written.losses) told.push_back(loss.path);
  EXPECT_THAT(told, ElementsAre("organizations/a: displayName", "organizations/a: locations",
                                "organizations/b: contacts"));
  EXPECT_THAT(written.losses[2].reason, HasSubstr("21 items"));
  EXPECT_THAT(written.text, AllOf(HasSubstr("https://c.example"), Not(HasSubstr("https://a"))));
  const auto set = ReadImportFile(written.text, TheCatalog(), {});
  ASSERT_TRUE(set.ok()) << set.status();
  ASSERT_THAT(set->records, SizeIs(3));
  EXPECT_EQ(static_cast<Organization&>(*set->records[0].message).locations_size(), 0);
  EXPECT_EQ(static_cast<Organization&>(*set->records[1].message).contacts_size(), 0);
}

TEST(CsvExportTest, ItemsThatPeopleEmptyInASpreadsheetAreGone) {
  const auto set = ReadImportFile(
      "name,identifiers[0].scheme,identifiers[0].value,identifiers[1].scheme,identifiers[1].value\n"
      "organizations/a,,,XI-IATI,1\n",
      TheCatalog(), {});
  ASSERT_TRUE(set.ok()) << set.status();
  ASSERT_THAT(set->records, SizeIs(1));
  const auto& read = static_cast<Organization&>(*set->records[0].message);
  ASSERT_EQ(read.identifiers_size(), 1);
  EXPECT_EQ(read.identifiers(0).value(), "1");
}

// Every kind of resource that is linked in goes through, also those that this
// test has never heard of.
TEST(CsvExportTest, EmptyResourcesOfEveryTypeHaveAHeader) {
  for (const ResourceType& type : TheCatalog().types()) {
    Messages messages;
    messages.push_back(type.New());
    std::string text;
    exchange::Losses losses;
    WriteCsv(
        *type.descriptor, messages, [&](absl::string_view piece) { absl::StrAppend(&text, piece); },
        losses);
    EXPECT_TRUE(absl::StartsWith(text, "name,")) << type.type << ": " << text;
    EXPECT_THAT(losses, IsEmpty()) << type.type;
  }
}

}  // namespace
}  // namespace mostove::cli
