// A 3W file comes in by the command line, twice, and is found again.
#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "mostove/organizations/v1/organizations_service.grpc.pb.h"
#include "tests/journeys/system.h"

namespace mostove::journeys {
namespace {

namespace v1 = organizations::v1;
using ::testing::HasSubstr;

class ImportJourney : public JourneyTest {
 protected:
  void SetUp() override {
    JourneyTest::SetUp();
    shipped_ = Changes();
  }

  std::string Write(const std::string& name, const std::string& text) {
    const auto path = system_->folder() / name;
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }

  // How many changes the log holds beside those that every installation begins with.
  int Changes() {
    int count = 0;
    std::string position;
    while (true) {
      const auto page = As<changes::v1::ListChangesResponse>(
          Ask("GET", "/v1/organizations:changes?pageSize=1000&after=" + position));
      if (page.changes_size() == 0) return count - shipped_;
      count += page.changes_size();
      position = page.next_position();
    }
  }

  std::vector<v1::Activity> Activities(const std::string& filter) {
    std::vector<v1::Activity> all;
    std::string token;
    do {
      const auto page = As<v1::ListActivitiesResponse>(
          Ask("GET", absl::StrCat("/v1/organizations/-/activities?pageSize=1000&filter=", filter,
                                  "&pageToken=", token)));
      all.insert(all.end(), page.activities().begin(), page.activities().end());
      token = page.next_page_token();
    } while (!token.empty());
    return all;
  }

