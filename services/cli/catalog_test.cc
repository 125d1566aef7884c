#include "services/cli/catalog.h"

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mostove::cli {
namespace {

using ::testing::HasSubstr;

TEST(CatalogTest, EveryTypeIsFoundWithItsMethods) {
  const Catalog catalog = Catalog::FromLinkedDescriptors();
  ASSERT_GE(catalog.types().size(), 2u);
  for (const ResourceType& type : catalog.types()) {
    EXPECT_NE(type.get, nullptr) << type.type;
    EXPECT_NE(type.list, nullptr) << type.type;
    // Nobody writes sessions, and what is written once has no update.
    if (absl::StartsWith(type.type, "identity.")) continue;
    EXPECT_NE(type.create, nullptr) << type.type;
    EXPECT_NE(type.update, nullptr) << type.type;
    EXPECT_NE(type.remove, nullptr) << type.type;
    EXPECT_NE(type.undelete, nullptr) << type.type;
    EXPECT_NE(type.history, nullptr) << type.type;
    EXPECT_FALSE(type.IdParameter().empty()) << type.type;
  }
}

TEST(CatalogTest, NamesAndCollectionsLeadToTheirType) {
  const Catalog catalog = Catalog::FromLinkedDescriptors();
  EXPECT_EQ((*catalog.FindByName("organizations/a"))->singular, "organization");
  EXPECT_EQ((*catalog.FindByName("organizations/a/activities/b"))->singular, "activity");
  EXPECT_EQ(catalog.FindCollection("organizations")->type->singular, "organization");
  const auto collection = catalog.FindCollection("organizations/-/activities");
  ASSERT_TRUE(collection.ok());
  EXPECT_EQ(collection->type->singular, "activity");
  EXPECT_EQ(collection->parent, "organizations/-");
  EXPECT_EQ((*catalog.FindType("activities"))->IdParameter(), "activityId");
  EXPECT_EQ((*catalog.FindType("activity"))->ListMember(), "activities");
  for (const char* wrong :
       {"", "organizations", "organizations/", "people/x", "organizations/a/b/c"}) {
    EXPECT_THAT(catalog.FindByName(wrong).status().message(),
                HasSubstr("organizations/{organization}/activities/{activity}"))
        << wrong;
  }
  for (const char* wrong : {"", "organizations/a", "people", "organizations//activities"}) {
    EXPECT_THAT(catalog.FindCollection(wrong).status().message(), HasSubstr("is no collection"))
        << wrong;
  }
}

TEST(CatalogTest, RoutesComeFromTheDescriptors) {
  const Catalog catalog = Catalog::FromLinkedDescriptors();
  const ResourceType& activity = **catalog.FindType("activity");
  const ResourceType& organization = **catalog.FindType("organization");
  struct Case {
    const google::protobuf::MethodDescriptor* method;
    const char* name;
    const char* http_method;
    const char* path;
  };
  const Case cases[] = {
      {organization.get, "organizations/a", "GET", "/v1/organizations/a"},
      {organization.create, "", "POST", "/v1/organizations"},
      {organization.update, "organizations/a", "PATCH", "/v1/organizations/a"},
      {activity.list, "organizations/-", "GET", "/v1/organizations/-/activities"},
      {activity.undelete, "organizations/a/activities/b", "POST",
       "/v1/organizations/a/activities/b:undelete"},
      {activity.history, "organizations/a/activities/b", "GET",
       "/v1/organizations/a/activities/b:history"},
      {activity.remove, "organizations/a b/activities/\xD1\x8F", "DELETE",
       "/v1/organizations/a%20b/activities/%D1%8F"},
  };
  for (const Case& c : cases) {
    const auto call = Route(*c.method, c.name);
    ASSERT_TRUE(call.ok()) << call.status();
    EXPECT_EQ(call->method, c.http_method);
    EXPECT_EQ(call->path, c.path);
  }
  EXPECT_FALSE(Route(*organization.get, "organizations/a/activities/b").ok());
}

TEST(NameTest, NamesComeApart) {
  EXPECT_EQ(ParentOf("organizations/a/activities/b"), "organizations/a");
  EXPECT_EQ(ParentOf("organizations/a"), "");
  EXPECT_EQ(IdOf("organizations/a/activities/b"), "b");
}

}  // namespace
}  // namespace mostove::cli
