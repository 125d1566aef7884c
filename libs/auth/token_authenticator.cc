#include "libs/auth/token_authenticator.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::auth {
namespace {

constexpr size_t kFeedKeyBytesMax = 512;

// The words behind the scheme, if it is this one.
bool TakeScheme(absl::string_view scheme, absl::string_view& authorization) {
  if (authorization.size() <= scheme.size() || authorization[scheme.size()] != ' ' ||
      !absl::StartsWithIgnoreCase(authorization, scheme)) {
    return false;
  }
  authorization = absl::StripAsciiWhitespace(authorization.substr(scheme.size()));
  return true;
}

}  // namespace

TokenAuthenticator::TokenAuthenticator(TokenAuthenticatorOptions options)
    : options_(std::move(options)), cache_(options_.tokens_max) {}

absl::StatusOr<call::Caller> TokenAuthenticator::Authenticate(
    absl::string_view authorization) const {
  if (authorization.empty()) return call::Caller{};
  if (TakeScheme("Bearer", authorization)) return ByToken(authorization);
  if (TakeScheme("Basic", authorization)) return ByFeedKey(authorization);
  return status::Make(absl::StatusCode::kUnauthenticated, "SCHEME_UNKNOWN",
                      "the header Authorization has to be \"Bearer\" and a token");
}

absl::StatusOr<call::Caller> TokenAuthenticator::ByToken(absl::string_view token) const {
  const absl::Time now = options_.clock();
  // Read before the directory is asked: what changes meanwhile is asked again.
  const uint64_t version = options_.directory->version();
  call::Caller caller;
  TokenCache::Entry entry;
  switch (cache_.Find(token, version, now, caller, entry)) {
    case TokenCache::Found::kBearer:
      return caller;
    case TokenCache::Found::kClaims:
      if (now < entry.claims.expire_time) break;
      cache_.Forget(token);
      [[fallthrough]];
    case TokenCache::Found::kNothing: {
      ASSIGN_OR_RETURN(entry.claims,
                       options_.directory->VerifyToken(token, options_.issuer, now, entry.key_id));
    }
  }
  auto bearer = options_.directory->BearerOf(entry.claims, entry.key_id, now);
  if (!bearer.ok()) {
    if (absl::IsUnavailable(bearer.status()) && options_.behind) options_.behind();
    return bearer.status();
  }
  entry.bearer = *std::move(bearer);
  entry.version = version;
  caller = entry.bearer.caller;
  cache_.Keep(token, std::move(entry), now);
  return caller;
}

absl::StatusOr<call::Caller> TokenAuthenticator::ByFeedKey(absl::string_view credentials) const {
  std::string plain;
  const bool decoded = credentials.size() <= kFeedKeyBytesMax &&
                       absl::Base64Unescape(credentials, &plain) &&
                       plain.find(':') != std::string::npos;
  if (!decoded) {
    return status::Make(absl::StatusCode::kUnauthenticated, "FEED_KEY_INVALID",
                        "the feed key is not known, has expired or was revoked");
  }
  ASSIGN_OR_RETURN(Directory::Bearer bearer,
                   options_.directory->BearerOfFeedKey(
                       absl::string_view(plain).substr(plain.find(':') + 1), options_.clock()));
  return std::move(bearer.caller);
}

absl::Status TokenAuthenticator::CheckStillValid(const call::Caller& caller) const {
  return options_.directory->CheckStillValid(caller, options_.clock());
}

std::string FeedKeyAuthorization(absl::string_view key) {
  return absl::StrCat("Basic ", absl::Base64Escape(absl::StrCat(":", key)));
}

}  // namespace mostove::auth
