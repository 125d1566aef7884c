#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <set>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "libs/testing/matchers.h"
#include "libs/testing/temporary_folder.h"
#include "services/cli/login_verb.h"
#include "services/cli/token_source.h"

namespace mostove::cli {
namespace {

using testing::HasReason;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;
using ::testing::Not;

// OAuth as the gateway does it: a refresh token is good once, and a second use
// ends the session.
class FakeIdentity {
 public:
  Transport transport() {
    return [this](const http::ClientRequest& request) { return Answer(request); };
  }

  int lifetime_seconds = 300;  // of access tokens
  int refreshed = 0;
  bool ended = false;
  std::vector<std::string> bodies;  // of forms

 private:
  absl::StatusOr<http::ClientResponse> Answer(const http::ClientRequest& request) {
    const std::lock_guard lock(mutex_);
    if (request.target == "/v1/users:whoAmI") return WhoAmI(request);
    bodies.push_back(request.body);
    if (request.target == "/oauth2/revoke") {
      ended = true;
      return Json(200, "{}");
    }
    std::map<std::string, std::string> form;
    for (absl::string_view pair : absl::StrSplit(request.body, '&')) {
      form.insert(absl::StrSplit(pair, absl::MaxSplits('=', 1)));
    }
    if (form["grant_type"] == "password" && form["password"] == "long%20enough") return Give();
    if (form["client_secret"] == "s3cret") return Give();
    const bool is_last = form["refresh_token"] == absl::StrCat("refresh-", given_);
    if (form["grant_type"] == "refresh_token" && is_last && !ended) {
      ++refreshed;
      return Give();
    }
    ended = true;
    return Json(400, R"({"error":"invalid_grant","error_description":"it is not valid"})");
  }

  http::ClientResponse WhoAmI(const http::ClientRequest& request) {
    for (const auto& [name, value] : request.headers) {
      if (name == "Authorization" && !ended && value == absl::StrCat("Bearer access-", given_)) {
        return Json(200, R"({"caller":"users/7","roles":[{"resource":"organizations/x",)"
                         R"("roles":["ORGANIZATION_EDITOR"]}]})");
      }
    }
    return Json(401, R"({"code":"UNAUTHENTICATED","reason":"TOKEN_INVALID","detail":"no"})");
  }

  http::ClientResponse Give() {
    ++given_;
    return Json(
        200,
        absl::StrCat(R"({"access_token":"access-)", given_, R"(","refresh_token":"refresh-)",
                     given_, R"(","token_type":"Bearer","expires_in":)", lifetime_seconds, "}"));
  }

  static http::ClientResponse Json(int status, std::string body) {
    return {.status = status, .headers = {}, .body = std::move(body)};
  }

  std::mutex mutex_;
  int given_ = 0;
};

class LoginTest : public ::testing::Test {
 protected:
  LoginTest() {
    session_.out = out_;
    session_.err = out_;
    session_.make_api = [this] {
      return std::make_unique<Api>(
          identity_.transport(),
          ApiOptions{.token = [this](absl::string_view refused) { return tokens_.Get(refused); }});
    };
  }
  ~LoginTest() override { fclose(out_); }

