#include "libs/references/registry.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "libs/testing/matchers.h"
#include "mostove/lending/v1/lending.pb.h"
#include "mostove/testing/v1/catalog_service.pb.h"

namespace mostove::references {
namespace {

using ::mostove::testing::HasMessage;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const google::protobuf::ServiceDescriptor* Service(const char* name) {
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
}
const auto* Catalog() { return Service("mostove.testing.v1.CatalogService"); }
const auto* Lending() { return Service("mostove.lending.v1.LendingService"); }

TEST(RegistryTest, AServiceOwnsTheTypesThatItAnswersWith) {
  const auto registry = Registry::Build({Catalog(), Lending()});
  ASSERT_THAT(registry, IsOk());
  EXPECT_EQ((*registry)->OwnerOf("testing.mostove.bg/Shelf")->descriptor, Catalog());
  EXPECT_EQ((*registry)->OwnerOf("lending.mostove.bg/Card")->descriptor, Lending());
  EXPECT_EQ((*registry)->OwnerOf("testing.mostove.bg/Loan"), nullptr);
  EXPECT_EQ((*registry)->ByName("organizations/a/shelves/b")->singular(), "shelf");
  EXPECT_EQ((*registry)->ByName("loans/a"), nullptr);
  EXPECT_EQ((*registry)->Owned("testing.mostove.bg/Shelf")->undelete->name(), "UndeleteShelf");
}

TEST(RegistryTest, OnlyServicesThatRefuseAreAskedBeforeADeletion) {
  const auto registry = Registry::Build({Catalog(), Lending()});
  ASSERT_THAT(registry, IsOk());
  const auto* lending = (*registry)->Find(Lending());
  EXPECT_THAT((*registry)->Refusing("testing.mostove.bg/Organization"), ElementsAre(lending));
  EXPECT_THAT((*registry)->Refusing("testing.mostove.bg/Shelf"), IsEmpty());
  EXPECT_THAT((*registry)->Refusing("lending.mostove.bg/Reader"), ElementsAre(lending));
}

TEST(RegistryTest, AServiceFollowsTheLogsOfWhatItsResourcesReferTo) {
  const auto registry = Registry::Build({Catalog(), Lending()});
  ASSERT_THAT(registry, IsOk());
  EXPECT_THAT((*registry)->FollowedBy(*(*registry)->Find(Catalog())), IsEmpty());
  const auto followed = (*registry)->FollowedBy(*(*registry)->Find(Lending()));
  ASSERT_EQ(followed.size(), 2u);
  EXPECT_EQ(followed[0].source->descriptor, Catalog());
  EXPECT_THAT(followed[0].guarded,
              ::testing::UnorderedElementsAre("testing.mostove.bg/Organization",
                                              "testing.mostove.bg/Shelf"));
  EXPECT_EQ(followed[1].source->descriptor, Lending());
  EXPECT_THAT(followed[1].guarded, ElementsAre("lending.mostove.bg/Card"));
}

TEST(RegistryTest, TheReferencesOfTheInstallationAreRight) {
  std::vector<const google::protobuf::ServiceDescriptor*> services;
  for (const char* name :
       {"mostove.organizations.v1.OrganizationsService", "mostove.trainings.v1.TrainingsService",
        "mostove.funding.v1.FundingService", "mostove.coalitions.v1.CoalitionsService"}) {
    services.push_back(Service(name));
    ASSERT_NE(services.back(), nullptr) << name;
  }
  const auto registry = Registry::Build(services);
  ASSERT_THAT(registry, IsOk());
  EXPECT_THAT((*registry)->Refusing("organizations.mostove.bg/Organization"),
              ::testing::Contains((*registry)->Find(services[2])));
}

// A service with one resource whose field `target` is annotated with `options`.
class AnnotationTest : public ::testing::Test {
 protected:
  absl::Status Build(const std::string& reference, const std::string& annotation) {
    google::protobuf::FileDescriptorProto file;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        absl::StrCat(R"(
                       name: "wrong.proto"
                       package: "wrong.v1"
                       syntax: "proto3"
                       dependency: "google/api/resource.proto"
                       dependency: "google/type/date.proto"
                       dependency: "mostove/resource/v1/annotations.proto"
                       dependency: "mostove/changes/v1/changes.proto"
                       service {
                         name: "WrongService"
                         method {
                           name: "GetThing"
                           input_type: ".wrong.v1.Thing"
                           output_type: ".wrong.v1.Thing"
                         }
                       }
                       message_type {
                         name: "Thing"
                         options {
                           [google.api.resource] {
                             type: "wrong.mostove.bg/Thing"
                             pattern: "things/{thing}"
                             singular: "thing"
                             plural: "things"
                           }
                           [mostove.resource.v1.resource] {}
                         }
                         field { name: "name" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
                         field {
                           name: "end_date"
                           number: 2
                           type: TYPE_MESSAGE
                           type_name: ".google.type.Date"
                           label: LABEL_OPTIONAL
                         }
                         field {
                           name: "target"
                           number: 3
                           type: TYPE_STRING
                           label: LABEL_OPTIONAL
                           options {
                             [google.api.resource_reference] {)",
                     reference, "} [mostove.resource.v1.reference] {", annotation, "} } } }"),
        &file));
    // Types are kept for the life of the process, and so are their descriptors.
    static auto* const pools = new std::vector<std::unique_ptr<google::protobuf::DescriptorPool>>;
    pools->push_back(std::make_unique<google::protobuf::DescriptorPool>(
        google::protobuf::DescriptorPool::generated_pool()));
    const auto* built = pools->back()->BuildFile(file);
    EXPECT_NE(built, nullptr);
    return Registry::Build({Catalog(), built->service(0)}).status();
  }
};

TEST_F(AnnotationTest, WhatIsRightIsTaken) {
  EXPECT_THAT(
      Build(R"(type: "testing.mostove.bg/Shelf")", R"(on_delete: END end_field: "end_date")"),
      IsOk());
}

TEST_F(AnnotationTest, AnUnknownTypeIsToldWithTheField) {
  EXPECT_THAT(Build(R"(type: "testing.mostove.bg/Shelfe")", ""),
              HasMessage(AllOf(HasSubstr("target of wrong.v1.Thing"), HasSubstr("Shelfe"),
                               HasSubstr("no service owns"))));
}

TEST_F(AnnotationTest, AnEndWithoutAFieldIsTold) {
  EXPECT_THAT(Build(R"(type: "testing.mostove.bg/Shelf")", "on_delete: END"),
              HasMessage(AllOf(HasSubstr("target of wrong.v1.Thing"), HasSubstr("end_field"))));
}

TEST_F(AnnotationTest, AnEndThatIsNoDateIsTold) {
  EXPECT_THAT(Build(R"(type: "testing.mostove.bg/Shelf")", R"(on_delete: END end_field: "name")"),
              HasMessage(HasSubstr("google.type.Date")));
}

TEST_F(AnnotationTest, AFieldThatEndsNothingIsTold) {
  EXPECT_THAT(Build(R"(type: "testing.mostove.bg/Shelf")", R"(end_field: "end_date")"),
              HasMessage(HasSubstr("not annotated END")));
}

TEST_F(AnnotationTest, AnRpcThatARefusalNeedsIsTold) {
  EXPECT_THAT(Build(R"(type: "testing.mostove.bg/Shelf")", "on_delete: REFUSE"),
              HasMessage(AllOf(HasSubstr("wrong.v1.WrongService needs the RPC ListReferrers"))));
}

}  // namespace
}  // namespace mostove::references
