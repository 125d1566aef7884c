// The sample network of deploy/sample is valid data, parents first. What its
// resources say of each other (sums, chains) is checked by importing it: see
// tests/journeys.
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
#include "libs/domain/oblasts.h"
#include "libs/resource/name.h"
#include "libs/resource/validate.h"
#include "libs/resource/visibility.h"
#include "libs/store/references.h"
#include "libs/transcoding/json_reader.h"
#include "mostove/coalitions/v1/coalition.pb.h"
#include "mostove/coalitions/v1/member.pb.h"
#include "mostove/coalitions/v1/policy_process.pb.h"
#include "mostove/funding/v1/donor.pb.h"
#include "mostove/funding/v1/grant.pb.h"
#include "mostove/funding/v1/project.pb.h"
#include "mostove/organizations/v1/activity.pb.h"
#include "mostove/organizations/v1/organization.pb.h"
#include "mostove/trainings/v1/program.pb.h"
#include "mostove/trainings/v1/session.pb.h"
#include "mostove/trainings/v1/topic.pb.h"
#include "services/coalitions/definition.h"
#include "services/funding/definition.h"
#include "services/organizations/definition.h"
#include "services/trainings/definition.h"

namespace mostove {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using organizations::v1::Activity;
using organizations::v1::Organization;

struct Line {
  std::string where;  // "facts.jsonl:3"
  std::string text;
};

std::vector<Line> ReadLines(const char* folder = "deploy/sample") {
  std::set<std::filesystem::path> files;  // in the order of `mostove import *.jsonl`
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
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

// Every kind of resource, with its rules.
struct Kinds {
  std::vector<store::CollectionSpec> collections;
  resource::TypeChecks checks = domain::Checks();

  Kinds() {
    for (const service::Definition& definition :
         {organizations::Define(), trainings::Define(), funding::Define(), coalitions::Define()}) {
      collections.insert(collections.end(), definition.collections.begin(),
                         definition.collections.end());
      checks.insert(definition.checks.begin(), definition.checks.end());
    }
  }

  const store::CollectionSpec* OfName(const std::string& name) const {
    for (const store::CollectionSpec& collection : collections) {
      if (resource::MatchesName(*resource::TypeOf(collection.descriptor), name)) return &collection;
    }
    return nullptr;
  }
};

// `"name": "organizations/x"` -> organizations/x
std::string NameIn(const std::string& line) {
  const size_t begin = line.find("\"name\": \"") + 9;
  return line.substr(begin, line.find('"', begin) - begin);
}

class SampleTest : public testing::Test {
 protected:
  void SetUp() override {
    const Kinds kinds;
    for (const Line& line : ReadLines()) Read(line, kinds);
    std::set<std::string> shipped;  // with every installation
    for (const Line& line : ReadLines("services/organizations/data")) {
      shipped.insert(NameIn(line.text));
    }
    for (const auto& [name, resource] : resources_) {
      for (const store::Reference& reference : store::ReferencesOf(*resource)) {
        EXPECT_EQ(resources_.count(reference.name) + shipped.count(reference.name), 1u)
            << name << " " << reference.path;
      }
    }
  }

  template <class Resource>
  std::vector<const Resource*> All() const {
    std::vector<const Resource*> found;
    for (const auto& [name, resource] : resources_) {
      if (const auto* typed = dynamic_cast<const Resource*>(resource.get())) found.push_back(typed);
    }
    return found;
  }

  // Every value of the enum stands in the field of some resource.
  template <class Resource>
  void ExpectEveryValueOf(const std::string& field_name) const {
    const FieldDescriptor* field = Resource::descriptor()->FindFieldByName(field_name);
    std::set<int> seen;
    for (const Resource* resource : All<Resource>()) {
      seen.insert(resource->GetReflection()->GetEnumValue(*resource, field));
    }
    for (int i = 1; i < field->enum_type()->value_count(); ++i) {
      EXPECT_EQ(seen.count(field->enum_type()->value(i)->number()), 1u)
          << field->full_name() << " " << field->enum_type()->value(i)->name();
    }
  }

  std::map<std::string, std::unique_ptr<Message>> resources_;

 private:
  void Read(const Line& line, const Kinds& kinds) {
    const std::string name = NameIn(line.text);
    const store::CollectionSpec* kind = kinds.OfName(name);
    ASSERT_NE(kind, nullptr) << line.where << ": " << name;
    std::unique_ptr<Message> resource(google::protobuf::MessageFactory::generated_factory()
                                          ->GetPrototype(kind->descriptor)
                                          ->New());
    const absl::Status read = transcoding::ReadJson(line.text, *resource);
    ASSERT_TRUE(read.ok()) << line.where << ": " << read;
    const std::string before = resource->SerializeAsString();
    resource::Normalize(*resource);
    EXPECT_EQ(resource->ByteSizeLong(), before.size()) << line.where << ": not in NFC";
    if (kind->rules.prepare) kind->rules.prepare(*resource);
    status::Violations violations;
    resource::Validate(*resource, {.checks = &kinds.checks}, "", violations);
    EXPECT_TRUE(violations.empty()) << line.where << ": " << violations.ToStatus();
    const std::string parent(resource::ParentOf(name));
    EXPECT_TRUE(parent.empty() || resources_.count(parent) == 1)
        << line.where << ": its parent comes first";
    EXPECT_TRUE(resources_.emplace(name, std::move(resource)).second) << line.where;
  }
};

bool IsInvented(const std::string& name) { return absl::StrContains(name, "/example-"); }

const std::map<std::string, std::string>& Marks() {
  static const std::map<std::string, std::string> marks = {
      {"bg", "Пример: "}, {"uk", "Приклад: "}, {"en", "Example: "}};
  return marks;
}

void ExpectMarked(const common::v1::LocalizedText& title, const std::string& name) {
  for (const auto& [language, mark] : Marks()) {
    ASSERT_EQ(title.texts().count(language), 1u) << name << " " << language;
    EXPECT_EQ(absl::StartsWith(title.texts().at(language), mark), IsInvented(name))
        << name << " " << language;
  }
}

TEST_F(SampleTest, EveryListHasSomethingToShow) {
  EXPECT_GE(All<Organization>().size(), 45u);
  EXPECT_GE(All<Activity>().size(), 110u);
  EXPECT_EQ(All<trainings::v1::Topic>().size(), 9u);
  EXPECT_GE(All<trainings::v1::Program>().size(), 5u);
  EXPECT_GE(All<trainings::v1::Session>().size(), 25u);
  EXPECT_GE(All<funding::v1::Donor>().size(), 12u);
  EXPECT_GE(All<funding::v1::Grant>().size(), 30u);
  EXPECT_GE(All<funding::v1::Project>().size(), 13u);
  EXPECT_GE(All<coalitions::v1::Coalition>().size(), 6u);
  EXPECT_GE(All<coalitions::v1::Member>().size(), 30u);
  EXPECT_GE(All<coalitions::v1::PolicyProcess>().size(), 12u);
}

TEST_F(SampleTest, EveryOblastHasAnExample) {
  std::set<std::string> seats;
  for (const Organization* organization : All<Organization>()) {
    if (IsInvented(organization->name())) seats.insert(organization->seat().area().code());
  }
  for (const domain::Oblast& oblast : domain::Oblasts()) {
    EXPECT_EQ(seats.count(std::string(oblast.iso)), 1u) << oblast.iso;
  }
}

TEST_F(SampleTest, WhatIsInventedSaysSoInEveryLanguage) {
  for (const Organization* organization : All<Organization>()) {
    const bool invented = IsInvented(organization->name());
    EXPECT_EQ(absl::StartsWith(organization->legal_name(), "Пример: "), invented)
        << organization->name();
    ExpectMarked(organization->display_name(), organization->name());
    for (const auto& [language, mark] : Marks()) {
      EXPECT_EQ(organization->description().texts().count(language), 1u) << organization->name();
    }
    // Numbers of registers belong to real bodies only.
    EXPECT_TRUE(!invented || organization->identifiers().empty()) << organization->name();
    EXPECT_EQ(organization->contacts_size(), 0) << organization->name();
  }
  for (const auto* topic : All<trainings::v1::Topic>()) ExpectMarked(topic->title(), topic->name());
  for (const auto* program : All<trainings::v1::Program>()) {
    ExpectMarked(program->title(), program->name());
  }
  for (const auto* donor : All<funding::v1::Donor>()) {
    ExpectMarked(donor->display_name(), donor->name());
  }
  for (const auto* grant : All<funding::v1::Grant>()) ExpectMarked(grant->title(), grant->name());
  for (const auto* project : All<funding::v1::Project>()) {
    ExpectMarked(project->title(), project->name());
  }
  for (const auto* coalition : All<coalitions::v1::Coalition>()) {
    ExpectMarked(coalition->title(), coalition->name());
  }
  for (const auto* process : All<coalitions::v1::PolicyProcess>()) {
    ExpectMarked(process->title(), process->name());
  }
}

TEST_F(SampleTest, NoPersonIsNamed) {
  for (const auto& [name, resource] : resources_) {
    std::unique_ptr<Message> copy(resource->New());
    copy->CopyFrom(*resource);
    EXPECT_THAT(resource::TakeOutPersonal(*copy), testing::IsEmpty()) << name;
  }
}

TEST_F(SampleTest, ShowsEveryStateAndBothChoicesOfPublishing) {
  ExpectEveryValueOf<Organization>("state");
  ExpectEveryValueOf<trainings::v1::Program>("kind");
  ExpectEveryValueOf<trainings::v1::Program>("publication");
  ExpectEveryValueOf<trainings::v1::Session>("state");
  ExpectEveryValueOf<funding::v1::Grant>("mechanism");
  ExpectEveryValueOf<funding::v1::Grant>("earmarking");
  ExpectEveryValueOf<funding::v1::Grant>("status");
  ExpectEveryValueOf<funding::v1::Grant>("publication");
  ExpectEveryValueOf<coalitions::v1::Coalition>("state");
  ExpectEveryValueOf<coalitions::v1::Member>("role");
  ExpectEveryValueOf<coalitions::v1::PolicyProcess>("level");
  ExpectEveryValueOf<coalitions::v1::PolicyProcess>("kind");
  ExpectEveryValueOf<coalitions::v1::PolicyProcess>("stage");
  std::set<bool> published;
  for (const Organization* organization : All<Organization>()) {
    if (organization->has_refugee_leadership()) {
      published.insert(organization->refugee_leadership().published());
    }
  }
  EXPECT_THAT(published, testing::ElementsAre(false, true));
}

TEST_F(SampleTest, MoneyPassesThroughThreeLayers) {
  size_t deepest = 0;
  for (const auto* grant : All<funding::v1::Grant>()) {
    size_t layers = 1;
    for (const auto* above = grant; !above->parent_grant().empty(); ++layers) {
      above = dynamic_cast<const funding::v1::Grant*>(resources_.at(above->parent_grant()).get());
    }
    deepest = std::max(deepest, layers);
  }
  EXPECT_EQ(deepest, 3u);
}

TEST_F(SampleTest, TheAcademyHoldsASessionOnEveryTopic) {
  std::set<std::string> topics;
  for (const auto* session : All<trainings::v1::Session>()) topics.insert(session->topic());
  EXPECT_EQ(topics.size(), 9u);
}

}  // namespace
}  // namespace mostove
