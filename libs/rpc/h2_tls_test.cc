// Programs that talk over TCP with TLS.
#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "libs/rpc/fake_shelves.h"
#include "libs/rpc/grpc_invoker.h"
#include "libs/rpc/h2_server.h"
#include "libs/testing/matchers.h"
#include "libs/testing/temporary_folder.h"
#include "libs/tls/credentials.h"
#include "libs/tls/test_authority.h"

namespace mostove::rpc {
namespace {

using testing::HasReason;
using testing::IsOk;
using namespace testing::v1;  // NOLINT: messages of the tests' own service

class H2TlsTest : public ::testing::Test {
 protected:
  using Answer = absl::StatusOr<call::MessagePtr>;

  void SetUp() override {
    EchoRequest::descriptor();  // keeps the file in the program
    shelves_.On<GetShelfRequest, Shelf>("GetShelf", [](const call::Call& call, const auto&) {
      Shelf shelf;
      shelf.set_name(call.caller.name);  // whom CallerOf saw
      return shelf;
    });
    table_ = shelves_.Bind();
    local_ = MakeLocalInvoker({table_.get()}, pool_.get());
  }

  std::unique_ptr<tls::Credentials> Make(const std::string& program) const {
    auto made = tls::Credentials::Load(
        authority_.Issue(program.substr(program.find('/') + 1), program), program);
    EXPECT_THAT(made, IsOk());
    return *std::move(made);
  }
  std::string Serve(tls::Credentials* credentials, const std::string& address = "127.0.0.1:0",
                    absl::Duration age_max = absl::InfiniteDuration()) {
    GrpcLimits limits = LimitsBetweenServices();
    limits.connection_age_max = age_max;
    auto server = StartH2Server({.invokers = {local_.get()},
                                 .address = address,
                                 .caller_of =
                                     [](const MetadataReader& metadata) {
                                       call::Caller caller = call::LocalAdministrator();
                                       caller.name = std::string(metadata(kPeerKey));
                                       return caller;
                                     },
                                 .tls = credentials,
                                 .limits = limits});
    EXPECT_THAT(server, IsOk());
    server_ = *std::move(server);
    return server_->port() == 0 ? address : absl::StrCat("127.0.0.1:", server_->port());
  }
  void Connect(const std::string& address, tls::Credentials* credentials,
               const std::string& peer = "services/shelves",
               absl::Duration wait_max = absl::Minutes(1)) {
    invoker_ = MakeGrpcInvoker({.services = {Descriptor()},
                                .addresses = {address},
                                .tls = credentials,
                                .peer = peer,
                                .wait_max = wait_max});
  }
  static const google::protobuf::ServiceDescriptor* Descriptor() {
    return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
        FakeShelves::kService);
  }

  std::future<Answer> Get() {
    auto answer = std::make_shared<std::promise<Answer>>();
    auto request = std::make_unique<GetShelfRequest>();
    request->set_name("organizations/reading-room/shelves/poetry");
    call::Call call;
    call.caller = call::LocalAdministrator();
    invoker_->Invoke(Descriptor()->FindMethodByName("GetShelf"), std::move(call),
                     std::move(request), [answer](Answer a) { answer->set_value(std::move(a)); });
    return answer->get_future();
  }
  // Whom the server took the client for.
  std::string SeenPeer() {
    const Answer answer = Get().get();
    EXPECT_THAT(answer, IsOk());
    return answer.ok() ? static_cast<const Shelf&>(**answer).name() : "";
  }

  const testing::TemporaryFolder folder_ = *testing::TemporaryFolder::Make("mostove_h2_tls");
  const tls::TestAuthority authority_{folder_.path() / "tls"};
  FakeShelves shelves_;
  std::unique_ptr<WorkerPool> pool_ = WorkerPool::Start({.threads = 4, .queue_max = 1000});
  std::unique_ptr<const ServiceTable> table_;
  std::unique_ptr<Invoker> local_;
  std::unique_ptr<GrpcServer> server_;
  std::unique_ptr<GrpcInvoker> invoker_;
};

TEST_F(H2TlsTest, TheServerLearnsWhichProgramCalls) {
  const auto shelves = Make("services/shelves"), gateway = Make("services/gateway");
  Connect(Serve(shelves.get()), gateway.get());
  EXPECT_EQ(SeenPeer(), "services/gateway");
}

TEST_F(H2TlsTest, UnixSocketsStayPlain) {
  const auto shelves = Make("services/shelves"), gateway = Make("services/gateway");
  Connect(Serve(shelves.get(), absl::StrCat("unix:", folder_.path().string(), "/s.sock")),
          gateway.get());
  EXPECT_EQ(SeenPeer(), "");
}

TEST_F(H2TlsTest, NobodyIsReachedWhereOneSideDoesNotProveItself) {
  const auto shelves = Make("services/shelves"), gateway = Make("services/gateway");
  const tls::TestAuthority other(folder_.path() / "other");
  const auto foreign =
      *tls::Credentials::Load(other.Issue("gateway", "services/gateway"), "services/gateway");
  const struct {
    const char* what;
    tls::Credentials *server, *client;
    const char* meant;
  } pairs[] = {
      {"a client without TLS", shelves.get(), nullptr, "services/shelves"},
      {"a server without TLS", nullptr, gateway.get(), "services/shelves"},
      {"a client of another installation", shelves.get(), foreign.get(), "services/shelves"},
      {"another service than is meant", shelves.get(), gateway.get(), "services/funding"},
  };
  for (const auto& pair : pairs) {
    Connect(Serve(pair.server), pair.client, pair.meant, absl::Milliseconds(300));
    EXPECT_THAT(Get().get(), HasReason("SERVICE_AWAY")) << pair.what;
  }
}

TEST_F(H2TlsTest, CertificatesAreReplacedUnderLoadWithoutAFailedCall) {
  const auto shelves = Make("services/shelves"), gateway = Make("services/gateway");
  // Connections end all the time, so that certificates are asked for.
  Connect(Serve(shelves.get(), "127.0.0.1:0", absl::Milliseconds(20)), gateway.get());
  constexpr int kRotations = 20, kThreads = 4;
  std::atomic<bool> done = false;
  std::atomic<int> calls = 0, failed = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < kThreads; ++i) {
    callers.emplace_back([&] {
      while (!done) {
        if (!Get().get().ok()) ++failed;
        ++calls;
      }
    });
  }
  const absl::Time before = gateway->expire_time();
  for (int i = 1; i <= kRotations; ++i) {
    for (const char* name : {"shelves", "gateway"}) {
      authority_.Issue(name, {.names = {absl::StrCat("URI:mostove://services/", name)},
                              .end = before + absl::Seconds(i)});
    }
    // Until both have taken them up.
    while (shelves->expire_time() < before + absl::Seconds(i) ||
           gateway->expire_time() < before + absl::Seconds(i)) {
      std::this_thread::yield();
    }
  }
  done = true;
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(failed, 0) << "of " << calls;
  EXPECT_GT(calls, kRotations);
}

}  // namespace
}  // namespace mostove::rpc
