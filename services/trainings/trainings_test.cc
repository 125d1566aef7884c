// The service on both engines.
#include "libs/service/service_fixture.h"
#include "mostove/trainings/v1/program.pb.h"
#include "mostove/trainings/v1/session.pb.h"
#include "mostove/trainings/v1/topic.pb.h"
#include "services/trainings/definition.h"

namespace mostove::trainings {
namespace {

using ::mostove::testing::HasReason;
using ::mostove::testing::HasViolation;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using v1::Program;
using v1::Session;
using v1::Topic;

constexpr char kTitle[] = R"(title { texts { key: "en" value: "A title" } } )";
constexpr char kId[] = "11111111-1111-4111-8111-111111111111";

class TrainingsTest : public service::ServiceTest {
 protected:
  void SetUp() override {
    Open(Define());
    ASSERT_THAT(Create<Topic>("", "donors", kTitle), IsOk());
    ASSERT_THAT(Create<Topic>("", "coalitions", kTitle), IsOk());
  }

  void AddProgram(const std::string& id, const std::string& text) {
    ASSERT_THAT(Create<Program>("", id, kTitle + text), IsOk());
  }

  const call::Caller organizer_ = MemberOf({"organizations/a"});
  const call::Caller other_ = MemberOf({"organizations/b"});
};
INSTANTIATE_ON_BOTH_ENGINES(TrainingsTest);

TEST_P(TrainingsTest, EveryListWalksAnIndex) { ExpectSchemaServesLists(); }

TEST_P(TrainingsTest, OnlyAdministratorsWriteTopicsAndEverybodyReadsThem) {
  EXPECT_THAT(Create<Topic>("", kId, kTitle, organizer_),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Do<Topic>("Get", "topics/donors", Anonymous()), IsOk());
  EXPECT_THAT(List<Topic>("", "", Anonymous()), ElementsAre("topics/coalitions", "topics/donors"));
}

TEST_P(TrainingsTest, ProgramsBelongToTheirOrganizers) {
  const std::string text = std::string(kTitle) + R"(organizers: "organizations/a")";
  EXPECT_THAT(Create<Program>("", kId, text, organizer_), IsOk());
  EXPECT_THAT(Create<Program>("", "", text, other_),
              StatusIs(absl::StatusCode::kPermissionDenied, HasReason("NOT_OWNER")));
  const std::string name = std::string("programs/") + kId;
  EXPECT_THAT(Do<Program>("Get", name, other_), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Update<Program>(name, "publication: SHARED", organizer_), IsOk());
  EXPECT_THAT(Do<Program>("Get", name, other_), IsOk());
  EXPECT_THAT(Do<Program>("Get", name, Anonymous()), StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(TrainingsTest, SaysAllThatIsWrongWithAProgram) {
  const auto refused = Create<Program>("", "p", R"(
      organizers: "organizations/missing" topics: "topics/none" website: "https://nowhere"
      start_date { year: 2026 month: 5 } end_date { year: 2026 month: 4 })");
  for (const auto& [field, reason] : std::vector<std::pair<std::string, std::string>>{
           {"program.title", "REQUIRED"},
           {"program.organizers[0]", "REFERENCE_NOT_FOUND"},
           {"program.topics[0]", "REFERENCE_NOT_FOUND"},
           {"program.website", "WEBSITE"},
           {"program.end_date", "END_BEFORE_START"}}) {
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, HasViolation(field, reason)));
  }
}

TEST_P(TrainingsTest, SessionsTakeOverTheOrganizers) {
  AddProgram("p", R"(organizers: "organizations/a" publication: PUBLISHED)");
  const auto session = Create<Session>("programs/p", kId, R"(topic: "topics/donors"
      organizers: "organizations/b" trainers { display_name: "A Person" })",
                                       organizer_);
  ASSERT_THAT(session, IsOk());
  EXPECT_THAT(session->organizers(), ElementsAre("organizations/a"));
  EXPECT_THAT(Create<Session>("programs/p", "", R"(topic: "topics/donors")", other_),
              StatusIs(absl::StatusCode::kPermissionDenied));

  // The sessions follow when the program passes to others.
  const std::string name = session->name();
  ASSERT_THAT(Update<Program>("programs/p", R"(organizers: "organizations/b")"), IsOk());
  EXPECT_THAT(Do<Session>("Get", name, organizer_), StatusIs(absl::StatusCode::kNotFound));
  const auto taken_over = Do<Session>("Get", name, other_);
  ASSERT_THAT(taken_over, IsOk());
  EXPECT_THAT(taken_over->organizers(), ElementsAre("organizations/b"));
  EXPECT_EQ(taken_over->trainers_size(), 1);
  EXPECT_THAT(List<Session>("programs/-", "", other_), ElementsAre(name));
  EXPECT_THAT(List<Session>("programs/-", "", organizer_), IsEmpty());
}

TEST_P(TrainingsTest, SessionsAreOnTopicsOfTheProgram) {
  AddProgram("p", R"(organizers: "organizations/a" topics: "topics/donors")");
  EXPECT_THAT(Create<Session>("programs/p", "s", R"(topic: "topics/donors")"), IsOk());
  const auto refused = Create<Session>("programs/p", "t", R"(topic: "topics/coalitions"
      time_zone: "Europe/Atlantis")");
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument,
                                HasViolation("session.time_zone", "TIME_ZONE")));
  EXPECT_THAT(Create<Session>("programs/p", "t", R"(topic: "topics/coalitions")"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasViolation("session.topic", "TOPIC")));
  EXPECT_THAT(Update<Session>("programs/p/sessions/s", R"(topic: "topics/coalitions")"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasViolation("session.topic", "TOPIC")));
}

TEST_P(TrainingsTest, AnAnnouncedSessionIsSeenWithoutItsTrainersAndItsLink) {
  AddProgram("p", R"(organizers: "organizations/a" publication: PUBLISHED)");
  const std::string name = "programs/p/sessions/s";
  ASSERT_THAT(Create<Session>("programs/p", "s", R"(topic: "topics/donors"
      trainers { display_name: "A Person" } join_link: "https://meet.example.org/x"
      start_time { seconds: 1800000000 } end_time { seconds: 1800003600 })"),
              IsOk());
  EXPECT_THAT(Do<Session>("Get", name, other_), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(Update<Session>(name, "state: PUBLISHED", organizer_), IsOk());
  const auto for_all = Do<Session>("Get", name, Anonymous());
  ASSERT_THAT(for_all, IsOk());
  EXPECT_EQ(for_all->trainers_size(), 0);
  EXPECT_EQ(for_all->join_link(), "");
  const auto for_members = Do<Session>("Get", name, other_);
  EXPECT_EQ(for_members->trainers_size(), 0);
  EXPECT_NE(for_members->join_link(), "");
  EXPECT_EQ(Do<Session>("Get", name, organizer_)->trainers_size(), 1);
  EXPECT_THAT(Update<Session>(name, "state: DRAFT", organizer_),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasReason("STATE_STEP")));
}

TEST_P(TrainingsTest, ATopicInUseStays) {
  AddProgram("p", R"(organizers: "organizations/a" topics: "topics/donors")");
  EXPECT_THAT(Do<Topic>("Delete", "topics/donors"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasReason("REFERENCED")));
  EXPECT_THAT(Do<Topic>("Delete", "topics/coalitions"), IsOk());
}

}  // namespace
}  // namespace mostove::trainings
