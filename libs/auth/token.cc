#include "libs/auth/token.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "libs/auth/jose.h"
#include "libs/call/call.h"
#include "libs/resource/name.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::auth {
namespace {

constexpr char kType[] = "at+jwt";
// Clocks of two machines differ.
constexpr absl::Duration kSkew = absl::Seconds(30);
constexpr size_t kIdLengthMax = 63;

bool IsId(absl::string_view id) {
  if (id.empty() || id.size() > kIdLengthMax) return false;
  for (const char c : id) {
    if (c != '-' && !absl::ascii_islower(static_cast<unsigned char>(c)) &&
        !absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      return false;
    }
  }
  return true;
}

bool IsSubject(absl::string_view subject) {
  if (absl::ConsumePrefix(&subject, "users/")) return resource::IsUuid(subject);
  return absl::ConsumePrefix(&subject, "apiClients/") && IsId(subject);
}

// What is wrong with the claims in themselves; "": nothing.
absl::string_view Fault(const TokenClaims& claims) {
  if (!IsSubject(claims.subject)) return "its subject is no user and no API client";
  if (!resource::IsUuid(claims.session)) return "its session is no UUID";
  if (!claims.client.empty() && !IsId(claims.client)) return "its client is malformed";
  if (claims.issue_time == absl::InfinitePast() || claims.expire_time == absl::InfinitePast()) {
    return "it does not say from when to when it holds";
  }
  if (claims.expire_time <= claims.issue_time) return "it ends before it begins";
  if (claims.expire_time - claims.issue_time > kTokenLifeMax) return "it would hold too long";
  return "";
}

void Put(const Json& object, const char* key, const std::string& text) {
  json_object_set_new(object.get(), key, json_stringn(text.data(), text.size()));
}

void Put(const Json& object, const char* key, absl::Time time) {
  json_object_set_new(object.get(), key, json_integer(absl::ToUnixSeconds(time)));
}

absl::StatusOr<TokenClaims> ReadClaims(const json_t* json) {
  TokenClaims claims = {.issuer = std::string(TextAt(json, "iss")),
                        .subject = std::string(TextAt(json, "sub")),
                        .session = std::string(TextAt(json, "sid")),
                        .client = std::string(TextAt(json, "client_id")),
                        .issue_time = TimeAt(json, "iat"),
                        .expire_time = TimeAt(json, "exp")};
  const auto scopes = ParseScopes(TextAt(json, "scope"));
  if (!scopes.ok()) return InvalidToken("its scopes are not known");
  claims.scopes = *scopes;
  const absl::string_view fault = Fault(claims);
  if (!fault.empty()) return InvalidToken(fault);
  return claims;
}

absl::Status CheckTimes(const TokenClaims& claims, absl::Time not_before, absl::Time now) {
  if (now >= claims.expire_time) {
    return status::Make(absl::StatusCode::kUnauthenticated, "TOKEN_EXPIRED",
                        "the token has expired; get a new one");
  }
  if (claims.issue_time > now + kSkew || not_before > now + kSkew) {
    return InvalidToken("it does not hold yet");
  }
  return absl::OkStatus();
}

}  // namespace

std::string ScopeText(uint32_t scopes) {
  std::vector<absl::string_view> words;
  if ((scopes & call::kScopeRead) != 0) words.push_back("read");
  if ((scopes & call::kScopeWrite) != 0) words.push_back("write");
  return absl::StrJoin(words, " ");
}

absl::StatusOr<uint32_t> ParseScopes(absl::string_view text) {
  uint32_t scopes = 0;
  for (const absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    if (word == "read") {
      scopes |= call::kScopeRead;
    } else if (word == "write") {
      scopes |= call::kScopeWrite;
    } else {
      return status::Make(absl::StatusCode::kInvalidArgument, "INVALID_SCOPE",
                          "scopes are read and write, with a space between them");
    }
  }
  return scopes;
}

absl::StatusOr<std::string> Sign(const SigningKey& key, const TokenClaims& claims) {
  const absl::string_view fault = claims.issuer.empty() ? "it has no issuer" : Fault(claims);
  if (!fault.empty()) {
    return status::Make(absl::StatusCode::kInvalidArgument, "TOKEN_INVALID",
                        absl::StrCat("no token can be made: ", fault));
  }
  const Json json(json_object());
  Put(json, "iss", claims.issuer);
  Put(json, "aud", std::string(kAudience));
  Put(json, "sub", claims.subject);
  Put(json, "sid", claims.session);
  if (!claims.client.empty()) Put(json, "client_id", claims.client);
  Put(json, "scope", ScopeText(claims.scopes));
  Put(json, "iat", claims.issue_time);
  Put(json, "exp", claims.expire_time);
  return SignClaims(key, kType, json.get());
}

absl::StatusOr<TokenClaims> Verify(absl::string_view token, FindKey find_key,
                                   absl::string_view issuer, absl::Time now) {
  ASSIGN_OR_RETURN(const UnverifiedToken unverified,
                   UnverifiedToken::Parse(token, kTokenBytesMax, {"alg", "typ", "kid"}));
  if (unverified.algorithm() != "EdDSA") return InvalidToken("its algorithm is not EdDSA");
  if (unverified.type() != kType) return InvalidToken("it is no access token");
  const PublicKey* const key = find_key(unverified.key_id());
  if (key == nullptr) return InvalidToken("its key is not known");
  ASSIGN_OR_RETURN(const Json json, unverified.Verify(*key));
  if (issuer.empty() || TextAt(json.get(), "iss") != issuer) {
    return InvalidToken("its issuer is another one");
  }
  if (TextAt(json.get(), "aud") != kAudience) return InvalidToken("it is not for this audience");
  ASSIGN_OR_RETURN(TokenClaims claims, ReadClaims(json.get()));
  RETURN_IF_ERROR(CheckTimes(claims, TimeAt(json.get(), "nbf"), now));
  return claims;
}

}  // namespace mostove::auth
