#include "libs/sql/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/status/status.h"

namespace mostove::sql {

absl::StatusOr<FileLock> FileLock::Take(const std::string& path) {
  const std::string lock_path = absl::StrCat(path, "-lock");
  const int descriptor = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return status::Precondition(
        "DATABASE_NOT_OPENED",
        absl::StrCat("cannot make the lock file ", lock_path, ": ", std::strerror(errno),
                     "; its folder must exist and be writable"));
  }
  FileLock lock(descriptor);
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 32> holder{};
    const ssize_t length = pread(descriptor, holder.data(), holder.size() - 1, 0);
    return status::Precondition(
        "DATABASE_IN_USE",
        absl::StrCat("the database ", path, " is in use by process ",
                     length > 0 ? holder.data() : "(unknown)",
                     "; one SQLite file serves one process: stop that one or use another file"));
  }
  const std::string own = absl::StrCat(getpid());
  // The number is for people; a lock without it locks as well.
  if (ftruncate(descriptor, 0) == 0) (void)!pwrite(descriptor, own.data(), own.size(), 0);
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace mostove::sql