 private:
  int shipped_ = 0;
};

INSTANTIATE_IN_BOTH_HOMES(ImportJourney);

TEST_P(ImportJourney, AHxlFileComesInOnceHoweverOftenItIsImported) {
  const std::string file = Write("3w.csv",
                                 "Who,What,Country,Area,Lat,Lon\n"
                                 "#org,#sector,#country,#adm1,#lat_deg,#lon_deg\n"
                                 "Help,Education,Chad,Moyen Chari,9.1,18.2\n"
                                 "HELP,Health,Mali Situation,,,\n"
                                 "Help,Health,Chad,Moyen Chari,9.1,18.2\n"
                                 ",Health,Chad,,,\n");
  const auto first = system_->RunCli({"import", file});
  EXPECT_EQ(first.exit_code, 1) << first.report;  // a row was refused
  EXPECT_THAT(first.report, HasSubstr("6"));      // the row without an organization
  const int changes = Changes();
  EXPECT_EQ(changes, 5) << first.report;  // two organizations, three activities
  const auto second = system_->RunCli({"import", file});
  EXPECT_EQ(Changes(), changes) << second.report;

  const auto chad = Activities("place.countryCode%3DTD%20AND%20sector.label%3DHealth");
  ASSERT_EQ(chad.size(), 1u);
  EXPECT_EQ(chad[0].place().area().name(), "Moyen Chari");
  EXPECT_DOUBLE_EQ(chad[0].place().point().latitude(), 9.1);
  EXPECT_EQ(Activities("place.countryName%3D%22Mali%20Situation%22").size(), 1u);

  auto stub = v1::OrganizationsService::NewStub(
      grpc::CreateChannel(system_->grpc_address(), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + system_->administrator());
  v1::ListActivitiesRequest request;
  request.set_parent("organizations/-");
  request.set_filter("place.country_code = TD AND sector.label = Health");
  v1::ListActivitiesResponse listed;
  ASSERT_TRUE(stub->ListActivities(&context, request, &listed).ok());
  ASSERT_EQ(listed.activities_size(), 1);
  EXPECT_EQ(listed.activities(0).SerializeAsString(), chad[0].SerializeAsString());
}

// UNHCR's 3W of the Sahel, 2014, where the folder with published files is there.
TEST_P(ImportJourney, ARealFileComesInWhole) {
  const char* folder = std::getenv("MOSTOVE_PUBLISHED_DATA");
  const std::string file =
      absl::StrCat(folder == nullptr ? "../shared/data" : folder, "/hxl/unhcr-3w-sahel-2014.csv");
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "left out: there is no " << file;
  const auto first = system_->RunCli({"import", file});
  EXPECT_EQ(first.exit_code, 0) << first.report;
  for (const char* variant :
       {"GIZ / GiZ", "MEDAIR / Medair", "OXFAM / Oxfam", "Save The Children / Save the Children"}) {
    EXPECT_THAT(first.report, HasSubstr(variant));
  }
  EXPECT_EQ(Changes(), 267 + 2250);
  const auto organizations = As<v1::ListOrganizationsResponse>(
      Ask("GET", "/v1/organizations?pageSize=1000&showTotalSize=true"));
  EXPECT_EQ(organizations.total_size(), 267);
  const auto activities = Activities("");
  EXPECT_EQ(activities.size(), 2250u);
  for (const auto& activity : activities) {
    EXPECT_TRUE(activity.has_sector() && activity.place().has_point() &&
                activity.place().has_area())
        << activity.name();
    EXPECT_NE(activity.place().country_code().empty(), activity.place().country_name().empty());
  }
  EXPECT_EQ(system_->RunCli({"import", file}).exit_code, 0);
  EXPECT_EQ(Changes(), 267 + 2250);
}

// As large as an import sends; the answer, which repeats it, too.
TEST_P(ImportJourney, ABatchOfSixMebibytesComesInWhole) {
  constexpr int kCount = 350;
  std::string text;
  while (text.size() < 18'000) text += "Дом за хора. ";
  std::string body = R"({"requests": [)";
  for (int i = 0; i < kCount; ++i) {
    absl::StrAppend(&body, i == 0 ? "" : ",", R"({"organizationId": "large-)", i,
                    R"(", "organization": {"legalName": "Сдружение )", i,
                    R"(", "description": {"texts": {"bg": ")", text, i, R"("}}}})");
  }
  body += "]}";
  ASSERT_GT(body.size(), 6u << 20);
  const auto made =
      As<v1::BatchCreateOrganizationsResponse>(Ask("POST", "/v1/organizations:batchCreate", body));
  ASSERT_EQ(made.organizations_size(), kCount);
  EXPECT_EQ(Changes(), kCount);
  for (const int i : {0, 1, kCount - 1}) {
    const auto read = As<v1::Organization>(Ask("GET", absl::StrCat("/v1/organizations/large-", i)));
    EXPECT_EQ(read.description().texts().at("bg"), absl::StrCat(text, i));
    EXPECT_EQ(read.SerializeAsString(), made.organizations(i).SerializeAsString());
  }
  // More than that is no batch either, and nothing of it comes in.
  const auto refused =
      Ask("POST", "/v1/organizations:batchCreate", body + std::string(3u << 20, ' '));
  EXPECT_EQ(refused.status, 413);
  EXPECT_EQ(Changes(), kCount);
}

TEST_P(ImportJourney, ATrialChangesNothing) {
  const std::string file = Write("3w.csv", "#org,#sector,#country\nHelp,Education,Chad\n");
  const auto trial = system_->RunCli({"import", "--dry-run", file});
  EXPECT_EQ(trial.exit_code, 0) << trial.report;
  EXPECT_EQ(Changes(), 0);
}

TEST_P(ImportJourney, TheSampleNetworkIsWholeAndAVisitorSeesItsListedPart) {
  for (const char* name : {"facts", "examples", "network"}) {
    const std::string file = absl::StrCat("deploy/sample/", name, ".jsonl");
    if (!std::filesystem::exists(file)) GTEST_FAIL() << file << " is missing";
    const auto imported = system_->RunCli({"import", file});
    EXPECT_EQ(imported.exit_code, 0) << imported.report;
  }
  const auto organizations = As<v1::ListOrganizationsResponse>(
      Ask("GET", "/v1/organizations?pageSize=1000&showTotalSize=true"));
  EXPECT_EQ(organizations.total_size(), organizations.organizations_size());
  EXPECT_GT(organizations.total_size(), 40);
}

TEST_P(ImportJourney, WhatIsExportedIsImportedUnchanged) {
  const std::string file = Write("3w.csv",
                                 "#org,#sector,#country,#adm1\nHelp,Education,Chad,Mandoul\n"
                                 "Помощ,Здраве,Bulgaria,Видин\n");
  ASSERT_EQ(system_->RunCli({"import", file}).exit_code, 0);
  for (const char* collection : {"organizations", "organizations/-/activities"}) {
    const auto exported = system_->RunCli({"export", collection});
    ASSERT_EQ(exported.exit_code, 0) << exported.report;
    EXPECT_EQ(std::count(exported.output.begin(), exported.output.end(), '\n'), 2);
    const std::string path = Write("out.jsonl", exported.output);
    const int changes = Changes();
    const auto imported = system_->RunCli({"import", path});
    EXPECT_EQ(imported.exit_code, 0) << imported.report;
    EXPECT_EQ(Changes(), changes);
  }
}

}  // namespace
}  // namespace mostove::journeys
