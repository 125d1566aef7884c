#include "libs/rpc/service_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "libs/resource/roles.h"
#include "libs/rpc/fake_shelves.h"
#include "libs/status/status.h"
#include "libs/telemetry/metrics.h"
#include "libs/testing/matchers.h"

namespace mostove::rpc {
namespace {

using call::Call;
using call::Caller;
using ::testing::AllOf;
using testing::EqualsProto;
using testing::HasReason;
using ::testing::HasSubstr;
using testing::HasViolation;
using testing::IsOk;
using testing::StatusIs;
using namespace testing::v1;  // NOLINT: messages of the tests' own service

constexpr char kShelf[] = "organizations/reading-room/shelves/poetry";

Caller Anonymous() { return {}; }
Caller Guest() { return {.name = "users/1"}; }
Caller Member() { return {.name = "users/2", .network = true}; }
Caller Owner() {
  return {.name = "users/3",
          .network = true,
          .organizations = {"organizations/reading-room"},
          .grants = {{"organizations/reading-room",
                      resource::RoleBit(resource::v1::ORGANIZATION_EDITOR)}}};
}
Caller Administrator() { return call::LocalAdministrator(); }

class ServiceTableTest : public ::testing::Test {
 protected:
  // Runs the method as the caller; the answer is of the type that one asks for.
  template <class Response, class Request>
  absl::StatusOr<Response> Run(const char* method, Call call, const Request& request) {
    if (table_ == nullptr) table_ = shelves_.Bind({.metrics = metrics_.get()});
    auto response =
        table_->Run(*table_->Find(method), std::move(call), std::make_unique<Request>(request));
    if (!response.ok()) return response.status();
    return static_cast<const Response&>(**response);
  }

  static Call By(Caller caller) {
    Call call;
    call.caller = std::move(caller);
    return call;
  }
  static CreateShelfRequest CreateRequest() {
    CreateShelfRequest request;
    request.set_parent("organizations/reading-room");
    request.mutable_shelf()->set_title("Poetry");
    return request;
  }
  // CreateShelf keeps the call that it was given.
  void KeepCalls() {
    shelves_.On<CreateShelfRequest, Shelf>(
        "CreateShelf", [this](const Call& call, const CreateShelfRequest& request) {
          calls_.push_back(call);
          return request.shelf();
        });
  }

