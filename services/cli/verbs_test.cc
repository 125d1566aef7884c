#include "services/cli/verbs.h"

#include <google/protobuf/text_format.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/status/status.h"
#include "mostove/organizations/v1/activity.pb.h"
#include "mostove/organizations/v1/organization.pb.h"
#include "services/cli/export_verb.h"
#include "services/cli/fake_gateway.h"
#include "services/cli/import_file.h"
#include "services/cli/import_verb.h"
#include "services/cli/json.h"
#include "services/cli/table.h"

namespace mostove::cli {
namespace {

using organizations::v1::Activity;
using organizations::v1::Organization;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

// Text that a verb wrote.
class Output {
 public:
  Output() : file_(open_memstream(&data_, &size_)) {}
  ~Output() {
    fclose(file_);
    free(data_);
  }
  FILE* file() { return file_; }
  std::string text() {
    fflush(file_);
    return std::string(data_, size_);
  }

 private:
  char* data_ = nullptr;
  size_t size_ = 0;
  FILE* file_;
};

class VerbsTest : public testing::Test {
 protected:
  VerbsTest() {
    session_.catalog = &catalog_;
    session_.make_api = gateway_.ApiMaker();
    session_.out = out_.file();
    session_.err = err_.file();
  }

  template <class Message>
  void Add(const char* text) {
    auto message = std::make_unique<Message>();
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, message.get())) << text;
    const std::string name = message->name();
    gateway_.resources[name] = std::move(message);
  }

  void AddSample() {
    Add<Organization>(R"(
        name: "organizations/a" etag: "\"1\"" legal_name: "А, „Мост“\n2" state: LISTED
        display_name { texts { key: "bg" value: "Мост" } texts { key: "en" value: "Bridge" } }
        identifiers { scheme: "BG-EIK" value: "1|2" } identifiers { scheme: "XI-IATI" value: "\\" }
        seat { country_code: "BG" area { name: "Sofia" } point {} }
        target_groups: REFUGEES target_groups: WOMEN languages: "bg"
        refugee_leadership { board_share: 0.1 published: true }
        founding_date { year: 1998 })");
    Add<Organization>(R"(name: "organizations/b" legal_name: " B ")");
    Add<Organization>(R"(name: "organizations/c" legal_name: "C" kind: DONOR)");
    Add<Activity>(R"(
        name: "organizations/a/activities/x" sector { label: "Health" scheme: "DAC-5" code: "12220" }
        place { country_code: "CI" area { name: "Abidjan" } point { latitude: 5.3 longitude: -4 } }
        start_date { year: 2014 month: 4 } source: "s")");
  }

  // What the file says of the names in it, against what the gateway has.
  void ExpectSame(const std::string& file) {
    auto set = ReadImportFile(file, catalog_, {});
    ASSERT_TRUE(set.ok()) << set.status() << file;
    EXPECT_THAT(set->refusals, IsEmpty()) << file;
    EXPECT_FALSE(set->records.empty());
    for (const Record& record : set->records) {
      std::unique_ptr<google::protobuf::Message> expected(gateway_.resources[record.name]->New());
      expected->CopyFrom(*gateway_.resources[record.name]);
      KeepWhatClientsSet(*expected);
      EXPECT_EQ(record.message->DebugString(), expected->DebugString());
    }
  }

  const Catalog catalog_ = Catalog::FromLinkedDescriptors();
  FakeGateway gateway_{catalog_};
  Output out_, err_;
  Session session_;
};

TEST_F(VerbsTest, GetPrintsTheAnswerLaidOut) {
  AddSample();
  EXPECT_EQ(RunGet(session_, "organizations/b", false), kOk);
  EXPECT_EQ(out_.text(), "{\n  \"name\": \"organizations/b\",\n  \"legalName\": \" B \"\n}\n");
}

TEST_F(VerbsTest, ExitCodesTellWhoseFaultItWas) {
  EXPECT_EQ(RunGet(session_, "organizations/b", false), kRefused);
  EXPECT_THAT(err_.text(), HasSubstr("Refused: there is none"));
  EXPECT_EQ(RunGet(session_, "people/b", false), kUsage);
  gateway_.interfere =
      [](const http::ClientRequest&) -> std::optional<absl::StatusOr<http::ClientResponse>> {
    return status::Make(absl::StatusCode::kUnavailable, "NOT_REACHABLE", "nobody there");
  };
  EXPECT_EQ(RunGet(session_, "organizations/b", false), kNotReachable);
  EXPECT_THAT(err_.text(), HasSubstr("cannot be reached: nobody there"));
}

