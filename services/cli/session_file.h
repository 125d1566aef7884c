// What somebody has signed in with, kept between runs in a file for this user
// alone: $XDG_STATE_HOME/mostove/HOST_PORT, one for each gateway.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/cli/oauth.h"

namespace mostove::cli {

struct KeptSession {
  Tokens tokens;
  // Of a program, which gets tokens anew with its secret; the file is read then.
  std::string client_id, client_secret_file;
  // In place of all else: a file that holds a token, which others renew.
  std::string token_file;
};

class SessionFile {
 public:
  // `address`: of the gateway, "127.0.0.1:8080".
  static SessionFile Of(absl::string_view address);
  explicit SessionFile(std::filesystem::path path) : path_(std::move(path)) {}

  // Nothing when nobody is signed in.
  std::optional<KeptSession> Read() const;
  // In one step, mode 0600, in folders of mode 0700.
  absl::Status Write(const KeptSession& session) const;
  void Remove() const;

  // Other runs of the command line wait while it lives.
  class Lock {
   public:
    explicit Lock(int fd) : fd_(fd) {}
    ~Lock();
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

   private:
    const int fd_;
  };
  absl::StatusOr<std::unique_ptr<Lock>> Acquire() const;

 private:
  std::filesystem::path path_;
};

// The text of a file without white space around it. FAILED_PRECONDITION with a
// sentence.
absl::StatusOr<std::string> ReadSecret(const std::string& file);

}  // namespace mostove::cli
