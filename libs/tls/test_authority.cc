#include "libs/tls/test_authority.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace mostove::tls {
namespace {

std::shared_ptr<X509> MakeCertificate(EVP_PKEY* key, absl::string_view name, absl::Time begin,
                                      absl::Time end) {
  std::shared_ptr<X509> made(X509_new(), X509_free);
  static long serial = 0;
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial);
  ASN1_TIME_set(X509_getm_notBefore(made.get()), absl::ToTimeT(begin));
  ASN1_TIME_set(X509_getm_notAfter(made.get()), absl::ToTimeT(end));
  X509_set_pubkey(made.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.data()),
                             static_cast<int>(name.size()), -1, 0);
  return made;
}

void AddExtension(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, nullptr, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const made = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  X509_add_ext(certificate, made, -1);
  X509_EXTENSION_free(made);
}

// Readers see the file before or after it.
void Write(const std::filesystem::path& path, const std::function<void(FILE*)>& write) {
  const std::string fresh = absl::StrCat(path.string(), ".new");
  FILE* const file = std::fopen(fresh.c_str(), "w");
  write(file);
  std::fclose(file);
  std::filesystem::rename(fresh, path);
}

}  // namespace

TestAuthority::TestAuthority(std::filesystem::path folder)
    : folder_(std::move(folder)), key_(EVP_EC_gen("P-256"), EVP_PKEY_free) {
  std::filesystem::create_directories(folder_);
  certificate_ = MakeCertificate(key_.get(), "Test authority", absl::Now() - absl::Hours(24),
                                 absl::Now() + absl::Hours(24));
  X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
  AddExtension(certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(certificate_.get(), NID_key_usage, "critical,keyCertSign");
  X509_sign(certificate_.get(), key_.get(), EVP_sha256());
  Write(folder_ / "authority.pem", [&](FILE* to) { PEM_write_X509(to, certificate_.get()); });
}

Files TestAuthority::Issue(const std::string& label, absl::string_view program) const {
  return Issue(label, CertificateRequest{.names = {absl::StrCat("URI:mostove://", program)}});
}

Files TestAuthority::Issue(const std::string& label, const CertificateRequest& request) const {
  const Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const Certificate made = MakeCertificate(key.get(), label, request.begin, request.end);
  X509_set_issuer_name(made.get(), X509_get_subject_name(certificate_.get()));
  if (!request.names.empty()) {
    AddExtension(made.get(), NID_subject_alt_name, absl::StrJoin(request.names, ","));
  }
  AddExtension(made.get(), NID_ext_key_usage, request.purposes);
  X509_sign(made.get(), key_.get(), EVP_sha256());

  const std::filesystem::path stem = folder_ / label;
  Files files = {.certificate = stem.string() + ".pem",
                 .key = stem.string() + ".key",
                 .authority = (folder_ / "authority.pem").string()};
  Write(files.certificate, [&](FILE* to) { PEM_write_X509(to, made.get()); });
  Write(files.key, [&](FILE* to) {
    PEM_write_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  return files;
}

}  // namespace mostove::tls
