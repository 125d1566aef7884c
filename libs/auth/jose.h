// The one place that calls librhonabwy and its jansson. Private to this library.
#pragma once

#include <jansson.h>

#include <initializer_list>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/auth/keys.h"

namespace mostove::auth {

struct JsonRelease {
  void operator()(json_t* json) const { json_decref(json); }
};
using Json = std::unique_ptr<json_t, JsonRelease>;

// An object without doubled keys; null for anything else.
Json ParseObject(absl::string_view text);
std::string ToText(const json_t* json);
// "" when it is absent or no text.
absl::string_view TextAt(const json_t* object, const char* key);
// Whole seconds since 1970; InfinitePast when it is absent or none.
absl::Time TimeAt(const json_t* object, const char* key);

// UNAUTHENTICATED, reason TOKEN_INVALID.
absl::Status InvalidToken(absl::string_view why);

// A signed token in compact form whose header was read, and nothing else.
class UnverifiedToken {
 public:
  // Every byte counts: three parts in canonical base64url. Refuses a header field
  // that is not among `fields`.
  static absl::StatusOr<UnverifiedToken> Parse(absl::string_view token, size_t bytes_max,
                                               std::initializer_list<absl::string_view> fields);

  absl::string_view algorithm() const { return TextAt(header_.get(), "alg"); }
  absl::string_view type() const { return TextAt(header_.get(), "typ"); }
  absl::string_view key_id() const { return TextAt(header_.get(), "kid"); }

  // The claims, if the key has signed the token.
  absl::StatusOr<Json> Verify(const PublicKey& key) const;

 private:
  absl::string_view token_;  // the caller's
  Json header_;
};

// Header fields alg, typ and kid.
absl::StatusOr<std::string> SignClaims(const SigningKey& key, const char* type,
                                       const json_t* claims);

}  // namespace mostove::auth
