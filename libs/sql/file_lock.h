// Keeps a second process away from a SQLite file.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace mostove::sql {

// Holds PATH-lock until the end of its life or of the process, however that
// ends. A file of its own: closing the database's own file anywhere in the
// process would drop SQLite's locks.
class FileLock {
 public:
  // FAILED_PRECONDITION, with the other process's number, when it is held.
  static absl::StatusOr<FileLock> Take(const std::string& path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace mostove::sql
