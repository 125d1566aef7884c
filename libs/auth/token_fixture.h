// A key, a token and what others make of them: for the tests of tokens.
#pragma once

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/substitute.h"
#include "gtest/gtest.h"
#include "libs/auth/token.h"
#include "libs/call/call.h"

namespace mostove::auth {

inline constexpr char kIssuer[] = "http://127.0.0.1:8080";

class TokenTest : public ::testing::Test {
 protected:
  static TokenClaims Claims() {
    return {.issuer = kIssuer,
            .subject = "users/0190a6f2-7c1e-7000-8000-000000000001",
            .session = "0190a6f2-7c1e-7000-8000-0000000000aa",
            .client = "",
            .scopes = call::kScopeRead | call::kScopeWrite,
            .issue_time = absl::FromUnixSeconds(1'800'000'000),
            .expire_time = absl::FromUnixSeconds(1'800'000'300)};
  }
  static absl::Time Now() { return Claims().issue_time + absl::Seconds(10); }

  const SigningKey& key() const { return key_; }

  std::string SignHere(const TokenClaims& claims) const {
    const auto token = Sign(key_, claims);
    EXPECT_TRUE(token.ok()) << token.status();
    return token.value_or("");
  }

  absl::StatusOr<TokenClaims> VerifyHere(absl::string_view token, absl::Time now = Now()) const {
    const auto find = [this](absl::string_view id) { return id == key_.id ? &public_ : nullptr; };
    return Verify(token, find, kIssuer, now);
  }

  static std::string Encode(absl::string_view bytes) { return absl::WebSafeBase64Escape(bytes); }

 private:
  const SigningKey key_ = GenerateKey().value();
  const PublicKey public_ = ParsePublicKey(PublicJwk(key_).value()).value();
};

}  // namespace mostove::auth
