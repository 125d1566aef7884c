// What it costs to know who asks.
#include <benchmark/benchmark.h>

#include "absl/strings/str_cat.h"
#include "libs/auth/scripted_log.h"
#include "libs/auth/token_authenticator.h"

namespace mostove::auth {
namespace {

constexpr char kIssuer[] = "http://127.0.0.1:8080";
constexpr char kUser[] = "users/0190a6f2-7c1e-7000-8000-000000000001";

// A user with roles on two organizations among 10,000 others.
class Fixture {
 public:
  Fixture() {
    log_.AddKey(key_);
    log_.AddUser(kUser);
    log_.AddGrant("1", kUser, resource::v1::ORGANIZATION_EDITOR, "organizations/sofia-help");
    log_.AddGrant("2", kUser, resource::v1::ORGANIZATION_READER, "organizations/varna-help");
    for (int i = 0; i < 10'000; ++i) log_.AddUser(absl::StrCat("users/", i));
    changes::v1::ListChangesRequest request;
    for (int i = 0; i < 4000; ++i) {
      const auto page = log_.Read(request);
      directory_.Apply(page->changes());
      request.set_after(page->next_position());
    }
    directory_.AtEnd(absl::Now());
  }

  std::string Authorization(absl::Duration ago = absl::ZeroDuration()) const {
    const TokenClaims claims = {.issuer = kIssuer,
                                .subject = kUser,
                                .session = "0190a6f2-7c1e-7000-8000-0000000000aa",
                                .scopes = call::kScopeRead | call::kScopeWrite,
                                .issue_time = absl::Now() - ago,
                                .expire_time = absl::Now() + absl::Hours(1)};
    return absl::StrCat("Bearer ", Sign(key_, claims).value());
  }
  const SigningKey& key() const { return key_; }
  Directory& directory() { return directory_; }
  const TokenAuthenticator& authenticator() const { return authenticator_; }

 private:
  const SigningKey key_ = GenerateKey().value();
  ScriptedLog log_{absl::Now()};
  Directory directory_;
  TokenAuthenticator authenticator_{{.directory = &directory_, .issuer = kIssuer}};
};

Fixture& Shared() {
  static auto* const fixture = new Fixture();
  return *fixture;
}

void KnownToken(benchmark::State& state) {
  const std::string authorization = Shared().Authorization();
  for (auto _ : state) {
    auto caller = Shared().authenticator().Authenticate(authorization);
    benchmark::DoNotOptimize(caller);
  }
}
BENCHMARK(KnownToken)->Threads(1)->Threads(2);

// As before, after a change of somebody's roles.
void KnownTokenAfterAChange(benchmark::State& state) {
  const std::string authorization = Shared().Authorization();
  changes::v1::ListChangesResponse page;
  ScriptedLog log(absl::Now());
  log.AddGrant("9", "users/1", resource::v1::ORGANIZATION_READER, "organizations/varna-help");
  const auto changes = log.Read({});
  for (auto _ : state) {
    Shared().directory().Apply(changes->changes());
    auto caller = Shared().authenticator().Authenticate(authorization);
    benchmark::DoNotOptimize(caller);
  }
}
BENCHMARK(KnownTokenAfterAChange);

void NewToken(benchmark::State& state) {
  const std::string authorization = Shared().Authorization();
  std::string key_id;
  for (auto _ : state) {
    auto claims = Shared().directory().VerifyToken(absl::string_view(authorization).substr(7),
                                                   kIssuer, absl::Now(), key_id);
    benchmark::DoNotOptimize(claims);
  }
}
BENCHMARK(NewToken);

void SignToken(benchmark::State& state) {
  for (auto _ : state) {
    auto authorization = Shared().Authorization();
    benchmark::DoNotOptimize(authorization);
  }
}
BENCHMARK(SignToken);

void OneFeedKey(benchmark::State& state) {
  ScriptedLog log(absl::Now());
  log.AddFeedKey("f", kUser, "secret");
  Shared().directory().Apply(log.Read({})->changes());
  const std::string authorization = FeedKeyAuthorization("secret");
  for (auto _ : state) {
    auto caller = Shared().authenticator().Authenticate(authorization);
    benchmark::DoNotOptimize(caller);
  }
}
BENCHMARK(OneFeedKey);

void StillValid(benchmark::State& state) {
  const auto caller = Shared().authenticator().Authenticate(Shared().Authorization());
  for (auto _ : state) {
    auto status = Shared().authenticator().CheckStillValid(*caller);
    benchmark::DoNotOptimize(status);
  }
}
BENCHMARK(StillValid);

}  // namespace
}  // namespace mostove::auth

BENCHMARK_MAIN();
