// An authority and what it issues, for tests.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "libs/tls/credentials.h"

struct evp_pkey_st;
struct x509_st;

namespace mostove::tls {

// What is to be in a certificate; what is wrong is for tests of refusals.
struct CertificateRequest {
  std::vector<std::string> names;  // "URI:mostove://services/funding"
  absl::Time begin = absl::Now() - absl::Hours(1);
  absl::Time end = absl::Now() + absl::Hours(1);
  std::string purposes = "serverAuth,clientAuth";
};

class TestAuthority {
 public:
  // Writes authority.pem into the folder, which outlives it.
  explicit TestAuthority(std::filesystem::path folder);

  // A new key and certificate for "services/funding", in files called LABEL.pem
  // and LABEL.key, each written at once.
  Files Issue(const std::string& label, absl::string_view program) const;
  Files Issue(const std::string& label, const CertificateRequest& request) const;

 private:
  using Key = std::shared_ptr<evp_pkey_st>;
  using Certificate = std::shared_ptr<x509_st>;

  const std::filesystem::path folder_;
  Key key_;
  Certificate certificate_;
};

}  // namespace mostove::tls
