#include "services/identity/options.h"

namespace mostove::identity {

void AddSettings(config::Settings& settings, Options* options) {
  settings.Add("identity.key_file", &options->key_file,
               "File of the key that seals signing keys; made at the first start. Only this "
               "program may read it, and a backup needs it beside the database.");
  settings.Add("identity.renew_keys", &options->renew_keys,
               "When the key file is lost or another one: makes new signing keys, which ends all "
               "tokens, sessions and open invitations, in place of refusing to start.");
  settings.Add("identity.operator_socket", &options->operator_socket,
               "Path of a Unix socket for mostove admin: whoever may open it makes administrators. "
               "Empty: none.");
  settings.Add("identity.session_retention", &options->session_retention,
               "How long sessions and signing keys are kept after their end: 2160h is 90 days.");
  settings.Add("identity.signing_key_notice", &options->signing_key_notice,
               "How long a new signing key is published before it signs: whoever verifies tokens "
               "looks for new keys within that time.");
  settings.Add("provider.issuer", &options->provider.issuer,
               "Issuer of an outside OpenID provider whose ID tokens sign people in; empty: none.");
  settings.Add("provider.jwks", &options->provider.jwks,
               "Its keys: https://..., or a file with the JWKS.");
  settings.Add("provider.audience", &options->provider.audience,
               "The client id that this network has there.");
  settings.Add("provider.create_users", &options->provider.create_users,
               "Whether people without an invitation become users at their first sign-in.");
  settings.Add("provider.language", &options->provider.language,
               "Language of users that it brings.");
}

}  // namespace mostove::identity
