// Keys that sign and verify tokens, as JSON Web Keys.
#pragma once

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mostove::auth {

// An Ed25519 key of ours. Its text is a secret.
struct SigningKey {
  std::string id;           // the token's `kid`, and the id of signingKeys/<kid>
  std::string private_jwk;  // RFC 8037: {"kty": "OKP", "crv": "Ed25519", "x": …, "d": …}
};

// A new key with a UUID as its id.
absl::StatusOr<SigningKey> GenerateKey();

// The public half, to publish: kty, crv, x, kid, alg and use, and nothing else.
// INVALID_ARGUMENT when the key is no private Ed25519 key.
absl::StatusOr<std::string> PublicJwk(const SigningKey& key);

// What a signature is checked with.
struct PublicKey {
  std::string algorithm;  // the one for which it may be used: "EdDSA", "ES256", "RS256"
  std::string jwk;        // kty and the numbers, nothing else

  bool operator==(const PublicKey&) const = default;
};

// Ed25519, P-256, or RSA of 2,048 to 8,192 bits. INVALID_ARGUMENT for another key,
// for one with a private half, and for one that is for encryption or for another
// algorithm. What else it says, such as an address of certificates, is left out.
absl::StatusOr<PublicKey> ParsePublicKey(absl::string_view jwk);

// Keys by their `kid`.
using KeySet = absl::flat_hash_map<std::string, PublicKey>;

// A JWKS document: {"keys": […]}. Keys that ParsePublicKey refuses, or without a
// kid, are left out; so is a kid that stands twice. INVALID_ARGUMENT when it is no
// such document or is larger than 256 KiB.
absl::StatusOr<KeySet> ParseKeySet(absl::string_view jwks);

}  // namespace mostove::auth