TEST_F(VerbsTest, EveryWrongFieldIsALine) {
  gateway_.interfere =
      [](const http::ClientRequest&) -> std::optional<absl::StatusOr<http::ClientResponse>> {
    return FakeGateway::Problem(400, "INVALID_ARGUMENT", "two fields are wrong",
                                ",\"fieldViolations\":[{\"field\":\"a.b\",\"description\":\"one\"},"
                                "{\"field\":\"c\",\"description\":\"two\"}]");
  };
  EXPECT_EQ(RunCreate(session_, {.name = "organizations", .set = {"legalName=x"}}), kRefused);
  EXPECT_THAT(err_.text(), HasSubstr("two fields are wrong\n  a.b: one\n  c: two\n"));
}

TEST_F(VerbsTest, ListWalksAllPages) {
  AddSample();
  EXPECT_EQ(RunList(session_, {.collection = "organizations", .all = true, .json_lines = true}),
            kOk);
  EXPECT_THAT(out_.text(), AllOf(HasSubstr("organizations/a"), HasSubstr("organizations/b"),
                                 HasSubstr("organizations/c")));
  EXPECT_THAT(gateway_.requests, SizeIs(2));
}

TEST_F(VerbsTest, ListOnATerminalIsATable) {
  AddSample();
  session_.out_is_terminal = true;
  EXPECT_EQ(RunList(session_, {.collection = "organizations"}), kOk);
  EXPECT_THAT(out_.text(), AllOf(StartsWith("name             legalName"), HasSubstr("LISTED"),
                                 Not(HasSubstr("{"))));
}

TEST_F(VerbsTest, SearchSendsTheWordsAndShowsWhatWasFound) {
  gateway_.interfere =
      [](const http::ClientRequest&) -> std::optional<absl::StatusOr<http::ClientResponse>> {
    return http::ClientResponse{
        .status = 200,
        .headers = {},
        .body = R"({"results":[{"organization":{"name":"organizations/a","legalName":"Мост"},)"
                R"("rank":1}],"nextPageToken":""})"};
  };
  EXPECT_EQ(RunSearch(session_, {.words = {"most", "sofia"}, .filter = "kind = LOCAL"}), kOk);
  EXPECT_EQ(gateway_.requests.back().target,
            "/v1/organizations:search?query=most%20sofia&filter=kind%20%3D%20LOCAL&pageSize=20");
  EXPECT_THAT(out_.text(), HasSubstr("\"rank\": 1"));
  session_.out_is_terminal = true;
  EXPECT_EQ(RunSearch(session_, {.words = {"most"}}), kOk);
  EXPECT_THAT(out_.text(), HasSubstr("organizations/a  Мост"));
}

TEST_F(VerbsTest, MergeNamesTheOneThatStays) {
  gateway_.interfere =
      [](const http::ClientRequest&) -> std::optional<absl::StatusOr<http::ClientResponse>> {
    return http::ClientResponse{.status = 200, .headers = {}, .body = "{}"};
  };
  EXPECT_EQ(RunMerge(session_, {.name = "organizations/a"}, "organizations/b"), kOk);
  EXPECT_EQ(gateway_.requests.back().target, "/v1/organizations/a:merge");
  EXPECT_EQ(gateway_.requests.back().body, R"({"into":"organizations/b"})");
  EXPECT_EQ(RunUnmerge(session_, {.name = "organizations/a", .query = {.validate_only = true}}),
            kOk);
  EXPECT_EQ(gateway_.requests.back().target, "/v1/organizations/a:unmerge");
  EXPECT_EQ(gateway_.requests.back().body, R"({"validateOnly":true})");
  EXPECT_EQ(RunMerge(session_, {.name = "organizations/a"}, "b"), kUsage);
  EXPECT_EQ(RunMerge(session_, {.name = "organizations/a/activities/x"}, "organizations/b"),
            kUsage);
}

TEST_F(VerbsTest, CreateAndUpdateSendWhatIsSet) {
  EXPECT_EQ(RunCreate(session_, {.name = "organizations",
                                 .id = "d",
                                 .set = {"legalName=D", "seat.countryCode=BG"}}),
            kOk);
  EXPECT_EQ(gateway_.requests.back().target, "/v1/organizations?organizationId=d");
  EXPECT_EQ(RunUpdate(session_, {.name = "organizations/d",
                                 .set = {"website=https://d"},
                                 .clear = {"seat.countryCode"}}),
            kOk);
  const auto& organization =
      static_cast<const Organization&>(*gateway_.resources["organizations/d"]);
  EXPECT_EQ(organization.legal_name(), "D");
  EXPECT_EQ(organization.website(), "https://d");
  EXPECT_EQ(organization.seat().country_code(), "");
  EXPECT_EQ(RunUpdate(session_, {.name = "organizations/d"}), kUsage);
  EXPECT_EQ(RunCreate(session_, {.name = "organizations", .set = {"colour=red"}}), kUsage);
}

