#include "services/cli/import_file.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "mostove/organizations/v1/activity.pb.h"
#include "mostove/organizations/v1/organization.pb.h"
#include "services/cli/mapping.h"

namespace mostove::cli {
namespace {

using organizations::v1::Activity;
using organizations::v1::Organization;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const Catalog& TheCatalog() {
  static const Catalog& catalog = *new Catalog(Catalog::FromLinkedDescriptors());
  return catalog;
}

RecordSet Read(absl::string_view text, const ImportFileOptions& options = {}) {
  auto set = ReadImportFile(text, TheCatalog(), options);
  EXPECT_TRUE(set.ok()) << set.status();
  return set.ok() ? *std::move(set) : RecordSet{};
}

std::string Failure(absl::string_view text, const ImportFileOptions& options = {}) {
  return std::string(ReadImportFile(text, TheCatalog(), options).status().message());
}

template <class Message>
std::vector<Message> All(const RecordSet& set) {
  std::vector<Message> messages;
  for (const Record& record : set.records) {
    if (const auto* message = dynamic_cast<const Message*>(record.message.get())) {
      messages.push_back(*message);
    }
  }
  return messages;
}

constexpr char kThreeW[] =
    "Country,Area,Lat,Lon,Sector,Link,Who\r\n"
    "#country,#adm1,#lat_deg,#lon_deg,#sector,,#org\r\n"
    "Côte d'Ivoire,Abidjan,5.3,-4.0,Health,http://x,GIZ\r\n"
    "Mali Situation,,,,Education,,GiZ\r\n"
    "Mali Situation,,,,Shelter,,GIZ\r\n";

TEST(ThreeWTest, RowsBecomeOrganizationsAndActivities) {
  const RecordSet set = Read(kThreeW, {.source = "a survey"});
  EXPECT_THAT(set.refusals, IsEmpty());
  const auto organizations = All<Organization>(set);
  ASSERT_THAT(organizations, SizeIs(2));
  EXPECT_EQ(organizations[0].legal_name(), "GIZ");
  EXPECT_EQ(organizations[1].legal_name(), "GiZ");
  EXPECT_EQ(organizations[0].state(), Organization::STATE_UNSPECIFIED);

  const auto activities = All<Activity>(set);
  ASSERT_THAT(activities, SizeIs(3));
  EXPECT_EQ(activities[0].place().country_code(), "CI");
  EXPECT_EQ(activities[0].place().country_name(), "");
  EXPECT_EQ(activities[0].place().area().name(), "Abidjan");
  EXPECT_EQ(activities[0].place().point().latitude(), 5.3);
  EXPECT_EQ(activities[0].place().point().longitude(), -4.0);
  EXPECT_EQ(activities[0].sector().label(), "Health");
  EXPECT_EQ(activities[0].source(), "a survey");
  EXPECT_EQ(activities[1].place().country_name(), "Mali Situation");
  EXPECT_FALSE(activities[1].place().has_point());
  EXPECT_THAT(set.notes, Contains(HasSubstr("GIZ / GiZ")));
  EXPECT_THAT(set.notes, Contains(HasSubstr("#lat_deg is from before HXL 1.0")));
}

TEST(ThreeWTest, OrganizationsComeBeforeActivitiesAndAreTheirParents) {
  const RecordSet set = Read(kThreeW);
  std::set<std::string> organizations;
  for (const Record& record : set.records) {
    if (record.type->has_parent()) {
      EXPECT_EQ(organizations.count(ParentOf(record.name)), 1u) << record.name;
    } else {
      organizations.insert(record.name);
    }
  }
  EXPECT_THAT(organizations, SizeIs(2));
}

TEST(ThreeWTest, NamesDependOnTheMeaningAlone) {
  const auto names = [](const RecordSet& set) {
    std::set<std::string> names;
    for (const Record& record : set.records) names.insert(record.name);
    return names;
  };
  // Other order of rows and columns, other delimiter, no header, modern tags.
  constexpr char kSame[] =
      "#org;#country;#geo+lon;#geo+lat;#sector;#adm1\n"
      "GIZ;Mali Situation;;;Shelter;\n"
      "GiZ; Mali Situation ;;;Education;\n"
      "GIZ;Ivory Coast;-4;5.30;Health;Abidjan\n";
  EXPECT_EQ(names(Read(kThreeW, {.source = "one"})), names(Read(kSame, {.source = "two"})));
}

TEST(ThreeWTest, RepeatedRowsAreTakenOnceAndCounted) {
  const RecordSet set = Read("#org,#sector\nA,Health\nA,Food\nA,Health\n,\nA,Health\n");
  EXPECT_THAT(All<Activity>(set), SizeIs(2));
  EXPECT_THAT(set.notes, Contains(HasSubstr("2 rows say what an earlier row says and are taken "
                                            "once: 4, 6")));
}

TEST(ThreeWTest, WrongCellsRefuseTheirRowByTag) {
  const RecordSet set = Read(
      "#org,#geo+lat,#geo+lon,#date+start\n,1,1,\nA,91,1,\nB,1,,\nC,1,1,soon\nD,1,1,2014-04\n");
  EXPECT_THAT(set.refusals,
              ElementsAre(AllOf(Field(&Refusal::row, 2), Field(&Refusal::field, "#org")),
                          AllOf(Field(&Refusal::row, 3), Field(&Refusal::field, "#geo+lat")),
                          AllOf(Field(&Refusal::row, 4), Field(&Refusal::field, "#geo+lon")),
                          AllOf(Field(&Refusal::row, 5), Field(&Refusal::field, "#date+start"))));
  ASSERT_THAT(All<Activity>(set), SizeIs(1));
  EXPECT_EQ(All<Activity>(set)[0].start_date().month(), 4);
  EXPECT_THAT(All<Organization>(set), SizeIs(1)) << "an organization of refused rows only is none";
}

TEST(ThreeWTest, ListOfOrganizationsHasNoActivities) {
  const RecordSet set = Read("#org,#org+type\nA,NGO\nB,UN\n");
  EXPECT_THAT(All<Organization>(set), SizeIs(2));
  EXPECT_THAT(All<Activity>(set), IsEmpty());
}

TEST(ThreeWTest, CodesAndConstantsAreTaken) {
  const RecordSet set = Read(
      "#org+name,#org+type,#country+code,#adm1+name,#adm1+code,#sector+code+v_dac_5,#activity+bg\n"
      "A,NGO,BGR,Хасково,BG-26,72010,Право\n",
      {.constants = {{"organization.state", "LISTED"}, {"activity.phase", "EMERGENCY"}}});
  ASSERT_THAT(set.records, SizeIs(2));
  EXPECT_EQ(All<Organization>(set)[0].state(), Organization::LISTED);
  const Activity activity = All<Activity>(set)[0];
  EXPECT_EQ(activity.phase(), organizations::v1::EMERGENCY);
  EXPECT_EQ(activity.place().country_code(), "BG");
  EXPECT_EQ(activity.place().area().scheme(), common::v1::Area::ISO3166_2);
  EXPECT_EQ(activity.place().area().code(), "BG-26");
  EXPECT_EQ(activity.sector().scheme(), "DAC-5");
  EXPECT_EQ(activity.description().texts().at("bg"), "Право");

  EXPECT_THAT(Failure("#org\nA\n", {.constants = {{"organization.colour", "red"}}}),
              HasSubstr("no field 'colour'"));
  EXPECT_THAT(Failure("#org\nA\n", {.constants = {{"state", "LISTED"}}}),
              HasSubstr("organization.FIELD=VALUE"));
  EXPECT_THAT(Failure("#sector\nA\n"), HasSubstr("no column is tagged #org"));
}

TEST(ImportFileTest, FileWithoutMeaningIsRefusedWithWhatWouldHelp) {
  EXPECT_THAT(Failure("a,b\n1,2\n"), HasSubstr("--map FILE.toml"));
  EXPECT_THAT(Failure("a,b\n1,2\n", {.format = "hxl"}), HasSubstr("row of hashtags"));
}

TEST(ImportFileTest, AnotherEncodingIsSaid) {
  const RecordSet set = Read("#org\n\xCC\xEE\xF1\xF2\n", {.encoding = "windows-1251"});
  EXPECT_EQ(All<Organization>(set)[0].legal_name(), "Мост");
  EXPECT_THAT(set.notes, Contains(HasSubstr("read as windows-1251")));
}

constexpr char kMapping[] = R"(
type = "organization"
id_from = "Име"
[constants]
state = "DRAFT"
[columns]
"Име" = "legalName"
"Форма" = { field = "legalForm", values = { "Фондация" = "FOUNDATION" } }
"Езици" = { field = "languages", separator = "/" }
"Име EN" = "display_name.texts.en"
)";

TEST(MappingTest, ColumnsGoIntoTheirFields) {
  const RecordSet set =
      Read("Име;Форма;Езици;Име EN;Друго\nМост ;Фондация;bg/uk;Bridge;x\n", {.mapping = kMapping});
  ASSERT_THAT(All<Organization>(set), SizeIs(1));
  const Organization organization = All<Organization>(set)[0];
  EXPECT_EQ(organization.legal_name(), "Мост");
  EXPECT_EQ(organization.legal_form(), Organization::FOUNDATION);
  EXPECT_THAT(organization.languages(), ElementsAre("bg", "uk"));
  EXPECT_EQ(organization.display_name().texts().at("en"), "Bridge");
  EXPECT_EQ(organization.state(), Organization::DRAFT);
  EXPECT_THAT(set.notes, Contains("columns not read: Друго"));
}

TEST(MappingTest, WrongCellsAreRefusedByColumn) {
  const RecordSet set =
      Read("Име,Форма,Езици,Име EN\nA,Гилдия,,\n,,,x\nA,,,\nA,,,\n", {.mapping = kMapping});
  ASSERT_THAT(set.refusals, SizeIs(3));
  EXPECT_EQ(set.refusals[0].field, "Форма");
  EXPECT_THAT(set.refusals[0].reason, HasSubstr("one of ASSOCIATION"));
  EXPECT_EQ(set.refusals[1].field, "Име");
  EXPECT_THAT(set.refusals[2].reason, HasSubstr("row 4 has the same id"));
  EXPECT_THAT(Failure("Име\nA\n", {.mapping = kMapping}), HasSubstr("no column 'Езици'"));
}

TEST(MappingTest, MistakesInTheFileAreNamed) {
  struct Case {
    const char* toml;
    const char* says;
  };
  for (const Case& c :
       {Case{"type = ", "line 1"}, Case{"[columns]\na = \"legalName\"", "type: is needed"},
        Case{"type = \"person\"", "'person' is no type"},
        Case{"type = \"organization\"\ncolor = 1", "color: is not known"},
        Case{"type = \"organization\"", "at least one column"},
        Case{"type = \"organization\"\n[columns]\na = \"b\"", "column 'a'"},
        Case{"type = \"organization\"\n[columns]\na = { field = \"legalName\", sep = \"x\" }",
             "'sep' is not known"},
        Case{"type = \"organization\"\n[constants]\nstate = \"X\"\n[columns]\na = \"legalName\"",
             "constant 'state'"},
        Case{"type = \"activity\"\n[columns]\na = \"source\"", "parent: is needed"},
        Case{"type = \"organization\"\nparent = \"x\"\n[columns]\na = \"legalName\"",
             "names of this type have none"}}) {
    EXPECT_THAT(ParseMapping(c.toml, TheCatalog()).status().message(), HasSubstr(c.says)) << c.toml;
  }
}

TEST(MappingTest, ChildrenNameTheirParent) {
  constexpr char kToml[] =
      "type = \"activity\"\nid = \"Id\"\nparent_from = \"Org\"\n[columns]\nWhat = "
      "\"sector.label\"\n";
  const RecordSet set = Read("Id,Org,What\na1,Мост,Health\n", {.mapping = kToml});
  const RecordSet by_hxl = Read("#org\nМост\n");
  ASSERT_THAT(set.records, SizeIs(1));
  EXPECT_EQ(ParentOf(set.records[0].name), by_hxl.records[0].name);
  EXPECT_EQ(IdOf(set.records[0].name), "a1");
}

TEST(HeaderTest, ExportedTableNeedsNoMapping) {
  const RecordSet set = Read(
      "name,etag,createTime,legalName,identifiers.scheme,identifiers.value,seat.point.latitude\r\n"
      "organizations/a,\"\"\"1\"\"\",2026-01-31T10:00:00Z, A ,BG-EIK|XI-IATI,1|2,0\r\n");
  ASSERT_THAT(set.records, SizeIs(1));
  EXPECT_EQ(set.records[0].name, "organizations/a");
  const auto organization = All<Organization>(set)[0];
  EXPECT_EQ(organization.legal_name(), " A ");
  EXPECT_EQ(organization.identifiers(1).scheme(), "XI-IATI");
  EXPECT_TRUE(organization.seat().has_point());
  EXPECT_EQ(organization.etag(), "");
  EXPECT_FALSE(organization.has_create_time());
}

TEST(JsonLinesTest, TypesAreFoundByNameAndParentsComeFirst) {
  const RecordSet set = Read(
      "{\"name\":\"organizations/a/activities/b\",\"source\":\"s\",\"etag\":\"\\\"2\\\"\"}\n\n"
      "{\"name\":\"organizations/"
      "a\",\"legalName\":\"A\",\"createTime\":\"2026-01-31T10:00:00Z\"}\n");
  EXPECT_THAT(set.refusals, IsEmpty());
  ASSERT_THAT(set.records, SizeIs(2));
  EXPECT_EQ(set.records[0].name, "organizations/a");
  EXPECT_EQ(set.records[0].row, 3);
  EXPECT_EQ(set.records[1].name, "organizations/a/activities/b");
  EXPECT_EQ(All<Activity>(set)[0].etag(), "");
}

TEST(JsonLinesTest, WrongLinesAreRefusedOneByOne) {
  const RecordSet set = ReadJsonLines(
      "nonsense\n{\"legalName\":\"A\"}\n{\"name\":\"people/x\"}\n"
      "{\"name\":\"organizations/a\",\"colour\":1,\"state\":\"GREEN\"}\n"
      "{\"name\":\"organizations/b\"}\n{\"name\":\"organizations/b\"}\n"
      "{\"name\":\"organizations/c\",\"deleteTime\":\"2026-01-31T10:00:00Z\"}\n",
      TheCatalog());
  std::vector<std::string> refused;
  for (const Refusal& refusal : set.refusals) {
    refused.push_back(absl::StrCat(refusal.row, " ", refusal.field));
  }
  EXPECT_THAT(refused, ElementsAre("1 name", "2 name", "3 name", "4 colour", "4 state", "6 name",
                                   "7 deleteTime"));
  EXPECT_THAT(set.records, SizeIs(1));
}

}  // namespace
}  // namespace mostove::cli
