#include "libs/tls/engine.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "libs/tls/verification.h"

namespace mostove::tls {
namespace {

constexpr size_t kRecordBytes = 16 << 10;
constexpr char kScheme[] = "mostove://";
constexpr size_t kNameBytesMax = 80;

// "services/" and an identifier.
bool IsProgram(absl::string_view name) {
  if (name.size() > kNameBytesMax || !absl::ConsumePrefix(&name, "services/")) return false;
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
  });
}

void TakeOut(SSL* ssl, std::string& out) {
  BIO* const bio = SSL_get_wbio(ssl);
  const size_t pending = BIO_ctrl_pending(bio);
  if (pending == 0) return;
  const size_t before = out.size();
  out.resize(before + pending);
  BIO_read(bio, out.data() + before, static_cast<int>(pending));
}

}  // namespace

absl::StatusOr<std::string> NameOf(const X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free);
  std::string found;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* const uri = name->d.uniformResourceIdentifier;
    absl::string_view text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                           static_cast<size_t>(ASN1_STRING_length(uri)));
    if (!absl::ConsumePrefix(&text, kScheme)) continue;
    if (!found.empty() || !IsProgram(text)) found = "?";
    if (found.empty()) found = std::string(text);
  }
  if (IsProgram(found)) return found;
  return absl::InvalidArgumentError(
      "the certificate names no program: it needs one alternative name such as "
      "URI:mostove://services/funding");
}

// ---- Verification

void Verification::Bind(SSL* ssl, Engine* engine) { SSL_set_app_data(ssl, engine); }

// The chain, the times and the purpose are OpenSSL's; the name is ours.
int Verification::OnCertificate(int fine, X509_STORE_CTX* store) {
  if (fine != 1 || X509_STORE_CTX_get_error_depth(store) > 0) return fine;
  const auto* const ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  Engine& engine = *static_cast<Engine*>(SSL_get_app_data(ssl));
  const auto name = NameOf(X509_STORE_CTX_get_current_cert(store));
  if (!name.ok()) {
    engine.error_ = std::string(name.status().message());
  } else if (!engine.wanted_.empty() && *name != engine.wanted_) {
    engine.error_ = absl::StrCat("the peer is ", *name, " and not ", engine.wanted_);
  } else {
    engine.peer_ = *name;
    return 1;
  }
  X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

// ---- Engine

Engine::Engine(SSL* ssl, std::string wanted) : ssl_(ssl), wanted_(std::move(wanted)) {
  Verification::Bind(ssl_, this);
  SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  if (!SSL_is_server(ssl_)) GoOn(SSL_do_handshake(ssl_));
}

Engine::~Engine() {
  ERR_clear_error();
  SSL_free(ssl_);
}

// Whether the result is that of something that succeeds, now or later.
bool Engine::GoOn(int result) {
  if (result > 0) return true;
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return true;
    case SSL_ERROR_ZERO_RETURN:  // a proper end
      return false;
    default:
      return Fail();
  }
}

bool Engine::Fail() {
  if (!error_.empty()) return false;
  const long verified = SSL_get_verify_result(ssl_);
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  error_ = verified != X509_V_OK ? X509_verify_cert_error_string(verified)
           : reason != nullptr   ? reason
                                 : "the connection broke";
  return false;
}

bool Engine::Receive(absl::string_view bytes, std::string& plain) {
  if (!error_.empty()) return false;
  ERR_clear_error();  // of others on this thread
  BIO_write(SSL_get_rbio(ssl_), bytes.data(), static_cast<int>(bytes.size()));
  if (!established_) {
    if (!GoOn(SSL_do_handshake(ssl_))) return false;
    if (SSL_is_init_finished(ssl_) == 0) return true;
    const unsigned char* protocol = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_, &protocol, &size);
    if (absl::string_view(reinterpret_cast<const char*>(protocol), size) != "h2") {
      error_ = "the peer does not offer the protocol h2";
      return false;
    }
    established_ = true;
  }
  while (true) {
    const size_t before = plain.size();
    plain.resize(before + kRecordBytes);
    size_t count = 0;
    const int result = SSL_read_ex(ssl_, plain.data() + before, kRecordBytes, &count);
    plain.resize(before + count);
    if (result <= 0) return GoOn(result);
  }
}

void Engine::Send(absl::string_view plain, std::string& out) {
  if (established_ && !plain.empty() && error_.empty()) {
    ERR_clear_error();
    size_t count = 0;  // into memory: all of it, at once
    if (SSL_write_ex(ssl_, plain.data(), plain.size(), &count) <= 0) Fail();
  }
  TakeOut(ssl_, out);
}

void Engine::End(std::string& out) {
  ERR_clear_error();
  if (established_ && error_.empty()) SSL_shutdown(ssl_);
  TakeOut(ssl_, out);
}

}  // namespace mostove::tls
