// The keys that sign tokens. They rotate by themselves: a key is published ten
// minutes (Options::signing_key_notice) before it signs, so that every service knows it by then,
// and stays until the last token that it signed has ended. Several copies of identity agree in the
// database.
#pragma once

#include <atomic>
#include <string>

#include "absl/status/statusor.h"
#include "libs/auth/keys.h"
#include "libs/call/call.h"
#include "libs/store/store.h"
#include "mostove/identity/v1/signing_key.pb.h"
#include "services/identity/options.h"
#include "services/identity/vault.h"

namespace mostove::identity {

class KeyRing {
 public:
  KeyRing(const store::Store& store, const Vault& vault, const Options& options)
      : store_(store), vault_(vault), options_(options) {}

  // Makes the first key. FAILED_PRECONDITION when those that are there were sealed
  // with another key file.
  absl::Status Open(const call::Call& call);
  // The key that signs now.
  absl::StatusOr<auth::SigningKey> Current(const call::Call& call);
  // Those with which tokens are checked now.
  absl::StatusOr<auth::KeySet> Published(const call::Call& call) const;
  // A new key: see RotateSigningKeyRequest.
  absl::StatusOr<v1::SigningKey> Rotate(const call::Call& call, bool revoke_previous);

 private:
  absl::StatusOr<v1::SigningKey> Make(const call::Call& call, sql::Transaction& transaction,
                                      absl::Time active_time) const;
  // Ends the keys before `next`, at its time, or refuses their tokens at once.
  absl::Status Retire(const call::Call& call, sql::Transaction& transaction,
                      const v1::SigningKey& next, bool at_once) const;
  // The next key when it is time for it.
  absl::Status RotateWhenDue(const call::Call& call);

  const store::Store& store_;
  const Vault& vault_;
  const Options& options_;
  std::atomic<int64_t> next_look_ = 0;  // Unix seconds
};

}  // namespace mostove::identity
