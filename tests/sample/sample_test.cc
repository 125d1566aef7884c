// The sample network of deploy/sample is valid data, parents first.
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/domain/checks.h"
#include "libs/domain/date.h"
#include "libs/domain/oblasts.h"
#include "libs/resource/name.h"
#include "libs/resource/validate.h"
#include "libs/resource/visibility.h"
#include "libs/transcoding/json_reader.h"
#include "mostove/organizations/v1/activity.pb.h"
#include "mostove/organizations/v1/organization.pb.h"
#include "services/organizations/activity_rules.h"
#include "services/organizations/organization_rules.h"

namespace mostove {
namespace {

using organizations::v1::Activity;
using organizations::v1::Organization;

struct Line {
  std::string where;  // "facts.jsonl:3"
  std::string text;
};

std::vector<Line> ReadLines() {
  std::set<std::filesystem::path> files;  // in the order of `mostove import *.jsonl`
  for (const auto& entry : std::filesystem::directory_iterator("deploy/sample")) {
    if (entry.path().extension() == ".jsonl") files.insert(entry.path());
  }
  std::vector<Line> lines;
  for (const auto& file : files) {
    std::ifstream stream(file);
    std::string text;
    for (int number = 1; std::getline(stream, text); ++number) {
      lines.push_back({absl::StrCat(file.filename().string(), ":", number), text});
    }
  }
  return lines;
}

class SampleTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const Line& line : ReadLines()) Read(line);
  }

  std::map<std::string, Organization> organizations_;
  std::map<std::string, Activity> activities_;

 private:
  void Read(const Line& line) {
    if (absl::StrContains(line.text, "/activities/")) {
      Activity activity;
      Check(line, activity);
      status::Violations violations;
      organizations::CheckActivity(activity, "", violations);
      EXPECT_TRUE(violations.empty()) << line.where << ": " << violations.ToStatus();
      const std::string parent = activity.name().substr(0, activity.name().find("/activities/"));
      EXPECT_EQ(organizations_.count(parent), 1u) << line.where << ": its parent comes first";
      EXPECT_TRUE(activities_.emplace(activity.name(), activity).second) << line.where;
    } else {
      Organization organization;
      Check(line, organization);
      status::Violations violations;
      organizations::CheckOrganization(organization, domain::Today(absl::Now()), "", violations);
      EXPECT_TRUE(violations.empty()) << line.where << ": " << violations.ToStatus();
      const std::string& attested_by = organization.refugee_leadership().attested_by();
      EXPECT_TRUE(attested_by.empty() || organizations_.count(attested_by) == 1) << line.where;
      EXPECT_TRUE(organizations_.emplace(organization.name(), organization).second) << line.where;
    }
  }

  static void Check(const Line& line, google::protobuf::Message& resource) {
    const absl::Status read = transcoding::ReadJson(line.text, resource);
    ASSERT_TRUE(read.ok()) << line.where << ": " << read;
    const resource::Type& type = *resource::TypeOf(resource.GetDescriptor());
    const std::string name = resource.GetReflection()->GetString(resource, type.name_field());
    EXPECT_TRUE(resource::MatchesName(type, name)) << line.where << ": " << name;
    const std::string before = resource.SerializeAsString();
    resource::Normalize(resource);
    EXPECT_EQ(resource.ByteSizeLong(), before.size()) << line.where << ": not in NFC";
    status::Violations violations;
    resource::Validate(resource, {.checks = &domain::Checks()}, "", violations);
    EXPECT_TRUE(violations.empty()) << line.where << ": " << violations.ToStatus();
  }
};

TEST_F(SampleTest, EveryLineIsAValidResource) {
  EXPECT_GE(organizations_.size(), 45u);
  EXPECT_GE(activities_.size(), 110u);
}

TEST_F(SampleTest, EveryOblastHasAnExample) {
  std::set<std::string> seats;
  for (const auto& [name, organization] : organizations_) {
    if (absl::StrContains(name, "/example-")) seats.insert(organization.seat().area().code());
  }
  for (const domain::Oblast& oblast : domain::Oblasts()) {
    EXPECT_EQ(seats.count(std::string(oblast.iso)), 1u) << oblast.iso;
  }
}

TEST_F(SampleTest, AnInventedOrganizationSaysSoInEveryLanguage) {
  const std::map<std::string, std::string> marks = {
      {"bg", "Пример: "}, {"uk", "Приклад: "}, {"en", "Example: "}};
  for (const auto& [name, organization] : organizations_) {
    const bool invented = absl::StrContains(name, "/example-");
    EXPECT_EQ(absl::StartsWith(organization.legal_name(), "Пример: "), invented) << name;
    for (const auto& [language, mark] : marks) {
      const std::string& text = organization.display_name().texts().at(language);
      EXPECT_EQ(absl::StartsWith(text, mark), invented) << name << " " << language;
      EXPECT_EQ(organization.description().texts().count(language), 1u) << name;
    }
    // Numbers of registers belong to real bodies only.
    EXPECT_TRUE(!invented || organization.identifiers().empty()) << name;
    EXPECT_EQ(organization.contacts_size(), 0) << name;
  }
}

TEST_F(SampleTest, ShowsEveryStateAndBothChoicesOfPublishing) {
  std::set<int> states;
  std::set<bool> published;
  for (const auto& [name, organization] : organizations_) {
    states.insert(organization.state());
    if (organization.has_refugee_leadership()) {
      published.insert(organization.refugee_leadership().published());
    }
  }
  EXPECT_THAT(states, testing::ElementsAre(Organization::DRAFT, Organization::LISTED,
                                           Organization::ARCHIVED));
  EXPECT_THAT(published, testing::ElementsAre(false, true));
}

}  // namespace
}  // namespace mostove
