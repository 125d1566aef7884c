// Secrets: made at random, kept as hashes, or sealed with the installation's own
// key, which stands in a file beside the database and never in it.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mostove::identity {

// 256 random bits as 43 characters of base64url.
std::string RandomSecret();
// Under which a random secret is kept and found: SHA-256, 64 hex digits. Enough
// for 256 random bits, and never for what people choose.
std::string HashOfSecret(absl::string_view secret);

// By libsodium. Immutable; for all threads.
class Vault {
 public:
  // Reads the key from a file, and makes it (mode 0600) when there is none.
  // FAILED_PRECONDITION with a sentence for the operator: others may read the
  // file, or it holds no key.
  static absl::StatusOr<Vault> Open(const std::string& key_file);

  // Encrypted and authenticated (XSalsa20-Poly1305).
  std::string Seal(absl::string_view text) const;
  // INTERNAL when it was not sealed with this key.
  absl::StatusOr<std::string> Unseal(absl::string_view box) const;

  // 32 bytes that nobody makes without the key (keyed BLAKE2b). Tags of different
  // purposes have nothing to do with each other.
  std::string Tag(absl::string_view purpose, absl::string_view text) const;

 private:
  explicit Vault(std::string key) : key_(std::move(key)) {}
  std::string key_;  // 32 bytes
};

}  // namespace mostove::identity
