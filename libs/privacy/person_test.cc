#include "libs/privacy/person.h"

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "libs/testing/matchers.h"
#include "mostove/funding/v1/grant.pb.h"
#include "mostove/identity/v1/user.pb.h"
#include "mostove/organizations/v1/organization.pb.h"
#include "mostove/trainings/v1/session.pb.h"

namespace mostove::privacy {
namespace {

using ::mostove::testing::EqualsProto;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

template <class Message>
Message Parsed(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

using organizations::v1::Organization;

const Person kPerson = {"users/1", "maria@example.org", "Мария Петрова"};

TEST(TakeOutTest, AnItemWithThePersonsAddressGoesAsAWhole) {
  auto resource = Parsed<Organization>(
      R"(name: "organizations/x" contacts { title: "M." email: "Maria@Example.ORG" phone: "+359 2" }
         contacts { title: "Мария Петрова" email: "other@example.org" })");
  std::vector<std::string> found;
  EXPECT_TRUE(TakeOut(kPerson, resource, &found));
  EXPECT_THAT(resource, EqualsProto(R"pb(name: "organizations/x"
                                         contacts {
                                           title: "Мария Петрова"
                                           email: "other@example.org"
                                         })pb"));
  EXPECT_THAT(
      found,
      ElementsAre(R"({"contacts":[{"title":"M.","email":"Maria@Example.ORG","phone":"+359 2"}]})"));
}

TEST(TakeOutTest, ANameAloneIsEnoughWhereNoAddressTellsMore) {
  auto resource = Parsed<trainings::v1::Session>(
      R"(name: "programs/p/sessions/s" trainers { display_name: "мария  ПЕТРОВА" }
         trainers { display_name: "Мария Петрова-Иванова" })");
  EXPECT_TRUE(TakeOut(kPerson, resource, nullptr));
  ASSERT_EQ(resource.trainers_size(), 1);
  EXPECT_EQ(resource.trainers(0).display_name(), "Мария Петрова-Иванова");
}

TEST(TakeOutTest, AnAddressThatEndsOrBeginsLikeThePersonsIsSomebodyElses) {
  auto resource = Parsed<Organization>(
      R"(name: "organizations/x" contacts { email: "annamaria@example.org" }
         contacts { email: "maria@example.org.bg" } contacts { email: "x.maria@example.org" })");
  EXPECT_FALSE(TakeOut(kPerson, resource, nullptr));
  EXPECT_EQ(resource.contacts_size(), 3);
  resource.mutable_contacts(1)->set_title("Write to <maria@example.org>.");
  EXPECT_TRUE(TakeOut(kPerson, resource, nullptr));
  EXPECT_EQ(resource.contacts_size(), 2);
}

TEST(TakeOutTest, SingleFieldsOfOneMessageAreAboutOnePerson) {
  auto namesake = Parsed<identity::v1::User>(
      R"(name: "users/2" email: "petrova@example.org" display_name: "Мария Петрова")");
  EXPECT_FALSE(TakeOut(kPerson, namesake, nullptr));
  auto earlier = Parsed<identity::v1::User>(
      R"(name: "users/3" email: "maria@example.org" display_name: "Мими" language: "bg")");
  EXPECT_TRUE(TakeOut(kPerson, earlier, nullptr));
  EXPECT_THAT(earlier, EqualsProto(R"pb(name: "users/3" language: "bg")pb"));
}

TEST(TakeOutTest, AFieldDeepInsideIsLookedAt) {
  auto resource = Parsed<Organization>(
      R"(name: "organizations/x" locations { addresses { attention: "Мария Петрова" city: "Русе" }
                                             addresses { attention: "Иван" } })");
  EXPECT_TRUE(TakeOut(kPerson, resource, nullptr));
  EXPECT_THAT(resource, EqualsProto(R"pb(name: "organizations/x"
                                         locations {
                                           addresses { city: "Русе" }
                                           addresses { attention: "Иван" }
                                         })pb"));
}

TEST(TakeOutTest, FieldsThatAreNotPersonalStay) {
  auto resource =
      Parsed<Organization>(R"(name: "organizations/x" internal_note: "maria@example.org")");
  EXPECT_FALSE(TakeOut(kPerson, resource, nullptr));
}

TEST(TakeOutTest, APersonOfWhomNothingIsKnownIsNobody) {
  auto resource = Parsed<Organization>(R"(name: "organizations/x" contacts { phone: "+359 2" })");
  EXPECT_FALSE(TakeOut({"users/1", "", ""}, resource, nullptr));
  std::vector<std::string> found;
  EXPECT_FALSE(TakeOut(kPerson, resource, &found));
  EXPECT_THAT(found, IsEmpty());
}

TEST(HasPersonalFieldsTest, LooksDeep) {
  EXPECT_TRUE(HasPersonalFields(Organization::descriptor()));
  EXPECT_TRUE(HasPersonalFields(trainings::v1::Session::descriptor()));
  EXPECT_FALSE(HasPersonalFields(funding::v1::Grant::descriptor()));
}

}  // namespace
}  // namespace mostove::privacy