TEST_F(VerbsTest, TokenIsSentAndNeverShown) {
  RunGet(session_, "organizations/b", false);
  const auto& headers = gateway_.requests[0].headers;
  EXPECT_THAT(headers, testing::Contains(testing::Pair("Authorization", "Bearer secret")));
  EXPECT_THAT(out_.text() + err_.text(), Not(HasSubstr("secret")));
}

TEST_F(VerbsTest, ExportsImportAgainToTheSame) {
  AddSample();
  for (const char* collection : {"organizations", "organizations/-/activities"}) {
    for (const char* format : {"jsonl", "csv"}) {
      for (const bool excel : {false, true}) {
        Output out;
        session_.out = out.file();
        ASSERT_EQ(RunExport(session_, {.collection = collection, .format = format, .excel = excel}),
                  kOk)
            << err_.text();
        ExpectSame(out.text());
      }
    }
  }
  session_.out = out_.file();
}

TEST_F(VerbsTest, TypesShowWhatATableCanHold) {
  EXPECT_EQ(RunTypes(session_), kOk);
  for (const char* line : {"organizations/{organization}\n  name\n", "  displayName.texts.*\n",
                           "  identifiers[0].scheme\n", "  locations[0].phones[0].number\n"}) {
    EXPECT_THAT(out_.text(), HasSubstr(line));
  }
}

TEST_F(VerbsTest, OrganizationsExportAsHsdsAndImportAgain) {
  AddSample();
  const std::string path = testing::TempDir() + "/hsds.json";
  const std::string report = testing::TempDir() + "/hsds.csv";
  ASSERT_EQ(
      RunExport(
          session_,
          {.collection = "organizations", .format = "hsds", .output = path, .report = report}),
      kOk);
  EXPECT_EQ(out_.text(), "");
  const auto written = ReadInput(path);
  ASSERT_TRUE(written.ok());
  EXPECT_THAT(*written, HasSubstr("\"contents\": ["));
  const auto set = ReadImportFile(*written, catalog_, {});
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_THAT(set->refusals, IsEmpty());
  ASSERT_THAT(set->records, SizeIs(3));
  EXPECT_EQ(set->records[0].name, "organizations/a");
  EXPECT_THAT(err_.text(), HasSubstr("  seat is not written: HSDS has no place for it\n"));
  const auto lost = ReadInput(report);
  ASSERT_TRUE(lost.ok());
  EXPECT_THAT(*lost, HasSubstr(",organizations/a,lost,seat,"));

  ASSERT_EQ(
      RunExport(session_, {.collection = "organizations/c", .format = "hsds", .output = path}),
      kOk);
  EXPECT_EQ(RunImport(session_, {.file = path}), kOk);
  EXPECT_THAT(out_.text(), HasSubstr("organizations        0          1        0        0"));
  EXPECT_EQ(RunExport(session_, {.collection = "organizations/-/activities", .format = "hsds"}),
            kUsage);
  EXPECT_EQ(RunExport(session_, {.collection = "organizations", .output = "/no/such/folder/x"}),
            kUsage);
}

TEST_F(VerbsTest, ContactsThatAFileOfHsdsDoesNotGiveStay) {
  Add<Organization>(R"(name: "organizations/a" legal_name: "A"
                       contacts { title: "P" role: "R" email: "p@example.org" }
                       contacts { phone: "+359 2 123 4567" } contacts { email: "old@example.org" })");
  const std::string path = testing::TempDir() + "/list.json";
  const auto import = [&](const std::string& email) {
    std::ofstream(path) << R"({"contents": [{"id": "a", "name": "A", "email": ")" << email
                        << "\"}]}";
    ImportArguments arguments;
    arguments.file = path;
    arguments.send.update = true;
    EXPECT_EQ(RunImport(session_, arguments), kOk) << err_.text();
  };
  import("old@example.org");
  EXPECT_EQ(gateway_.writes, 0);
  import("new@example.org");
  const auto& contacts =
      static_cast<const Organization&>(*gateway_.resources.at("organizations/a")).contacts();
  ASSERT_EQ(contacts.size(), 3);
  EXPECT_EQ(contacts[0].email(), "new@example.org");
  EXPECT_EQ(contacts[1].title(), "P");
  EXPECT_EQ(contacts[2].phone(), "+359 2 123 4567");
}

