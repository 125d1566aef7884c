#include "libs/auth/outside_token.h"

#include <algorithm>

#include "libs/auth/jose.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::auth {
namespace {

constexpr size_t kBytesMax = 16 << 10;
constexpr absl::Duration kSkew = absl::Seconds(30);

// `aud` is one text or several.
bool IsFor(const json_t* claims, absl::string_view audience) {
  const json_t* const named = json_object_get(claims, "aud");
  if (json_is_string(named)) return TextAt(claims, "aud") == audience;
  bool is_for = false;
  size_t index = 0;
  json_t* each = nullptr;
  json_array_foreach(named, index, each) {
    is_for =
        is_for || (json_is_string(each) && absl::string_view(json_string_value(each)) == audience);
  }
  const bool alone = json_array_size(named) == 1;
  return is_for && (alone || TextAt(claims, "azp") == audience);
}

}  // namespace

absl::StatusOr<OutsideClaims> VerifyOutside(absl::string_view token,
                                            const OutsideProvider& provider, absl::Time now) {
  // Some providers name the certificate's hash too: it says nothing here.
  ASSIGN_OR_RETURN(
      const UnverifiedToken unverified,
      UnverifiedToken::Parse(token, kBytesMax, {"alg", "typ", "kid", "x5t", "x5t#S256"}));
  const auto key = provider.keys.find(unverified.key_id());
  if (key == provider.keys.end()) return InvalidToken("its key is not known");
  ASSIGN_OR_RETURN(const Json claims, unverified.Verify(key->second));
  const json_t* const json = claims.get();
  if (provider.issuer.empty() || TextAt(json, "iss") != provider.issuer) {
    return InvalidToken("its issuer is another one");
  }
  if (provider.audience.empty() || !IsFor(json, provider.audience)) {
    return InvalidToken("it is not for this audience");
  }
  OutsideClaims read = {.subject = std::string(TextAt(json, "sub")),
                        .email = std::string(TextAt(json, "email")),
                        .email_verified = json_is_true(json_object_get(json, "email_verified")),
                        .display_name = std::string(TextAt(json, "name")),
                        .token_id = std::string(TextAt(json, "jti")),
                        .issue_time = TimeAt(json, "iat"),
                        .expire_time = TimeAt(json, "exp")};
  if (read.subject.empty()) return InvalidToken("it has no subject");
  if (now >= read.expire_time) {
    return status::Make(absl::StatusCode::kUnauthenticated, "TOKEN_EXPIRED",
                        "the token has expired; get a new one");
  }
  if (std::max(read.issue_time, TimeAt(json, "nbf")) > now + kSkew) {
    return InvalidToken("it does not hold yet");
  }
  return read;
}

}  // namespace mostove::auth
