// Whom a certificate names. Private to the library.
#pragma once

#include <string>

#include "absl/status/statusor.h"

struct ssl_st;
struct x509_st;
struct x509_store_ctx_st;

namespace mostove::tls {

// "services/funding" of the URI mostove://services/funding, which has to be there
// once.
absl::StatusOr<std::string> NameOf(const x509_st* certificate);

class Engine;

// What OpenSSL calls for each certificate of a peer.
class Verification {
 public:
  static void Bind(ssl_st* ssl, Engine* engine);
  static int OnCertificate(int fine, x509_store_ctx_st* store);
};

}  // namespace mostove::tls