  std::unique_ptr<telemetry::Metrics> metrics_ = telemetry::Metrics::Make();
  FakeShelves shelves_;
  std::unique_ptr<const ServiceTable> table_;
  std::vector<Call> calls_;
};

TEST_F(ServiceTableTest, RowsSayWhatTheAnnotationsSay) {
  const auto table = shelves_.Bind();
  EXPECT_EQ(table->descriptor()->full_name(), FakeShelves::kService);
  EXPECT_EQ(table->methods().size(), 11u);
  EXPECT_EQ(table->Find("NoSuchMethod"), nullptr);

  const Method& get = *table->Find("GetShelf");
  EXPECT_EQ(get.full_name, "mostove.testing.v1.ShelvesService/GetShelf");
  EXPECT_EQ(get.permission.allow, resource::v1::PUBLIC);
  EXPECT_TRUE(get.runs_inline);
  EXPECT_FALSE(get.is_write);

  EXPECT_FALSE(shelves_.Bind({.never_inline = true})->Find("GetShelf")->runs_inline);

  const Method& update = *table->Find("UpdateShelf");
  EXPECT_EQ(update.permission.allow, resource::v1::OWNER);
  EXPECT_FALSE(update.runs_inline);
  EXPECT_TRUE(update.is_write);
  EXPECT_TRUE(update.has_update_mask);
  EXPECT_FALSE(update.is_create);
  EXPECT_TRUE(table->Find("CreateShelf")->is_create);
  EXPECT_EQ(update.request->GetDescriptor(), UpdateShelfRequest::descriptor());
}

TEST_F(ServiceTableTest, AllFaultsOfATableComeInOneSentence) {
  auto unary = shelves_.Unary();
  std::erase_if(unary, [](const auto& m) { return m.name == "GetShelf"; });
  for (auto& m : unary) {
    if (m.name == "Echo") m.request = Shelf::descriptor();
    if (m.name == "Sweep") m.response = Shelf::descriptor();
  }
  unary.push_back({"Dust", SweepRequest::descriptor(), Shelf::descriptor(), nullptr});
  unary.push_back(unary.front());
  const auto table = ServiceTable::Bind(FakeShelves::kService, unary, {}, {});
  EXPECT_EQ(table.status().message(),
            "cannot bind mostove.testing.v1.ShelvesService: GetShelf has no function; "
            "WatchShelves has no function; "
            "Echo's request is mostove.testing.v1.EchoRequest, not mostove.testing.v1.Shelf; "
            "Sweep's response is google.protobuf.Empty, not mostove.testing.v1.Shelf; "
            "the function Dust has no method; the function ListShelves is bound twice");
}

TEST_F(ServiceTableTest, AStreamNeedsAStreamFunction) {
  auto unary = shelves_.Unary();
  unary.push_back(
      {"WatchShelves", WatchShelvesRequest::descriptor(), Shelf::descriptor(), unary.front().run});
  EXPECT_THAT(ServiceTable::Bind(FakeShelves::kService, unary, {}, {}).status().message(),
              HasSubstr("WatchShelves streams its responses and needs a stream function"));
}

TEST_F(ServiceTableTest, AServiceWithoutAProtoDoesNotBind) {
  EXPECT_THAT(ServiceTable::Bind("mostove.NoService", {}, {}, {}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ServiceTableTest, OnlyWhoMayCallGetsThrough) {
  const auto unauthenticated = absl::StatusCode::kUnauthenticated;
  const auto denied = absl::StatusCode::kPermissionDenied;
  const auto passed = absl::StatusCode::kUnimplemented;  // what unset functions answer
  struct Case {
    const char* method;
    Caller caller;
    absl::StatusCode code;
    const char* reason;
  };
  const Case cases[] = {
      {"ListShelves", Anonymous(), passed, ""},
      {"Echo", Anonymous(), unauthenticated, "SIGN_IN_REQUIRED"},
      {"Echo", Guest(), denied, "MEMBERSHIP_REQUIRED"},
      {"Echo", Member(), passed, ""},
      {"Echo", Administrator(), passed, ""},
      {"CreateShelf", Anonymous(), unauthenticated, "SIGN_IN_REQUIRED"},
      {"CreateShelf", Member(), denied, "ROLE_REQUIRED"},
      {"CreateShelf", Owner(), passed, ""},
      {"CreateShelf", Administrator(), passed, ""},
      {"Sweep", Anonymous(), unauthenticated, "SIGN_IN_REQUIRED"},
      {"Sweep", Owner(), denied, "ADMINISTRATOR_REQUIRED"},
      {"Sweep", Administrator(), passed, ""},
  };
  ListShelvesRequest list;
  list.set_parent("organizations/reading-room");
  const auto table = shelves_.Bind();
  for (const Case& c : cases) {
    const Method& method = *table->Find(c.method);
    call::MessagePtr request(method.request->New());
    if (method.request->GetDescriptor() == list.GetDescriptor()) request->CopyFrom(list);
    if (std::string(c.method) == "CreateShelf") request->CopyFrom(CreateRequest());
    EXPECT_THAT(table->Run(method, By(c.caller), std::move(request)),
                StatusIs(c.code, HasReason(c.reason)))
        << c.method << " by '" << c.caller.name << "'";
  }
}

TEST_F(ServiceTableTest, EveryWrongFieldIsReported) {
  CreateShelfRequest request;
  request.mutable_shelf()->set_code("wrong");
  EXPECT_THAT(
      Run<Shelf>("CreateShelf", By(Owner()), request),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasViolation("parent", "REQUIRED"), HasViolation("shelf.title", "REQUIRED"),
                     HasViolation("shelf.code", "PATTERN"))));
}

TEST_F(ServiceTableTest, AnUpdateWithAMaskMayLeaveRequiredFieldsOut) {
  shelves_.On<UpdateShelfRequest, Shelf>(
      "UpdateShelf", [](const Call&, const UpdateShelfRequest& r) { return r.shelf(); });
  UpdateShelfRequest request;
  request.mutable_shelf()->set_name(kShelf);
  EXPECT_THAT(Run<Shelf>("UpdateShelf", By(Owner()), request), IsOk());
}

TEST_F(ServiceTableTest, FunctionsSeeTextsInNfc) {
  shelves_.On<CreateShelfRequest, Shelf>(
      "CreateShelf", [](const Call&, const CreateShelfRequest& r) { return r.shelf(); });
  CreateShelfRequest request = CreateRequest();
  request.mutable_shelf()->set_title("\u0438\u0306");  // и and a breve
  const auto shelf = Run<Shelf>("CreateShelf", By(Administrator()), request);
  ASSERT_THAT(shelf, IsOk());
  EXPECT_EQ(shelf->title(), "\u0439");  // й
}

TEST_F(ServiceTableTest, AnswersAreStrippedOfWhatTheCallerMayNotSee) {
  Shelf whole;
  whole.set_name(kShelf);
  whole.set_administrator_note("a");
  whole.set_owner_note("o");
  whole.set_network_note("n");
  shelves_.On<GetShelfRequest, Shelf>("GetShelf",
                                      [&](const Call&, const GetShelfRequest&) { return whole; });
  GetShelfRequest request;
  request.set_name(kShelf);
  const auto notes = [&](Caller caller) {
    const auto shelf = Run<Shelf>("GetShelf", By(std::move(caller)), request);
    return shelf.ok() ? shelf->administrator_note() + shelf->owner_note() + shelf->network_note()
                      : shelf.status().ToString();
  };
  EXPECT_EQ(notes(Anonymous()), "");
  EXPECT_EQ(notes(Member()), "n");
  EXPECT_EQ(notes(Owner()), "on");
  EXPECT_EQ(notes(Administrator()), "aon");
}

TEST_F(ServiceTableTest, ACallGetsMethodAndRequestId) {
  KeepCalls();
  Call call = By(Owner());
  call.request_id = "from-the-edge:1";
  ASSERT_THAT(Run<Shelf>("CreateShelf", call, CreateRequest()), IsOk());
  call.request_id = "two words\nand a line";
  ASSERT_THAT(Run<Shelf>("CreateShelf", call, CreateRequest()), IsOk());
  EXPECT_EQ(calls_[0].method, "mostove.testing.v1.ShelvesService/CreateShelf");
  EXPECT_EQ(calls_[0].request_id, "from-the-edge:1");
  EXPECT_THAT(calls_[1].request_id, ::testing::MatchesRegex("[0-9a-f-]+"));
}

TEST_F(ServiceTableTest, TheKeyComesWithAHashOfTheRest) {
  KeepCalls();
  CreateShelfRequest request = CreateRequest();
  for (const char* label : {"b", "a", "c"}) {
    (*request.mutable_shelf()->mutable_labels())[label] = "x";
  }
  CreateShelfRequest reordered = CreateRequest();
  for (const char* label : {"c", "b", "a"}) {
    (*reordered.mutable_shelf()->mutable_labels())[label] = "x";
  }
  request.set_request_id("key-1");
  reordered.set_request_id("key-2");
  CreateShelfRequest other = CreateRequest();
  other.set_request_id("key-1");
  for (const auto& r : {request, reordered, other, CreateRequest()}) {
    ASSERT_THAT(Run<Shelf>("CreateShelf", By(Owner()), r), IsOk());
  }
  EXPECT_EQ(calls_[0].idempotency_key, "key-1");
  EXPECT_EQ(calls_[0].request_hash.size(), 32u);
  EXPECT_EQ(calls_[0].request_hash, calls_[1].request_hash) << "the key is no part of it";
  EXPECT_NE(calls_[0].request_hash, calls_[2].request_hash);
  EXPECT_EQ(calls_[3].idempotency_key, "");
  EXPECT_EQ(calls_[3].request_hash, "");
}

TEST_F(ServiceTableTest, AKeyThatTheCallBringsIsTheSameThing) {
  KeepCalls();
  Call call = By(Owner());
  call.idempotency_key = "key-1";
  CreateShelfRequest request = CreateRequest();
  ASSERT_THAT(Run<Shelf>("CreateShelf", call, request), IsOk());
  request.set_request_id("key-1");
  ASSERT_THAT(Run<Shelf>("CreateShelf", call, request), IsOk());
  EXPECT_EQ(calls_[0].idempotency_key, "key-1");
  EXPECT_EQ(calls_[0].request_hash, calls_[1].request_hash);

  request.set_request_id("key-2");
  EXPECT_THAT(Run<Shelf>("CreateShelf", call, request), HasViolation("request_id", "DIFFERS"));
  call.idempotency_key = std::string(129, 'k');
  EXPECT_THAT(Run<Shelf>("CreateShelf", call, CreateRequest()),
              HasViolation("request_id", "TOO_LONG"));
}

TEST_F(ServiceTableTest, ExpiredAndCancelledCallsAreNotRun) {
  KeepCalls();
  Call late = By(Owner());
  late.deadline = absl::Now() - absl::Seconds(1);
  EXPECT_THAT(Run<Shelf>("CreateShelf", late, CreateRequest()),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  Call gone = By(Owner());
  gone.cancelled = std::make_shared<std::atomic<bool>>(true);
  EXPECT_THAT(Run<Shelf>("CreateShelf", gone, CreateRequest()),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_TRUE(calls_.empty());
}

TEST_F(ServiceTableTest, AnExceptionIsAnInternalError) {
  shelves_.On<CreateShelfRequest, Shelf>(
      "CreateShelf", [](const Call&, const CreateShelfRequest&) -> absl::StatusOr<Shelf> {
        throw std::runtime_error("disk on fire");
      });
  EXPECT_THAT(
      Run<Shelf>("CreateShelf", By(Owner()), CreateRequest()),
      StatusIs(absl::StatusCode::kInternal, testing::HasMessage(HasSubstr("disk on fire"))));
}

TEST_F(ServiceTableTest, ARequestOfAnotherTypeIsOurMistake) {
  EXPECT_THAT(Run<Shelf>("CreateShelf", By(Owner()), SweepRequest()),
              StatusIs(absl::StatusCode::kInternal));
}

TEST_F(ServiceTableTest, CallsAreCountedByCode) {
  KeepCalls();
  ASSERT_THAT(Run<Shelf>("CreateShelf", By(Owner()), CreateRequest()), IsOk());
  ASSERT_THAT(Run<Shelf>("CreateShelf", By(Member()), CreateRequest()), ::testing::Not(IsOk()));
  EXPECT_THAT(metrics_->Text(),
              AllOf(HasSubstr("{code=\"OK\",method=\"mostove.testing.v1.ShelvesService/"
                              "CreateShelf\"} 1\n"),
                    HasSubstr("{code=\"PERMISSION_DENIED\",method=\"mostove.testing.v1."
                              "ShelvesService/CreateShelf\"} 1\n")));
}

class StreamTest : public ServiceTableTest {
 protected:
  absl::StatusOr<std::unique_ptr<call::MessageStream>> Watch(Caller caller) {
    table_ = shelves_.Bind({.metrics = metrics_.get()});
    auto request = std::make_unique<WatchShelvesRequest>();
    request->set_parent("organizations/reading-room");
    return table_->Open(*table_->Find("WatchShelves"), By(std::move(caller)), std::move(request));
  }
  static std::string Counted(const char* code) {
    return absl::StrCat("{code=\"", code,
                        "\",method=\"mostove.testing.v1.ShelvesService/WatchShelves\"} 1\n");
  }
};

TEST_F(StreamTest, MessagesAreStrippedAndTheEndIsCounted) {
  const auto stream = Watch(Member());
  ASSERT_THAT(stream, IsOk());
  Shelf shelf;
  shelf.set_name(kShelf);
  shelf.set_owner_note("o");
  shelf.set_network_note("n");
  int woken = 0;
  const auto wake = [&] { ++woken; };
  EXPECT_EQ((*stream)->Next(wake).value(), nullptr) << "nothing yet";
  shelves_.feed().Push(shelf);
  EXPECT_EQ(woken, 1);
  const auto first = (*stream)->Next(wake);
  ASSERT_THAT(first, IsOk());
  shelf.clear_owner_note();
  EXPECT_THAT(**first, EqualsProto(shelf));
  shelves_.feed().End(absl::OutOfRangeError("end"));
  EXPECT_THAT((*stream)->Next(wake), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(metrics_->Text(), HasSubstr(Counted("OK")));
}

TEST_F(StreamTest, AStreamThatIsLeftIsCountedAsCancelled) {
  ASSERT_THAT(Watch(Member()), IsOk());
  EXPECT_EQ(shelves_.feed().open(), 0);
  EXPECT_THAT(metrics_->Text(), HasSubstr(Counted("CANCELLED")));
}

TEST_F(StreamTest, OnlyWhoMayCallOpensOne) {
  EXPECT_THAT(Watch(Anonymous()),
              StatusIs(absl::StatusCode::kUnauthenticated, HasReason("SIGN_IN_REQUIRED")));
}

}  // namespace
}  // namespace mostove::rpc
