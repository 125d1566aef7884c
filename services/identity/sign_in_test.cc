// Passwords, and who is kept out for guessing them.
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "libs/redis/redis_server.h"
#include "libs/status/status.h"
#include "services/identity/identity_fixture.h"

namespace mostove::identity {
namespace {

using absl::StatusCode;
using ::mostove::testing::HasReason;
using ::mostove::testing::HasViolation;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;

class SignInTest : public IdentityTest {};
INSTANTIATE_ON_BOTH_ENGINES(SignInTest);

TEST_P(SignInTest, TenThousandWrongPasswordsKeepNobodyOutElsewhere) {
  MakeUser("ana@example.org");
  const int64_t before = identity().sign_in().hashes_computed();
  int refused = 0;
  for (int i = 0; i < 10'000; ++i) {
    const auto guess = SignInAs("ana@example.org", "guess number " + std::to_string(i), kElsewhere);
    ASSERT_FALSE(guess.ok());
    if (status::Reason(guess.status()) != "TOO_MANY_ATTEMPTS") continue;
    ++refused;
    ASSERT_GT(status::RetryAfter(guess.status()), absl::ZeroDuration());
  }
  EXPECT_EQ(refused, 9'990);
  EXPECT_EQ(identity().sign_in().hashes_computed() - before, 10);  // a refusal costs no hash
  EXPECT_THAT(SignInAs("ana@example.org", kPassword, kHome), IsOk());
}

TEST_P(SignInTest, GuessesFromEverywhereDoNotReachAnAddressWhereTheOwnerSignedIn) {
  MakeUser("ana@example.org");
  ASSERT_THAT(SignInAs("ana@example.org", kPassword, kHome), IsOk());
  int refused = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string address = absl::StrCat("198.18.", i / 250, ".", i % 250);
    const auto guess = SignInAs("ana@example.org", "guess guess guess", address);
    refused += status::Reason(guess.status()) == "TOO_MANY_ATTEMPTS" ? 1 : 0;
  }
  EXPECT_GE(refused, 9'900);
  EXPECT_THAT(SignInAs("ana@example.org", kPassword, kHome), IsOk());
  EXPECT_THAT(SignInAs("ana@example.org", kPassword, "203.0.113.9"),
              StatusIs(StatusCode::kResourceExhausted, HasReason("TOO_MANY_ATTEMPTS")));
  Advance(absl::Hours(1));
  EXPECT_THAT(SignInAs("ana@example.org", kPassword, "203.0.113.9"), IsOk());
}

TEST_P(SignInTest, OneAddressCannotTryManyAccountsAndAnIpv6NetworkIsOneAddress) {
  int refused = 0;
  for (int i = 0; i < 200; ++i) {
    const auto guess = SignInAs(absl::StrCat("user", i, "@example.org"), kPassword,
                                absl::StrCat("2001:db8::", i + 1));
    refused += status::Reason(guess.status()) == "TOO_MANY_ATTEMPTS" ? 1 : 0;
  }
  EXPECT_EQ(refused, 100);
  EXPECT_THAT(SignInAs("user1@example.org", kPassword, "2001:db8:0:1::1"),
              StatusIs(StatusCode::kInvalidArgument, HasReason("INVALID_GRANT")));
}

TEST_P(SignInTest, CopiesCountTogetherThroughRedis) {
  MakeUser("ana@example.org");
  const auto redis = redis::RedisServer::Start();
  ASSERT_THAT(redis, IsOk());
  const auto address = redis::Address::Parse((*redis)->address());
  ASSERT_THAT(address, IsOk());
  // A loaded machine is no Redis that is away.
  redis::Client client({.address = *address, .command_time = absl::Seconds(30)});
  const auto vault = Vault::Open(TestOptions().key_file);
  ASSERT_THAT(vault, IsOk());
  SignIn one(store(), *vault, TestOptions().passwords, &client);
  SignIn other(store(), *vault, TestOptions().passwords, &client);
  const auto guess = [&](SignIn& copy) {
    call::Call call;  // at the true time, which Redis has
    return copy.Check(call, "ana@example.org", "wrong wrong wrong", kElsewhere).status();
  };
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(status::Reason(guess(one)), "INVALID_GRANT");
  }
  // By itself it would let ten pass: the first lets it ask.
  int passed = 0;
  while (passed < 5 && status::Reason(guess(other)) != "TOO_MANY_ATTEMPTS") {
    ++passed;
    absl::SleepFor(absl::Seconds(1));
  }
  EXPECT_LT(passed, 5);
}

TEST_P(SignInTest, AnUnknownAccountCostsAHashAndGetsTheSameAnswer) {
  const std::string off = MakeUser("off@example.org");
  ASSERT_THAT(Update<v1::User>(off, "disabled: true"), IsOk());
  MakeUser("ana@example.org");
  v1::CreateUserRequest passwordless;
  passwordless.mutable_user()->set_email("new@example.org");
  ASSERT_THAT(Ask<v1::User>("CreateUser", passwordless), IsOk());
  std::vector<absl::Status> answers;
  for (const char* email :
       {"nobody@example.org", "off@example.org", "new@example.org", "ana@example.org"}) {
    const int64_t before = identity().sign_in().hashes_computed();
    const bool known = std::string(email) == "off@example.org";
    answers.push_back(SignInAs(email, known ? kPassword : "not the password").status());
    EXPECT_EQ(identity().sign_in().hashes_computed() - before, 1) << email;
  }
  for (const absl::Status& answer : answers) {
    EXPECT_THAT(answer, StatusIs(StatusCode::kInvalidArgument, HasReason("INVALID_GRANT")));
    EXPECT_EQ(answer, answers[0]);
  }
}

TEST_P(SignInTest, ANewPasswordIsLongUncommonAndNotTheAddress) {
  const std::string user = MakeUser("ana.petrova@example.org");
  const struct {
    const char* password;
    const char* reason;  // "": good
  } kCases[] = {
      {"eleven char", "TOO_SHORT"},
      {"парола шест", "TOO_SHORT"},  // code points, not bytes
      {"Password2024!", "PASSWORD_COMMON"},
      {"QWERTYUIOP1234", "PASSWORD_COMMON"},
      {"паролата2024!!", "PASSWORD_COMMON"},
      {"314159265358979", "PASSWORD_COMMON"},
      {"abababababab", "PASSWORD_COMMON"},
      {"my ana.petrova word", "PASSWORD_HAS_ADDRESS"},
      {"девет зелени лодки", ""},
      {"nine blue boats", ""},
  };
  for (const auto& each : kCases) {
    v1::SetPasswordRequest request;
    request.set_name(user);
    request.set_new_password(each.password);
    const auto set = Ask<v1::SetPasswordResponse>("SetPassword", request);
    if (each.reason[0] == '\0') {
      EXPECT_THAT(set, IsOk()) << each.password;
    } else {
      EXPECT_THAT(set,
                  StatusIs(StatusCode::kInvalidArgument, HasViolation("new_password", each.reason)))
          << each.password;
    }
  }
  v1::SetPasswordRequest request;
  request.set_name(user);
  request.set_new_password(std::string(120, 'x') + " long words");
  EXPECT_THAT(Ask<v1::SetPasswordResponse>("SetPassword", request),
              StatusIs(StatusCode::kInvalidArgument, HasViolation("new_password", "TOO_LONG")));
}

TEST_P(SignInTest, ADecomposedPasswordIsTheSameAsAComposedOne) {
  const std::string user = MakeUser("ana@example.org");
  v1::SetPasswordRequest request;
  request.set_name(user);
  request.set_new_password("cafe\u0301 au lait bleu");
  ASSERT_THAT(Ask<v1::SetPasswordResponse>("SetPassword", request), IsOk());
  EXPECT_THAT(SignInAs("ana@example.org", "caf\u00e9 au lait bleu"), IsOk());
}

}  // namespace
}  // namespace mostove::identity
