#include "libs/audit/shown.h"

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "mostove/changes/v1/changes.pb.h"
#include "mostove/funding/v1/grant.pb.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "mostove/trainings/v1/session.pb.h"

namespace mostove::audit {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

template <class Message>
Message Parsed(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

std::vector<call::Shown> Shown(const call::Caller& caller,
                               const google::protobuf::Message& answer) {
  return ShownIn(caller, answer.GetDescriptor(), answer.SerializeAsString());
}

using organizations::v1::Organization;

const call::Caller kAdministrator = {.name = "users/a", .administrator = true, .network = true};
const call::Caller kOwner = {
    .name = "users/o", .network = true, .organizations = {"organizations/x"}};
const call::Caller kService = {.name = "services/funding", .administrator = true, .service = true};

TEST(ShownTest, PersonalFieldsCountForEverybody) {
  const auto answer = Parsed<Organization>(
      R"(name: "organizations/x" legal_name: "X" contacts { title: "Мария" })");
  for (const call::Caller& caller : {kAdministrator, kOwner, kService}) {
    EXPECT_THAT(Shown(caller, answer),
                ElementsAre(call::Shown{"organizations/x", "organizations/x", true}));
  }
}

TEST(ShownTest, FieldsForOwnersCountForOthers) {
  const auto answer = Parsed<Organization>(R"(name: "organizations/x" internal_note: "late")");
  EXPECT_THAT(Shown(kAdministrator, answer),
              ElementsAre(call::Shown{"organizations/x", "organizations/x", false}));
  EXPECT_THAT(Shown(kOwner, answer), IsEmpty());
  EXPECT_THAT(Shown(kService, answer), IsEmpty());
}

TEST(ShownTest, PublicAndStandardFieldsDoNotCount) {
  const auto answer = Parsed<Organization>(
      R"(name: "organizations/x" etag: "\"1\"" legal_name: "X" create_time { seconds: 5 }
         delete_time { seconds: 6 })");
  EXPECT_THAT(Shown(kAdministrator, answer), IsEmpty());
}

TEST(ShownTest, APersonalFieldDeepInsideCounts) {
  const auto answer = Parsed<Organization>(
      R"(name: "organizations/x" locations { addresses { address_1: "a" } }
         locations { addresses { attention: "Мария" } })");
  EXPECT_THAT(Shown(kOwner, answer),
              ElementsAre(call::Shown{"organizations/x", "organizations/x", true}));
}

TEST(ShownTest, WhatTheOwnerPublishesDoesNotCount) {
  EXPECT_THAT(Shown(kAdministrator, Parsed<funding::v1::Grant>(
                                        R"(name: "grants/g" recipient: "organizations/x"
                                           budget { published: true })")),
              IsEmpty());
  EXPECT_THAT(
      Shown(kAdministrator, Parsed<funding::v1::Grant>(
                                R"(name: "grants/g" recipient: "organizations/x" budget {})")),
      ElementsAre(call::Shown{"grants/g", "organizations/x", false}));
}

TEST(ShownTest, EachOwnerIsTold) {
  const auto answer = Parsed<trainings::v1::Session>(
      R"(name: "programs/p/sessions/s" organizers: "organizations/x" organizers: "organizations/y"
         trainers { display_name: "Мария" })");
  EXPECT_THAT(Shown(kOwner, answer),
              UnorderedElementsAre(call::Shown{"programs/p/sessions/s", "programs/p", true},
                                   call::Shown{"programs/p/sessions/s", "organizations/x", true},
                                   call::Shown{"programs/p/sessions/s", "organizations/y", true}));
}

TEST(ShownTest, AListTellsOncePerOwner) {
  const auto answer = Parsed<organizations::v1::ListOrganizationsResponse>(
      R"(organizations { name: "organizations/x" internal_note: "1" }
         organizations { name: "organizations/x" internal_note: "2" }
         organizations { name: "organizations/y" contacts { title: "Мария" } }
         organizations { name: "organizations/z" legal_name: "Z" })");
  EXPECT_THAT(Shown(kAdministrator, answer),
              UnorderedElementsAre(call::Shown{"", "organizations/x", false},
                                   call::Shown{"", "organizations/y", true}));
}

TEST(ShownTest, AResourceInAnAnyCounts) {
  changes::v1::ListChangesResponse answer;
  answer.add_changes()->mutable_resource()->PackFrom(
      Parsed<Organization>(R"(name: "organizations/x" internal_note: "1")"));
  EXPECT_THAT(Shown(kAdministrator, answer),
              ElementsAre(call::Shown{"", "organizations/x", false}));
}

TEST(ShownTest, OnlyWhoSeesMoreThanMembersIsLookedAt) {
  const auto* type = Organization::descriptor();
  EXPECT_TRUE(MayShow(kAdministrator, type));
  EXPECT_TRUE(MayShow(kOwner, type));
  EXPECT_FALSE(MayShow({.name = "users/m", .network = true}, type));
  EXPECT_FALSE(MayShow(kAdministrator, google::protobuf::Timestamp::descriptor()));
}

TEST(ShownTest, BytesThatAreNoMessageShowNothing) {
  EXPECT_THAT(ShownIn(kAdministrator, Organization::descriptor(), "\xff\xff\xff\xff"), IsEmpty());
  EXPECT_THAT(ShownIn(kAdministrator, Organization::descriptor(), std::string("\x0a\x7f", 2)),
              IsEmpty());
}

}  // namespace
}  // namespace mostove::audit
