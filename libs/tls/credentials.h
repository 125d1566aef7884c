// What a program proves itself with to the others of its installation, and by
// what it knows them.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/tls/engine.h"

struct ssl_ctx_st;

namespace mostove::tls {

// Paths of PEM files.
struct Files {
  std::string certificate;  // and those between it and the authority, if any
  std::string key;          // without a password
  std::string authority;    // one certificate or several: who issues those of peers
};

// For all threads.
class Credentials {
 public:
  // `self`: whom the certificate has to name ("services/funding"). A sentence
  // about the file that is missing or does not fit: INVALID_ARGUMENT.
  static absl::StatusOr<std::unique_ptr<Credentials>> Load(Files files, std::string self);

  // The TLS of a new connection, by the files as they are now; by those before
  // if they do not fit together, of which the log tells.
  std::unique_ptr<Engine> Accept();
  // `peer`: whom it means ("services/trainings"); nobody else is talked to.
  std::unique_ptr<Engine> Connect(std::string peer);

  // When the certificate ends.
  absl::Time expire_time() const;

 private:
  using Context = std::shared_ptr<ssl_ctx_st>;
  // What tells whether a file is another one.
  struct Stamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    int64_t changed_nanoseconds = 0;
    bool operator==(const Stamp&) const = default;
  };
  using Stamps = std::array<Stamp, 3>;

  Credentials(Files files, std::string self) : files_(std::move(files)), self_(std::move(self)) {}
  Stamps Look() const;
  absl::StatusOr<Context> Read() const;
  Context Present();

  const Files files_;
  const std::string self_;
  mutable std::mutex mutex_;
  Stamps seen_;      // guarded by mutex_, as what follows
  Context context_;  // never null
};

}  // namespace mostove::tls