  std::string Path(const char* name) const { return (folder_.path() / name).string(); }
  SignIn With(std::string password) {
    return {&session_, file_, identity_.transport(), [password](absl::string_view, bool hidden) {
              return hidden ? password : "maria@example.org";
            }};
  }
  std::string Said() {
    fflush(out_);
    std::ifstream file(Path("out"));
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  const testing::TemporaryFolder folder_ = *testing::TemporaryFolder::Make("mostove_login");
  FILE* const out_ = fopen(Path("out").c_str(), "w");
  FakeIdentity identity_;
  const SessionFile file_{folder_.path() / "state" / "127.0.0.1_8080"};
  SessionTokens tokens_{file_, identity_.transport()};
  Session session_;
};

TEST_F(LoginTest, APersonSignsInAndIsKnownFromThenOn) {
  EXPECT_EQ(RunLogin(With("long enough"), {}), kOk);
  EXPECT_THAT(Said(), HasSubstr("users/7\n  organizations/x: organization-editor\n"));
  EXPECT_THAT(identity_.bodies.at(0), HasSubstr("username=maria%40example.org"));
  EXPECT_THAT(tokens_.Get(""), IsOkAndHolds("access-1"));
  struct stat file = {};
  ASSERT_EQ(stat(Path("state/127.0.0.1_8080").c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
  ASSERT_EQ(stat(Path("state").c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0700u);
}

TEST_F(LoginTest, AWrongPasswordKeepsNothing) {
  EXPECT_EQ(RunLogin(With("short"), {}), kSignIn);
  EXPECT_THAT(Said(), HasSubstr("it is not valid"));
  EXPECT_FALSE(file_.Read().has_value());
  EXPECT_THAT(tokens_.Get(""), IsOkAndHolds("")) << "requests go without a token";
}

TEST_F(LoginTest, NoPasswordLeavesTheMachine) {
  SignIn far = With("long enough");
  far.on_this_machine = false;
  EXPECT_EQ(RunLogin(far, {}), kRefused);
  EXPECT_TRUE(identity_.bodies.empty());
}

TEST_F(LoginTest, ManyRunsAtOnceRefreshATokenOnce) {
  identity_.lifetime_seconds = 5;  // soon over
  ASSERT_EQ(RunLogin(With("long enough"), {}), kOk);
  identity_.lifetime_seconds = 300;
  identity_.refreshed = 0;
  constexpr int kRuns = 8;
  std::vector<std::thread> runs;
  std::atomic<int> fine = 0;
  for (int i = 0; i < kRuns; ++i) {
    runs.emplace_back([&] {
      SessionTokens own(file_, identity_.transport());
      const auto token = own.Get("");
      if (token.ok() && !token->empty()) ++fine;
    });
  }
  for (std::thread& run : runs) run.join();
  EXPECT_EQ(fine, kRuns);
  EXPECT_EQ(identity_.refreshed, 1);
  EXPECT_FALSE(identity_.ended) << "a token that is used twice looks stolen";
}

TEST_F(LoginTest, ARefusedTokenIsReplacedOnce) {
  ASSERT_EQ(RunLogin(With("long enough"), {}), kOk);
  EXPECT_THAT(tokens_.Get("access-1"), IsOkAndHolds("access-2"));
  EXPECT_THAT(tokens_.Get("access-1"), IsOkAndHolds("access-2")) << "asked by another thread";
}

TEST_F(LoginTest, AnEndedSessionIsSaidPlainly) {
  ASSERT_EQ(RunLogin(With("long enough"), {}), kOk);
  identity_.ended = true;
  EXPECT_EQ(RunWhoAmI(session_, false), kSignIn);
  EXPECT_THAT(Said(), HasSubstr("Your session has ended"));
  EXPECT_THAT(tokens_.Get("access-1"), HasReason("SESSION_ENDED"));
}

TEST_F(LoginTest, WithoutASessionOneIsToldToSignIn) {
  EXPECT_EQ(RunWhoAmI(session_, false), kSignIn);
  EXPECT_THAT(Said(), HasSubstr("'mostove login' signs you in"));
}

TEST_F(LoginTest, LogoutEndsTheSessionHereAndThere) {
  ASSERT_EQ(RunLogin(With("long enough"), {}), kOk);
  EXPECT_EQ(RunLogout(With("")), kOk);
  EXPECT_EQ(identity_.bodies.back(), "token=refresh-1");
  EXPECT_FALSE(file_.Read().has_value());
  EXPECT_EQ(RunLogout(With("")), kOk) << "twice is no error";
}

TEST_F(LoginTest, AProgramsSecretStaysInItsFile) {
  std::ofstream(Path("secret")) << "s3cret\n";
  ASSERT_EQ(RunLogin(With(""), {.client_id = "app", .client_secret_file = Path("secret")}), kOk);
  std::ifstream kept(Path("state/127.0.0.1_8080"));
  EXPECT_THAT(std::string(std::istreambuf_iterator<char>(kept), {}), Not(HasSubstr("s3cret")));
  EXPECT_THAT(tokens_.Get("access-1"), IsOkAndHolds("access-2")) << "with the secret again";
}

TEST_F(LoginTest, ATokenFileIsReadAgainForEachRun) {
  std::ofstream(Path("token")) << "access-0\n";
  ASSERT_EQ(RunLogin(With(""), {.token_file = Path("token")}), kOk);
  std::ofstream(Path("token")) << "access-9\n";
  EXPECT_THAT(SessionTokens(file_, identity_.transport()).Get(""), IsOkAndHolds("access-9"));
  EXPECT_EQ(RunLogin(With(""), {.token_file = Path("none")}), kRefused);
}

}  // namespace
}  // namespace mostove::cli
