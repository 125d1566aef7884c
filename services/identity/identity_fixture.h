// Identity on each engine, with a clock that is set, cheap hashes and a key file of
// its own: for its tests.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "libs/auth/token.h"
#include "libs/service/service_fixture.h"
#include "libs/testing/temporary_folder.h"
#include "services/identity/definition.h"

namespace mostove::identity {

inline constexpr char kPassword[] = "seven green boats";
inline constexpr char kHome[] = "192.0.2.1";
inline constexpr char kElsewhere[] = "198.51.100.7";

class IdentityTest : public service::ServiceTest {
 protected:
  void SetUp() override {
    auto folder = ::mostove::testing::TemporaryFolder::Make("identity");
    ASSERT_THAT(folder, ::mostove::testing::IsOk());
    folder_ = std::make_unique<::mostove::testing::TemporaryFolder>(*std::move(folder));
    Open(Define(TestOptions(), &identity_));
  }

  virtual Options TestOptions() {
    Options options;
    options.key_file = (folder_->path() / "identity.key").string();
    options.passwords = {.memory_kib = 8, .passes = 1, .lanes = 1, .at_once_max = 4};
    return options;
  }

  std::string FileIn(const std::string& name) const { return (folder_->path() / name).string(); }
  IdentityService& identity() { return *identity_; }
  const store::Store& store() { return service().store(); }

  absl::Time Now() const { return now_; }
  void Advance(absl::Duration time) { now_ += time; }

  // One call through the table, at the fixture's time.
  template <class Response, class Request>
  absl::StatusOr<Response> Ask(const std::string& method, const Request& request,
                               const call::Caller& caller = Administrator()) {
    const rpc::Method* found = service().table().Find(method);
    if (found == nullptr) return absl::InternalError("no method " + method);
    call::Call call;
    call.caller = caller;
    call.clock = [now = now_] { return now; };
    call.deadline = absl::Now() + absl::Minutes(10);  // no test fails on time
    auto answer =
        service().table().Run(*found, std::move(call), std::make_unique<Request>(request));
    if (!answer.ok()) return answer.status();
    return static_cast<const Response&>(**answer);
  }

  template <class Request>
  static Request Parse(const std::string& text) {
    Request request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request)) << text;
    return request;
  }

  // `text`: fields of IssueTokenRequest.
  absl::StatusOr<v1::TokenResponse> Issue(const std::string& text) {
    return Ask<v1::TokenResponse>("IssueToken", Parse<v1::IssueTokenRequest>(text));
  }
  absl::StatusOr<v1::TokenResponse> SignInAs(const std::string& email,
                                             const std::string& password = kPassword,
                                             const std::string& address = kHome) {
    v1::IssueTokenRequest request;
    request.set_grant_type("password");
    request.set_username(email);
    request.set_password(password);
    request.set_address(address);
    return Ask<v1::TokenResponse>("IssueToken", request);
  }
  absl::StatusOr<v1::TokenResponse> Refresh(const std::string& token,
                                            const std::string& address = kHome) {
    v1::IssueTokenRequest request;
    request.set_grant_type("refresh_token");
    request.set_refresh_token(token);
    request.set_address(address);
    return Ask<v1::TokenResponse>("IssueToken", request);
  }

  // "users/<uuid>", with kPassword.
  std::string MakeUser(const std::string& email) {
    v1::CreateUserRequest request;
    request.mutable_user()->set_email(email);
    const auto user = Ask<v1::User>("CreateUser", request);
    EXPECT_THAT(user, ::mostove::testing::IsOk());
    v1::SetPasswordRequest password;
    password.set_name(user.ok() ? user->name() : "");
    password.set_new_password(kPassword);
    EXPECT_THAT(Ask<v1::SetPasswordResponse>("SetPassword", password), ::mostove::testing::IsOk());
    return password.name();
  }
  // Makes apiClients/<id> of these fields, and its first secret ("" for a public one).
  std::string MakeClient(const std::string& id, const std::string& fields) {
    EXPECT_THAT(Create<v1::ApiClient>("", id, "display_name: 'App' " + fields),
                ::mostove::testing::IsOk());
    v1::RotateSecretRequest request;
    request.set_name("apiClients/" + id);
    const auto secret = Ask<v1::RotateSecretResponse>("RotateSecret", request);
    return secret.ok() ? secret->secret() : "";
  }
  absl::StatusOr<v1::RoleGrant> Grant(const std::string& member, const std::string& role,
                                      const std::string& resource,
                                      const call::Caller& caller = Administrator()) {
    return Create<v1::RoleGrant>(
        "", "", "member: '" + member + "' role: " + role + " resource: '" + resource + "'", caller);
  }

  // What an access token says, checked with the published keys.
  absl::StatusOr<auth::TokenClaims> Claims(const std::string& token) {
    call::Call call;
    call.clock = [now = now_] { return now; };
    const auto keys = identity().keys().Published(call);
    if (!keys.ok()) return keys.status();
    const auto find = [&](absl::string_view id) -> const auth::PublicKey* {
      const auto key = keys->find(id);
      return key == keys->end() ? nullptr : &key->second;
    };
    return auth::Verify(token, find, TestOptions().issuer, now_);
  }
  v1::Session SessionOf(const absl::StatusOr<v1::TokenResponse>& tokens) {
    EXPECT_THAT(tokens, ::mostove::testing::IsOk());
    if (!tokens.ok()) return {};
    const auto claims = Claims(tokens->access_token());
    EXPECT_THAT(claims, ::mostove::testing::IsOk());
    if (!claims.ok()) return {};
    const auto session = Do<v1::Session>("Get", "sessions/" + claims->session);
    EXPECT_THAT(session, ::mostove::testing::IsOk());
    return session.ok() ? *session : v1::Session();
  }

  // Who a user is to the services, with a role on one resource.
  static call::Caller CallerOf(const std::string& user, const std::string& resource = "",
                               resource::v1::Role role = resource::v1::ROLE_UNSPECIFIED) {
    call::Caller caller = {.name = user, .network = true, .organizations = {user}};
    if (!resource.empty()) {
      caller.organizations.push_back(resource);
      caller.grants.push_back({resource, uint32_t{1} << role});
    }
    return caller;
  }

  // Every value of every table as text.
  std::string EverythingStored() {
    std::string all;
    auto reader = database().Read(absl::InfiniteFuture());
    EXPECT_THAT(reader, ::mostove::testing::IsOk());
    std::vector<std::string> statements;
    const auto columns = database().Columns();
    EXPECT_THAT(columns, ::mostove::testing::IsOk());
    for (const sql::Database::Column& column : *columns) {
      EXPECT_THAT((*reader)->Query("SELECT " + column.name + " FROM " + column.table, {},
                                   [&](const sql::Row& row) {
                                     const sql::Value value = row.Get(0);
                                     if (const auto* text = std::get_if<std::string>(&value)) {
                                       all += *text + "\n";
                                     } else if (const auto* blob = std::get_if<sql::Blob>(&value)) {
                                       all += blob->bytes + "\n";
                                     }
                                     return true;
                                   }),
                  ::mostove::testing::IsOk());
    }
    return all;
  }

 private:
  std::unique_ptr<::mostove::testing::TemporaryFolder> folder_;
  std::shared_ptr<IdentityService> identity_;
  absl::Time now_ = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()));
};

}  // namespace mostove::identity
