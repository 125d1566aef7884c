#include "libs/rpc/grpc_server.h"

#include <gmock/gmock.h>
#include <google/protobuf/dynamic_message.h>
#include <grpcpp/generic/generic_stub.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "grpc/health/v1/health.grpc.pb.h"
#include "libs/rpc/grpc_status.h"
#include "libs/rpc/grpc_test_server.h"
#include "libs/status/status.h"
#include "libs/telemetry/trace.h"
#include "libs/testing/matchers.h"
#include "libs/testing/temporary_folder.h"

namespace mostove::rpc {
namespace {

using call::Call;
using ::testing::AllOf;
using testing::HasMessage;
using testing::HasReason;
using ::testing::HasSubstr;
using testing::HasViolation;
using testing::IsOk;
using testing::StatusIs;
using namespace testing::v1;  // NOLINT: messages of the tests' own service

constexpr char kShelf[] = "organizations/reading-room/shelves/poetry";

class GrpcServerTest : public GrpcTest {
 protected:
  absl::StatusOr<EchoResponse> Echo(const std::string& text, const std::string& who = "member") {
    EchoRequest request;
    request.set_text(text);
    EchoResponse response;
    const auto context = As(who);
    const grpc::Status status = stub_->Echo(context.get(), request, &response);
    if (!status.ok()) return FromGrpc(status);
    return response;
  }
  void AnswerEcho() {
    shelves_.On<EchoRequest, EchoResponse>("Echo", [this](const Call& call, const EchoRequest& r) {
      last_call_ = call;
      EchoResponse response;
      response.set_text(r.text());
      return response;
    });
  }
  static ListShelvesRequest ListRequest() {
    ListShelvesRequest request;
    request.set_parent("organizations/reading-room");
    return request;
  }

