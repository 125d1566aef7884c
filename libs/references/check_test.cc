// References when they are written.
#include <thread>

#include "libs/references/references_fixture.h"
#include "libs/rpc/ask.h"

namespace mostove::references {
namespace {

using ::absl::StatusCode;
using ::testing::AllOf;
using ::testing::Not;

class CheckTest : public ReferencesTest {
 protected:
  void SetUp() override {
    ReferencesTest::SetUp();
    AddOrganization("a");
    AddShelf("a", "poetry");
    AddOrganization("hidden", catalog::DRAFT);
  }
};

INSTANTIATE_ON_BOTH_ENGINES(CheckTest);

TEST_P(CheckTest, AResourceMayReferToThoseOfAnotherService) {
  const auto reader = Create<lending::Reader>(lending_, "ann", R"pb(
    organization: "organizations/a"
    favorites: "organizations/a/shelves/poetry"
    subject: "organizations/a")pb");
  EXPECT_THAT(reader, IsOk());
}

TEST_P(CheckTest, EveryMissingOneIsNamedAtOnce) {
  EXPECT_THAT(
      Create<lending::Reader>(lending_, "ann", R"pb(
        organization: "organizations/b"
        favorites: "organizations/a/shelves/poetry"
        favorites: "organizations/a/shelves/prose"
        favorites: "organizations/a"
        subject: "nothing/known")pb"),
      AllOf(StatusIs(StatusCode::kInvalidArgument),
            HasViolation("reader.organization", "REFERENCE_NOT_FOUND"),
            Not(HasViolation("reader.favorites[0]", "REFERENCE_NOT_FOUND")),
            HasViolation("reader.favorites[1]", "REFERENCE_NOT_FOUND"),
            HasViolation("reader.favorites[2]", "NAME"), HasViolation("reader.subject", "NAME")));
}

TEST_P(CheckTest, ABatchAsksOnceForAllItsResources) {
  std::vector<lending::Reader> readers(200);
  std::vector<store::CreateRequest> requests;
  for (size_t i = 0; i < readers.size(); ++i) {
    readers[i].set_organization(i % 2 == 0 ? "organizations/a" : "organizations/b");
    readers[i].add_favorites(absl::StrCat("organizations/a/shelves/s", i));
    requests.push_back({"", "", &readers[i]});
  }
  mostove::references::v1::ListReferrersResponse unused;
  peers_.checks = 0;
  const absl::Status batch = lending_.store->ByDescriptor(lending::Reader::descriptor())
                                 ->BatchCreate(Administrator(), requests, false, unused, nullptr);
  EXPECT_THAT(batch,
              AllOf(HasViolation("requests[1].reader.organization", "REFERENCE_NOT_FOUND"),
                    HasViolation("requests[7].reader.favorites[0]", "REFERENCE_NOT_FOUND"),
                    Not(HasViolation("requests[0].reader.organization", "REFERENCE_NOT_FOUND"))));
  EXPECT_EQ(peers_.checks, 1);
}

TEST_P(CheckTest, WhatTheCallerMayNotSeeAnswersLikeWhatIsNotThere) {
  const auto answer = [&](const std::string& name) {
    lending::Reader reader;
    reader.set_organization(name);
    call::Call member = Administrator();
    member.caller = {
        .name = "users/m", .network = true, .organizations = {name}, .acts_for = {name}};
    // A member of the organization sees it; the others do not.
    member.caller.organizations = member.caller.acts_for = {"organizations/a"};
    reader.add_favorites("organizations/a/shelves/poetry");
    reader.set_organization("organizations/a");
    reader.set_subject(name);
    return Create(lending_, member, "", "", reader).status();
  };
  EXPECT_THAT(answer("organizations/hidden"),
              HasViolation("reader.subject", "REFERENCE_NOT_FOUND"));
  EXPECT_EQ(answer("organizations/hidden"), answer("organizations/nowhere"));
  EXPECT_THAT(Create<lending::Reader>(lending_, "", R"pb(organization: "organizations/hidden")pb"),
              IsOk());
}

TEST_P(CheckTest, AnUpdateIsAskedOnlyForWhatItBringsIn) {
  ASSERT_THAT(Create<lending::Reader>(lending_, "ann", R"pb(
                favorites: "organizations/a/shelves/poetry")pb"),
              IsOk());
  ASSERT_THAT(Delete(catalog_, "organizations/a/shelves/poetry"), IsOk());
  CatchUp(lending_);
  lending::Reader patch;
  patch.set_name("readers/ann");
  patch.set_organization("organizations/b");
  patch.add_favorites("organizations/a/shelves/new");
  patch.add_favorites("organizations/a/shelves/poetry");  // stands there already
  EXPECT_THAT(Update(lending_, patch),
              AllOf(HasViolation("reader.organization", "REFERENCE_NOT_FOUND"),
                    HasViolation("reader.favorites[0]", "REFERENCE_NOT_FOUND"),
                    Not(HasViolation("reader.favorites[1]", "REFERENCE_NOT_FOUND"))));
  patch.clear_organization();
  patch.mutable_favorites()->DeleteSubrange(0, 1);
  EXPECT_THAT(Update(lending_, patch), IsOk());
}

TEST_P(CheckTest, WhoMayNotWriteLearnsNothingOfTheReferences) {
  ASSERT_THAT(Create<lending::Reader>(lending_, "ann", R"pb(
                organization: "organizations/hidden")pb"),
              IsOk());
  call::Call stranger = Administrator();
  stranger.caller = {.name = "users/s",
                     .network = true,
                     .organizations = {"organizations/a"},
                     .acts_for = {"organizations/a"}};
  lending::Reader patch;
  patch.set_name("readers/ann");
  const auto answer = [&](const std::string& organization) {
    patch.set_organization(organization);
    return Update(lending_, patch, stranger);
  };
  EXPECT_THAT(answer("organizations/hidden"), StatusIs(StatusCode::kPermissionDenied));
  EXPECT_EQ(answer("organizations/hidden"), answer("organizations/nowhere"));
}

TEST_P(CheckTest, AnAnswerIsKeptForAMoment) {
  const auto create = [&](const std::string& organization) {
    return Create<lending::Reader>(lending_, "", absl::StrCat("organization: '", organization, "'"))
        .status();
  };
  peers_.checks = 0;
  EXPECT_THAT(create("organizations/a"), IsOk());
  EXPECT_THAT(create("organizations/a"), IsOk());
  EXPECT_EQ(peers_.checks, 1);
  // What is missing is asked for each time: it may come.
  EXPECT_THAT(create("organizations/b"),
              HasViolation("reader.organization", "REFERENCE_NOT_FOUND"));
  AddOrganization("b");
  EXPECT_THAT(create("organizations/b"), IsOk());
  EXPECT_EQ(peers_.checks, 3);
}

TEST_P(CheckTest, AChangeOfTheTargetIsSeenByTheNextWriter) {
  lending::Reader reader;
  reader.set_subject("organizations/a");
  reader.set_organization("organizations/b");
  AddOrganization("b");
  call::Call member = Administrator();
  member.caller = {.name = "users/m",
                   .network = true,
                   .organizations = {"organizations/b"},
                   .acts_for = {"organizations/b"}};
  ASSERT_THAT(Create(lending_, member, "", "", reader), IsOk());
  catalog::Organization patch;
  patch.set_name("organizations/a");
  patch.set_state(catalog::DRAFT);
  ASSERT_THAT(Update(catalog_, patch), IsOk());
  CatchUp(lending_);
  EXPECT_THAT(Create(lending_, member, "", "", reader),
              HasViolation("reader.subject", "REFERENCE_NOT_FOUND"));
}

TEST_P(CheckTest, AServiceThatIsAwayIsSaidAndNothingIsWritten) {
  peers_.before = [](const auto* method) {
    return method->name() == "CheckReferences" ? absl::UnavailableError("no way")
                                               : absl::OkStatus();
  };
  EXPECT_THAT(Create<lending::Reader>(lending_, "ann", R"pb(organization: "organizations/a")pb"),
              AllOf(StatusIs(StatusCode::kUnavailable), HasReason("SERVICE_AWAY")));
  // What needs nobody else goes on.
  EXPECT_THAT(Create<lending::Reader>(lending_, "ben", ""), IsOk());
  peers_.before = nullptr;
  EXPECT_THAT(Create<lending::Reader>(lending_, "ann", R"pb(organization: "organizations/a")pb"),
              IsOk());
}

// Never answers, as a process that hangs.
TEST_P(CheckTest, AServiceThatHangsCostsThePartOfTheDeadlineThatIsLeft) {
  class Silence : public rpc::Invoker {
    std::vector<const google::protobuf::ServiceDescriptor*> services() const override { return {}; }
    void Invoke(const google::protobuf::MethodDescriptor*, call::Call, call::MessagePtr,
                rpc::Done) override {}
  } silence;
  peers_.Connect(&silence);
  lending::Reader reader;
  reader.set_organization("organizations/a");
  call::Call call = Administrator();
  call.deadline = absl::Now() + absl::Milliseconds(2500);
  EXPECT_THAT(Create(lending_, call, "", "ann", reader),
              AllOf(StatusIs(StatusCode::kUnavailable), HasReason("SERVICE_AWAY")));
  EXPECT_FALSE(call.Expired());
}

// A question is answered without asking on, so one thread for all of them is
// enough, however many wait for answers on both sides.
TEST_P(CheckTest, ServicesThatAskEachOtherDoNotWaitInACircle) {
  Serve(/*threads=*/1);
  constexpr int kRounds = 10;
  constexpr int kThreads = 8;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([this, i] {
      for (int round = 0; round < kRounds; ++round) {
        const std::string id = absl::StrCat("o", i, "-", round);
        AddOrganization(id);
        EXPECT_THAT(Create<lending::Reader>(lending_, id,
                                            absl::StrCat("organization: 'organizations/", id, "'")),
                    IsOk());
        EXPECT_THAT(Delete(catalog_, "organizations/" + id), HasReason("REFERENCED"));
        EXPECT_THAT(Delete(lending_, "readers/" + id), IsOk());
        EXPECT_THAT(Delete(catalog_, "organizations/" + id), IsOk());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_P(CheckTest, AServiceIsAskedForItsOwnNamesOnly) {
  auto request = std::make_unique<v1::CheckReferencesRequest>();
  request->add_names("organizations/a");
  request->add_names("readers/ann");
  request->add_names("organizations/a/shelves/poetry");
  const auto* method = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
      "mostove.testing.v1.CatalogService.CheckReferences");
  EXPECT_THAT(
      rpc::Ask(peers_, Anonymous(), {method, std::move(request)}, absl::Minutes(10)).status(),
      AllOf(HasViolation("names[1]", "NAME"), Not(HasViolation("names[0]", "NAME"))));
}

}  // namespace
}  // namespace mostove::references
