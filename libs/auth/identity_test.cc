#include "libs/auth/identity.h"

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "gmock/gmock.h"
#include "libs/auth/scripted_log.h"
#include "libs/auth/token_fixture.h"
#include "libs/rpc/metadata_keys.h"
#include "libs/testing/matchers.h"
#include "mostove/identity/v1/identity_service.pb.h"

namespace mostove::auth {
namespace {

using ::absl::StatusCode;
using ::mostove::testing::HasReason;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;

constexpr char kUser[] = "users/0190a6f2-7c1e-7000-8000-000000000001";
constexpr char kSession[] = "0190a6f2-7c1e-7000-8000-0000000000aa";

// The identity service: a log that can be read.
class FakeService final : public rpc::Invoker {
 public:
  std::vector<const google::protobuf::ServiceDescriptor*> services() const override {
    identity::v1::GetUserRequest::descriptor();  // keeps the file in the program
    return {
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(kIdentityService)};
  }

  void Invoke(const google::protobuf::MethodDescriptor* method, call::Call call,
              call::MessagePtr request, rpc::Done done) override {
    ++asked_;
    if (away || !call.caller.service) return done(absl::UnavailableError("away"));
    const std::lock_guard lock(mutex_);
    if (method->name() == "ListChanges") {
      const auto& read = static_cast<const changes::v1::ListChangesRequest&>(*request);
      from_beginning_ = from_beginning_ || read.after().empty();
      Answer(log_.Read(read), done);
    } else if (method->name() == "ReadSnapshot" && !old) {
      Answer(log_.ReadSnapshot(static_cast<const identity::v1::ReadSnapshotRequest&>(*request)),
             done);
    } else {
      done(absl::UnimplementedError("not known"));
    }
  }

  template <class Change>
  void Write(const Change& write) {
    const std::lock_guard lock(mutex_);
    write(log_);
  }
  int asked() const { return asked_; }

  // Whether anybody has read the whole log.
  bool from_beginning() const { return from_beginning_; }

  std::atomic<bool> away = false;
  std::atomic<bool> old = false;  // knows no snapshots

 private:
  template <class Response>
  static void Answer(absl::StatusOr<Response> page, const rpc::Done& done) {
    if (!page.ok()) return done(page.status());
    done(std::make_unique<Response>(*std::move(page)));
  }

  std::atomic<bool> from_beginning_ = false;
  std::atomic<int> asked_ = 0;
  std::mutex mutex_;
  ScriptedLog log_{absl::Now()};
};

class IdentityTest : public TokenTest {
 protected:
  void SetUp() override {
    service_.Write([this](ScriptedLog& log) {
      log.AddKey(key());
      log.AddUser(kUser);
    });
  }

  std::string Token() const {
    TokenClaims claims = Claims();
    claims.issue_time = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()));
    claims.expire_time = claims.issue_time + absl::Minutes(5);
    return absl::StrCat("Bearer ", SignHere(claims));
  }
  absl::StatusOr<call::Caller> Ask() const {
    return identity_.authenticator().Authenticate(token_);
  }
  // Waits for it, however slow the machine is.
  template <class Condition>
  static void Until(const Condition& condition) {
    while (!condition()) std::this_thread::yield();
  }

  FakeService service_;
  Identity identity_{{.callers = "tokens", .issuer = kIssuer}, "services/gateway", nullptr};
  const std::string token_ = Token();
};

TEST_F(IdentityTest, LearnsFromTheLogAndFollowsIt) {
  EXPECT_THAT(identity_.Check(), StatusIs(StatusCode::kUnavailable, HasReason("IDENTITY_AWAY")));
  identity_.Start(&service_);
  Until([&] { return identity_.Check().ok(); });
  EXPECT_THAT(Ask(), IsOk());
  service_.Write([](ScriptedLog& log) { log.AddSession(kSession, /*revoked=*/true); });
  identity_.Wake(kIdentityService);
  Until([&] { return !Ask().ok(); });
  EXPECT_THAT(Ask(), StatusIs(StatusCode::kUnauthenticated, HasReason("SESSION_ENDED")));
}

TEST_F(IdentityTest, BeginsWithWhatHoldsAndNotWithAllThatHappened) {
  service_.Write([](ScriptedLog& log) {
    for (int i = 0; i < 10; ++i) log.AddSession(absl::StrCat("other-", i), /*revoked=*/true);
    log.AddSession(kSession, /*revoked=*/true);
  });
  identity_.Start(&service_);
  Until([&] { return identity_.Check().ok(); });
  EXPECT_THAT(Ask(), StatusIs(StatusCode::kUnauthenticated, HasReason("SESSION_ENDED")));
  EXPECT_FALSE(service_.from_beginning());
}

TEST_F(IdentityTest, AServiceWithoutSnapshotsIsReadFromItsBeginning) {
  service_.old = true;
  identity_.Start(&service_);
  Until([&] { return Ask().ok(); });
  EXPECT_TRUE(service_.from_beginning());
}