  Call last_call_;
};

TEST_P(GrpcServerTest, InlineAndPooledMethodsAnswer) {
  AnswerEcho();
  shelves_.On<ListShelvesRequest, ListShelvesResponse>("ListShelves",
                                                       [](const Call&, const ListShelvesRequest&) {
                                                         ListShelvesResponse response;
                                                         response.add_shelves()->set_name(kShelf);
                                                         return response;
                                                       });
  Start();
  const auto echo = Echo("hello");
  ASSERT_THAT(echo, IsOk());
  EXPECT_EQ(echo->text(), "hello");

  ListShelvesResponse list;
  grpc::ClientContext context;
  EXPECT_THAT(FromGrpc(stub_->ListShelves(&context, ListRequest(), &list)), IsOk());
  EXPECT_EQ(list.shelves(0).name(), kShelf);
}

TEST_P(GrpcServerTest, LargeMessagesArriveWhole) {
  shelves_.On<ListShelvesRequest, ListShelvesResponse>(
      "ListShelves", [](const Call&, const ListShelvesRequest& request) {
        ListShelvesResponse response;
        for (int i = 0; i < 1000; ++i) response.add_shelves()->set_title(request.filter());
        return response;
      });
  Start();
  ListShelvesRequest request = ListRequest();
  request.set_filter(std::string(3000, 'x'));
  ListShelvesResponse response;
  grpc::ClientContext context;
  ASSERT_THAT(FromGrpc(stub_->ListShelves(&context, request, &response)), IsOk());
  ASSERT_EQ(response.shelves_size(), 1000);
  EXPECT_EQ(response.shelves(999).title(), request.filter());
}

TEST_P(GrpcServerTest, ErrorsArriveWithTheirDetails) {
  shelves_.On<GetShelfRequest, Shelf>(
      "GetShelf", [](const Call&, const GetShelfRequest& r) -> absl::StatusOr<Shelf> {
        return status::NotFound("testing.mostove.bg/Shelf", r.name());
      });
  Start();
  GetShelfRequest request;
  request.set_name(kShelf);
  Shelf shelf;
  grpc::ClientContext found, invalid;
  EXPECT_EQ(FromGrpc(stub_->GetShelf(&found, request, &shelf)),
            status::NotFound("testing.mostove.bg/Shelf", kShelf));
  EXPECT_THAT(FromGrpc(stub_->GetShelf(&invalid, GetShelfRequest(), &shelf)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasViolation("name", "REQUIRED")));
}

TEST_P(GrpcServerTest, AHundredViolationsFitIntoTheMetadata) {
  shelves_.On<GetShelfRequest, Shelf>(
      "GetShelf", [](const Call&, const GetShelfRequest&) -> absl::StatusOr<Shelf> {
        status::Violations violations;
        for (int i = 0; i < 100; ++i) {
          violations.Add(absl::StrCat("requests[", i, "].shelf.title"), "TOO_LONG",
                         "не по-дълго от 300 знака; съкратете заглавието");
        }
        return violations.ToStatus();
      });
  Start();
  GetShelfRequest request;
  request.set_name(kShelf);
  Shelf shelf;
  grpc::ClientContext context;
  EXPECT_THAT(FromGrpc(stub_->GetShelf(&context, request, &shelf)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasViolation("requests[0].shelf.title", "TOO_LONG")));
}

TEST_P(GrpcServerTest, TheCallCarriesWhatTheMetadataSay) {
  AnswerEcho();
  Start();
  auto context = As("owner");
  context->AddMetadata("x-request-id", "from-the-edge:1");
  context->AddMetadata("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  context->AddMetadata("accept-language", "bg-BG,bg;q=0.9,en;q=0.5");
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  context->set_deadline(absl::ToChronoTime(deadline));
  EchoResponse response;
  ASSERT_THAT(FromGrpc(stub_->Echo(context.get(), EchoRequest(), &response)), IsOk());
  EXPECT_EQ(last_call_.caller.name, "users/3");
  EXPECT_EQ(last_call_.request_id, "from-the-edge:1");
  EXPECT_EQ(telemetry::ParseTraceparent(last_call_.traceparent).trace_id,
            "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(last_call_.language, "bg-BG");
  EXPECT_LE(absl::AbsDuration(last_call_.deadline - deadline), absl::Seconds(1));
  EXPECT_EQ(context->GetServerInitialMetadata().find("x-request-id")->second, "from-the-edge:1");
}

TEST_P(GrpcServerTest, ACallWithoutMetadataGetsDefaults) {
  AnswerEcho();
  Start({.threads = 1}, {.deadline_max = absl::Seconds(30)});
  ASSERT_THAT(Echo(""), IsOk());
  EXPECT_EQ(last_call_.language, "en");
  EXPECT_FALSE(last_call_.request_id.empty());
  EXPECT_LE(last_call_.deadline, absl::Now() + absl::Seconds(30));
}

TEST_P(GrpcServerTest, TheIdempotencyKeyIsAlsoTakenFromTheMetadata) {
  Call seen;
  shelves_.On<DeleteShelfRequest, Shelf>("DeleteShelf",
                                         [&](const Call& call, const DeleteShelfRequest&) {
                                           seen = call;
                                           return Shelf();
                                         });
  Start();
  DeleteShelfRequest request;
  request.set_name(kShelf);
  auto context = As("administrator");
  context->AddMetadata("idempotency-key", "key-1");
  Shelf shelf;
  ASSERT_THAT(FromGrpc(stub_->DeleteShelf(context.get(), request, &shelf)), IsOk());
  EXPECT_EQ(seen.idempotency_key, "key-1");
}

TEST_P(GrpcServerTest, PermissionAndRedactionDependOnTheCaller) {
  shelves_.On<GetShelfRequest, Shelf>("GetShelf", [](const Call&, const GetShelfRequest& r) {
    Shelf shelf;
    shelf.set_name(r.name());
    shelf.set_owner_note("o");
    shelf.set_network_note("n");
    return shelf;
  });
  AnswerEcho();
  Start();
  const auto notes = [&](const std::string& who) {
    GetShelfRequest request;
    request.set_name(kShelf);
    Shelf shelf;
    const auto context = As(who);
    const grpc::Status status = stub_->GetShelf(context.get(), request, &shelf);
    return status.ok() ? shelf.owner_note() + shelf.network_note() : status.error_message();
  };
  EXPECT_EQ(notes("nobody"), "");
  EXPECT_EQ(notes("member"), "n");
  EXPECT_EQ(notes("owner"), "on");
  EXPECT_EQ(notes("forged"), "the token is forged");
  EXPECT_THAT(Echo("", "nobody"),
              StatusIs(absl::StatusCode::kUnauthenticated, HasReason("SIGN_IN_REQUIRED")));
}

TEST_P(GrpcServerTest, AFullPoolIsSaidAtOnce) {
  std::promise<void> begun, release;
  shelves_.On<ListShelvesRequest, ListShelvesResponse>("ListShelves",
                                                       [&](const Call&, const ListShelvesRequest&) {
                                                         begun.set_value();
                                                         release.get_future().wait();
                                                         return ListShelvesResponse();
                                                       });
  AnswerEcho();
  Start({.threads = 1, .queue_max = 1});
  const auto list = [&] {
    ListShelvesResponse response;
    grpc::ClientContext context;
    return FromGrpc(stub_->ListShelves(&context, ListRequest(), &response));
  };
  auto first = std::async(std::launch::async, list);
  begun.get_future().wait();
  ASSERT_TRUE(pool_->TryRun([] {})) << "takes the one place in the queue";
  EXPECT_THAT(list(), StatusIs(absl::StatusCode::kUnavailable, HasReason("QUEUE_FULL")));
  EXPECT_THAT(Echo("inline methods go on"), IsOk());
  EXPECT_THAT(metrics_->Text(), HasSubstr("code=\"UNAVAILABLE\""));
  release.set_value();
  EXPECT_THAT(first.get(), IsOk());
}

TEST_P(GrpcServerTest, ACallerThatGoesAwayOrWaitedEnoughIsSeenByTheFunction) {
  std::promise<void> begun[2], seen[2];
  std::atomic<int> calls = 0;
  shelves_.On<ListShelvesRequest, ListShelvesResponse>(
      "ListShelves", [&](const Call& call, const ListShelvesRequest&) {
        const int i = calls++;
        begun[i].set_value();
        while (!call.cancelled->load()) std::this_thread::yield();
        seen[i].set_value();
        return ListShelvesResponse();
      });
  Start();
  grpc::ClientContext leaving;
  auto answer = std::async(std::launch::async, [&] {
    ListShelvesResponse response;
    return FromGrpc(stub_->ListShelves(&leaving, ListRequest(), &response));
  });
  begun[0].get_future().wait();
  leaving.TryCancel();
  EXPECT_THAT(answer.get(), StatusIs(absl::StatusCode::kCancelled));
  seen[0].get_future().wait();

  grpc::ClientContext impatient;
  impatient.set_deadline(absl::ToChronoTime(absl::Now() + absl::Milliseconds(50)));
  ListShelvesResponse response;
  EXPECT_THAT(FromGrpc(stub_->ListShelves(&impatient, ListRequest(), &response)),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  seen[1].get_future().wait();
}

TEST_P(GrpcServerTest, WhatIsTooLargeOrMalformedIsRefusedAndTheNextCallWorks) {
  AnswerEcho();
  Start({.threads = 1}, {.request_bytes_max = 64 << 10, .metadata_bytes_max = 4 << 10});
  EXPECT_THAT(Echo(std::string(100 << 10, 'x')), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(Echo("", std::string(8 << 10, 'x')), StatusIs(absl::StatusCode::kResourceExhausted));

  grpc::GenericStub generic(Channel());
  grpc::Slice slice("\xff\xff\xff");
  grpc::ByteBuffer request(&slice, 1), response;
  grpc::CompletionQueue queue;
  const auto context = As("member");
  const auto call = generic.PrepareUnaryCall(
      context.get(), "/mostove.testing.v1.ShelvesService/Echo", request, &queue);
  call->StartCall();
  grpc::Status status;
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  ASSERT_TRUE(queue.Next(&tag, &ok));
  EXPECT_THAT(FromGrpc(status),
              StatusIs(absl::StatusCode::kInvalidArgument, HasReason("MALFORMED_REQUEST")));
  EXPECT_THAT(Echo("next"), IsOk());
}

TEST_P(GrpcServerTest, CompressedRequestsAreRefused) {
  AnswerEcho();
  Start();
  auto context = As("member");
  context->set_compression_algorithm(GRPC_COMPRESS_GZIP);
  EchoRequest request;
  request.set_text(std::string(1000, 'x'));
  EchoResponse response;
  EXPECT_THAT(FromGrpc(stub_->Echo(context.get(), request, &response)),
              StatusIs(absl::StatusCode::kUnimplemented));
}

TEST_P(GrpcServerTest, ASecondServerOnThePortDoesNotStart) {
  Start();
  const auto second =
      StartServer(GetParam(), {.invokers = {invoker_.get()},
                               .address = absl::StrCat("127.0.0.1:", server_->port()),
                               .caller_of = CallerByName});
  EXPECT_FALSE(second.ok());
}

class UnixSocketTest : public GrpcServerTest {
 protected:
  absl::StatusOr<std::unique_ptr<GrpcServer>> StartOnSocket() {
    return StartServer(GetParam(), {.invokers = {invoker_.get()},
                                    .address = absl::StrCat("unix:", path_),
                                    .caller_of = CallerByName});
  }

  const testing::TemporaryFolder folder_ = *testing::TemporaryFolder::Make("mostove_unix_socket");
  const std::string path_ = folder_.path() / "shelves.sock";
};

TEST_P(UnixSocketTest, ServesItsOwnUserOnly) {
  AnswerEcho();
  Start();
  const auto server = StartOnSocket();
  ASSERT_THAT(server, IsOk());
  EXPECT_EQ((*server)->port(), 0);
  EXPECT_EQ(std::filesystem::status(path_).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  stub_ = ShelvesService::NewStub(
      grpc::CreateChannel(absl::StrCat("unix:", path_), grpc::InsecureChannelCredentials()));
  EXPECT_THAT(Echo("hello"), IsOk());
}

TEST_P(UnixSocketTest, OneThatADeadProgramLeftIsReplaced) {
  Start();
  sockaddr_un address = {.sun_family = AF_UNIX};
  path_.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  close(fd);
  EXPECT_THAT(StartOnSocket(), IsOk());
}

TEST_P(UnixSocketTest, ALiveOneAndOtherFilesAreNotReplaced) {
  Start();
  {
    const auto first = StartOnSocket();
    ASSERT_THAT(first, IsOk());
    EXPECT_THAT(StartOnSocket(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                          HasMessage(HasSubstr("another program listens"))));
  }
  std::filesystem::remove(path_);
  std::ofstream(path_) << "notes";
  EXPECT_THAT(StartOnSocket(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                        HasMessage(HasSubstr("is no socket"))));
  EXPECT_EQ(std::filesystem::file_size(path_), 5u);
}

TEST_P(GrpcServerTest, HealthIsServed) {
  Start();
  health_.SetServing("", true);
  const auto stub = grpc::health::v1::Health::NewStub(Channel());
  grpc::ClientContext context;
  grpc::health::v1::HealthCheckResponse response;
  ASSERT_THAT(FromGrpc(stub->Check(&context, {}, &response)), IsOk());
  EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::SERVING);
}

// The protos of reflection are in gRPC's library, its headers are not.
class ReflectionTest : public GrpcServerTest {};
TEST_P(ReflectionTest, ListsTheServices) {
  Start();
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  google::protobuf::DynamicMessageFactory factory;
  const std::string package = "grpc.reflection.v1alpha.";
  const auto make = [&](const char* type) {
    const auto* descriptor = pool->FindMessageTypeByName(package + type);
    return std::unique_ptr<google::protobuf::Message>(factory.GetPrototype(descriptor)->New());
  };
  const auto request = make("ServerReflectionRequest");
  const auto* list = request->GetDescriptor()->FindFieldByName("list_services");
  request->GetReflection()->SetString(request.get(), list, "*");
  const std::string bytes = request->SerializeAsString();

  grpc::Slice slice(bytes);
  grpc::ByteBuffer sent(&slice, 1), received;
  grpc::GenericStub generic(Channel());
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const auto next = [&] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  const auto call = generic.PrepareCall(
      &context, "/" + package + "ServerReflection/ServerReflectionInfo", &queue);
  call->StartCall(nullptr);
  ASSERT_TRUE(next());
  call->Write(sent, nullptr);
  ASSERT_TRUE(next());
  call->Read(&received, nullptr);
  ASSERT_TRUE(next());
  std::vector<grpc::Slice> slices;
  ASSERT_TRUE(received.Dump(&slices).ok());
  std::string answer;
  for (const grpc::Slice& s : slices) answer.append(s.begin(), s.end());
  EXPECT_THAT(answer, AllOf(HasSubstr(FakeShelves::kService), HasSubstr("grpc.health.v1.Health")));
  context.TryCancel();
  grpc::Status status;
  call->Finish(&status, nullptr);
  next();
}

INSTANTIATE_TEST_SUITE_P(Both, GrpcServerTest, kBothServers, NameOfKind);
INSTANTIATE_TEST_SUITE_P(One, ReflectionTest, ::testing::Values(ServerKind::kGrpcpp), NameOfKind);
INSTANTIATE_TEST_SUITE_P(Both, UnixSocketTest, kBothServers, NameOfKind);

}  // namespace
}  // namespace mostove::rpc