TEST_F(VerbsTest, ALocationJoinsThoseThatAreThere) {
  AddSample();
  const std::string path = testing::TempDir() + "/location.json";
  const auto import = [&](const std::string& name, const std::string& into) {
    std::ofstream(path) << R"({"id": "3a19ff88-4620-4d17-9830-ac1d859eb5d5", "name": ")" << name
                        << R"(", "location_type": "physical"})";
    ImportArguments arguments;
    arguments.file = path;
    arguments.read.into = into;
    arguments.send.update = true;
    return RunImport(session_, arguments);
  };
  const auto locations = [&] {
    return static_cast<const Organization&>(*gateway_.resources.at("organizations/a")).locations();
  };
  EXPECT_EQ(import("One", "organizations/a"), kOk) << err_.text();
  ASSERT_EQ(locations().size(), 1);
  EXPECT_EQ(import("Two", "organizations/a"), kOk) << err_.text();
  ASSERT_EQ(locations().size(), 1) << "the same id is the same location";
  EXPECT_EQ(locations()[0].display_name().texts().at("und"), "Two");
  EXPECT_EQ(import("Two", "organizations/nobody"), kRefused);
  EXPECT_THAT(err_.text(), HasSubstr("no such resource to add it to"));
  EXPECT_EQ(import("Two", ""), kRefused);
  EXPECT_THAT(err_.text(), HasSubstr("--into organizations/NAME"));
}

TEST_F(VerbsTest, ActivitiesExportAsHxlWithTheirOrganizations) {
  AddSample();
  EXPECT_EQ(RunExport(session_, {.collection = "organizations/-/activities", .format = "hxl"}),
            kOk);
  EXPECT_THAT(out_.text(), HasSubstr("#org+name,#country+name,#country+code"));
  EXPECT_THAT(out_.text(), HasSubstr(",CI,Abidjan,,5.3,-4,Health,12220,2014-04,,s\r\n"));
  const auto set = ReadImportFile(out_.text(), catalog_, {});
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_THAT(set->refusals, IsEmpty());
  ASSERT_THAT(set->records, SizeIs(2));
  EXPECT_EQ(static_cast<const Activity&>(*set->records[1].message).source(), "s");
}

TEST_F(VerbsTest, ImportTellsFiguresAndEveryRefusedRow) {
  const std::string path = testing::TempDir() + "/import.csv";
  const std::string report = testing::TempDir() + "/report.csv";
  FILE* file = fopen(path.c_str(), "w");
  fputs("#org,#sector,#geo+lat,#geo+lon\nA,Health,1,2\n,Food,1,2\nB,Food,north,2\n", file);
  fclose(file);
  EXPECT_EQ(RunImport(session_, {.file = path, .report = report}), kRefused);
  EXPECT_THAT(out_.text(), HasSubstr("organizations        1          0"));
  EXPECT_THAT(out_.text(), HasSubstr("rows not read: 2"));
  EXPECT_THAT(err_.text(), AllOf(HasSubstr("Refused (2):"), HasSubstr("row 3, #org: "),
                                 HasSubstr("row 4, #geo+lat: ")));
  const auto written = ReadInput(report);
  ASSERT_TRUE(written.ok());
  EXPECT_THAT(*written, HasSubstr("4,,refused,#geo+lat,"));
  EXPECT_EQ(RunImport(session_, {.file = "/does/not/exist"}), kUsage);
}

TEST_F(VerbsTest, SentencesFollowTheLanguageOfTheEnvironment) {
  session_.language = Language::kBulgarian;
  EXPECT_EQ(RunGet(session_, "organizations/b", false), kRefused);
  EXPECT_THAT(err_.text(), HasSubstr("Отказано: "));

  struct Case {
    const char* all;
    const char* messages;
    const char* lang;
    Language language;
  };
  for (const Case& c :
       {Case{"", "", "uk_UA.UTF-8", Language::kUkrainian},
        Case{"", "bg_BG", "uk_UA", Language::kBulgarian},
        Case{"C", "bg_BG", "bg_BG", Language::kEnglish}, Case{"", "", "", Language::kEnglish}}) {
    setenv("LC_ALL", c.all, 1);
    setenv("LC_MESSAGES", c.messages, 1);
    setenv("LANG", c.lang, 1);
    EXPECT_EQ(LanguageOfEnvironment(), c.language);
  }
}

TEST(JsonTest, JsonIsLaidOutWithoutChangingIt) {
  EXPECT_EQ(PrettyJson(R"({"a":[1.50,{}],"b":"x,{\"}","c":[]})"),
            "{\n  \"a\": [\n    1.50,\n    {}\n  ],\n  \"b\": \"x,{\\\"}\",\n  \"c\": []\n}");
  EXPECT_EQ(StringMember(R"({"a":"x"})", "a"), "x");
  EXPECT_EQ(StringMember("nonsense", "a"), "");
  EXPECT_THAT(ArrayMember(R"({"a":[{"b":1.50},{}]})", "a"),
              testing::ElementsAre(R"({"b":1.50})", "{}"));
}

TEST(ProblemTest, AnswerThatIsNoProblemIsNoGateway) {
  EXPECT_TRUE(IsNotReachable(ProblemToStatus({.status = 502, .headers = {}, .body = "<html>"})));
  EXPECT_TRUE(IsNotReachable(ProblemToStatus({.status = 404, .headers = {}, .body = "{}"})));
}

}  // namespace
}  // namespace mostove::cli
