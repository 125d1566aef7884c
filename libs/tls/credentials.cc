#include "libs/tls/credentials.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/status/macros.h"
#include "libs/telemetry/log.h"
#include "libs/tls/verification.h"

namespace mostove::tls {
namespace {

constexpr unsigned char kProtocols[] = {2, 'h', '2'};
// AES has instructions of its own on every server.
constexpr char kCiphers[] =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

absl::Status Unfit(const char* what, const std::string& file) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  if (access(file.c_str(), R_OK) != 0) reason = std::strerror(errno);
  return absl::InvalidArgumentError(absl::StrCat(
      what, " ", file, " cannot be used: ", reason == nullptr ? "it is malformed" : reason));
}

int OnProtocols(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* size,
                const unsigned char* offered, unsigned offered_size, void* /*unused*/) {
  unsigned char* found = nullptr;
  const int result =
      SSL_select_next_proto(&found, size, kProtocols, sizeof(kProtocols), offered, offered_size);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

void SetProtocol(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_ciphersuites(context, kCiphers);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_protos(context, kProtocols, sizeof(kProtocols));
  SSL_CTX_set_alpn_select_cb(context, OnProtocols, nullptr);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                     Verification::OnCertificate);
}

absl::Time ToTime(const ASN1_TIME* time) {
  std::tm parts = {};
  ASN1_TIME_to_tm(time, &parts);
  return absl::FromTM(parts, absl::UTCTimeZone());
}

}  // namespace

absl::StatusOr<std::unique_ptr<Credentials>> Credentials::Load(Files files, std::string self) {
  std::unique_ptr<Credentials> credentials(new Credentials(std::move(files), std::move(self)));
  credentials->seen_ = credentials->Look();
  ASSIGN_OR_RETURN(credentials->context_, credentials->Read());
  return credentials;
}

Credentials::Stamps Credentials::Look() const {
  Stamps stamps;
  const std::string* const paths[] = {&files_.certificate, &files_.key, &files_.authority};
  for (size_t i = 0; i < stamps.size(); ++i) {
    struct stat file = {};
    if (stat(paths[i]->c_str(), &file) != 0) continue;
    const int64_t seconds = file.st_mtim.tv_sec;
    stamps[i] = {file.st_dev, file.st_ino, file.st_size,
                 seconds * 1'000'000'000 + file.st_mtim.tv_nsec};
  }
  return stamps;
}

absl::StatusOr<Credentials::Context> Credentials::Read() const {
  ERR_clear_error();
  Context context(SSL_CTX_new(TLS_method()), SSL_CTX_free);
  SetProtocol(context.get());
  if (SSL_CTX_use_certificate_chain_file(context.get(), files_.certificate.c_str()) != 1) {
    return Unfit("the certificate", files_.certificate);
  }
  // Compares it with the certificate, too.
  if (SSL_CTX_use_PrivateKey_file(context.get(), files_.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return Unfit("the key", files_.key);
  }
  if (SSL_CTX_load_verify_file(context.get(), files_.authority.c_str()) != 1) {
    return Unfit("the authority", files_.authority);
  }
  ASSIGN_OR_RETURN(const std::string name, NameOf(SSL_CTX_get0_certificate(context.get())));
  if (name != self_) {
    return absl::InvalidArgumentError(absl::StrCat("the certificate ", files_.certificate,
                                                   " is that of ", name, "; this is ", self_));
  }
  return context;
}

Credentials::Context Credentials::Present() {
  const std::lock_guard lock(mutex_);
  const Stamps now = Look();
  if (now == seen_) return context_;
  seen_ = now;
  auto read = Read();
  if (read.ok()) {
    context_ = *std::move(read);
    telemetry::Log(telemetry::Level::kInfo, "certificate_replaced",
                   {{"certificate", files_.certificate}});
  } else {
    const std::string why(read.status().message());
    telemetry::Log(telemetry::Level::kWarning, "certificate_not_replaced", {{"error", why}});
  }
  return context_;
}

std::unique_ptr<Engine> Credentials::Accept() {
  SSL* const ssl = SSL_new(Present().get());
  SSL_set_accept_state(ssl);
  return std::make_unique<Engine>(ssl, "");
}

std::unique_ptr<Engine> Credentials::Connect(std::string peer) {
  SSL* const ssl = SSL_new(Present().get());
  SSL_set_connect_state(ssl);
  return std::make_unique<Engine>(ssl, std::move(peer));
}

absl::Time Credentials::expire_time() const {
  const std::lock_guard lock(mutex_);
  return ToTime(X509_get0_notAfter(SSL_CTX_get0_certificate(context_.get())));
}

}  // namespace mostove::tls