TEST_F(IdentityTest, SeesARevocationWithoutBeingWoken) {
  identity_.Start(&service_);
  Until([&] { return Ask().ok(); });
  service_.Write([](ScriptedLog& log) { log.AddSession(kSession, /*revoked=*/true); });
  Until([&] { return !Ask().ok(); });
  EXPECT_THAT(Ask(), StatusIs(StatusCode::kUnauthenticated, HasReason("SESSION_ENDED")));
}

TEST_F(IdentityTest, WithTheServiceAwayWhatIsKnownGoesOn) {
  identity_.Start(&service_);
  Until([&] { return Ask().ok(); });
  service_.away = true;
  const int asked = service_.asked();
  Until([&] { return service_.asked() > asked + 1; });
  EXPECT_THAT(Ask(), IsOk());
  EXPECT_THAT(identity_.Check(), IsOk());
}

TEST_F(IdentityTest, AServiceThatComesLateIsWaitedFor) {
  service_.away = true;
  identity_.Start(&service_);
  Until([&] { return service_.asked() > 1; });
  EXPECT_THAT(Ask(), StatusIs(StatusCode::kUnavailable, HasReason("IDENTITY_AWAY")));
  service_.away = false;
  Until([&] { return Ask().ok(); });
}

TEST_F(IdentityTest, ARestoredLogIsReadFromItsBeginning) {
  identity_.Start(&service_);
  Until([&] { return Ask().ok(); });
  service_.Write([this](ScriptedLog& log) {
    log.BeginAnew();
    log.AddKey(key());
    log.AddUser(kUser, /*disabled=*/true);
  });
  Until([&] { return !Ask().ok(); });
  EXPECT_THAT(Ask(), StatusIs(StatusCode::kUnauthenticated, HasReason("ACCOUNT_DISABLED")));
}

TEST_F(IdentityTest, LocalCallersAreAdministratorsWhateverTheySend) {
  Identity local({.callers = "local"}, "services/gateway", nullptr);
  local.Start(&service_);
  EXPECT_EQ(service_.asked(), 0);
  EXPECT_THAT(local.Check(), IsOk());
  for (const std::string& authorization : {std::string(), token_, std::string("Bearer x")}) {
    const auto caller = local.authenticator().Authenticate(authorization);
    ASSERT_THAT(caller, IsOk());
    EXPECT_EQ(*caller, call::LocalAdministrator());
  }
}

// ---- who is believed on a private port

class CallersTest : public IdentityTest {
 protected:
  using Metadata = std::map<std::string, std::string>;
  absl::StatusOr<call::Caller> Caller(bool trusted, const Metadata& metadata) {
    return identity_.CallersBetweenServices(trusted)([&](absl::string_view key) {
      const auto found = metadata.find(std::string(key));
      return found == metadata.end() ? absl::string_view() : absl::string_view(found->second);
    });
  }
};

TEST_F(CallersTest, AProgramIsBelievedOnAUnixSocketOrByItsCertificate) {
  const auto refused = StatusIs(StatusCode::kUnauthenticated, HasReason("PROGRAM_NOT_PROVEN"));
  const Metadata funding = {{"mostove-service", "funding"}};
  const auto believed = Caller(true, funding);
  ASSERT_THAT(believed, IsOk());
  EXPECT_EQ(believed->name, "services/funding");
  EXPECT_TRUE(believed->service);
  EXPECT_THAT(Caller(false, funding), refused);
  EXPECT_THAT(Caller(false, {{"mostove-service", "funding"}, {":peer", "services/funding"}}),
              IsOk());
  EXPECT_THAT(Caller(false, {{"mostove-service", "funding"}, {":peer", "services/trainings"}}),
              refused);
  EXPECT_THAT(Caller(true, {{"mostove-service", "funding"}, {":peer", "services/trainings"}}),
              refused);
}

TEST_F(CallersTest, ACertificateAloneMakesNobodyAProgram) {
  const auto caller = Caller(false, {{":peer", "services/funding"}});
  ASSERT_THAT(caller, IsOk());
  EXPECT_EQ(*caller, call::Caller());
}

TEST_F(CallersTest, AUsersCallIsJudgedByItsToken) {
  identity_.Start(&service_);
  Until([&] { return Ask().ok(); });
  const auto caller = Caller(false, {{"authorization", token_}, {":peer", "services/gateway"}});
  ASSERT_THAT(caller, IsOk());
  EXPECT_EQ(caller->name, kUser);
  EXPECT_FALSE(caller->service);
  EXPECT_THAT(Caller(true, {{"authorization", "Bearer x"}}),
              StatusIs(StatusCode::kUnauthenticated, HasReason("TOKEN_INVALID")));
}

TEST_F(CallersTest, WhatTheOldMetadataSaidIsNotRead) {
  const auto caller = Caller(true, {{"mostove-caller-bin", "administrators/local"}});
  ASSERT_THAT(caller, IsOk());
  EXPECT_EQ(*caller, call::Caller());
}

}  // namespace
}  // namespace mostove::auth
