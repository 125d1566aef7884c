// What an installation may set of identity.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "libs/config/settings.h"
#include "services/identity/passwords.h"

namespace mostove::identity {

// An outside OpenID provider that signs people in, such as a Keycloak.
struct ProviderOptions {
  std::string issuer;    // exact; "": none
  std::string jwks;      // where its keys are: https://…, or a file
  std::string audience;  // our client id there
  // People without an invitation or an account of their address become users too.
  bool create_users = false;
  std::string language = "bg";  // of users that it brings
};

struct Options {
  std::string issuer = "http://127.0.0.1:8080";  // of our tokens: setting auth.issuer
  std::string key_file;                          // see Vault
  // When the key file does not open the signing keys: makes others, in place of an
  // error.
  bool renew_keys = false;
  // Through which copies of this service count attempts to sign in together: see
  // redis::Address; "": each counts by itself.
  std::string redis;
  std::string operator_socket;  // path; see Operator; "": none
  ProviderOptions provider;
  // Sessions and signing keys are kept so long after their end.
  absl::Duration session_retention = absl::Hours(24 * 90);
  // So long a signing key is published before it signs.
  absl::Duration signing_key_notice = absl::Minutes(10);
  // The rest is for tests.
  PasswordCost passwords;
  absl::Duration token_life = absl::Minutes(5);
  // A person signs in again after this, however busy.
  absl::Duration session_life = absl::Hours(24 * 30);
  // And after being away for so long.
  absl::Duration refresh_life = absl::Hours(24 * 14);
  // Sessions of programs: a new one each day.
  absl::Duration client_session_life = absl::Hours(24);
  absl::Duration signing_key_life = absl::Hours(24 * 30);
};

// Settings identity.* and provider.*; not auth.issuer, which every program has.
void AddSettings(config::Settings& settings, Options* options);

}  // namespace mostove::identity
