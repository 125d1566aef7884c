#include "libs/testing/temporary_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace mostove::testing {
namespace {

namespace fs = std::filesystem;

constexpr char kLock[] = "lock";

// -1 when another process holds it.
int TryLock(const fs::path& folder) {
  const int lock = open((folder / kLock).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0) return lock;
  if (lock >= 0) close(lock);
  return -1;
}

void RemoveLeftOver(const std::string& prefix) {
  std::error_code ignored;
  for (const fs::directory_entry& entry :
       fs::directory_iterator(fs::temp_directory_path(), ignored)) {
    if (!absl::StartsWith(entry.path().filename().string(), prefix)) continue;
    // One without a lock file is being made at this moment.
    if (!fs::exists(entry.path() / kLock, ignored)) continue;
    const int lock = TryLock(entry.path());
    if (lock < 0) continue;
    fs::remove_all(entry.path(), ignored);
    close(lock);
  }
}

}  // namespace

absl::StatusOr<TemporaryFolder> TemporaryFolder::Make(absl::string_view label) {
  const std::string prefix = absl::StrCat("mostove-", label, "-");
  RemoveLeftOver(prefix);
  std::string pattern = (fs::temp_directory_path() / absl::StrCat(prefix, "XXXXXX")).string();
  if (mkdtemp(pattern.data()) == nullptr) {
    return absl::InternalError(absl::StrCat("cannot make ", pattern, ": ", std::strerror(errno)));
  }
  const int lock = TryLock(pattern);
  if (lock < 0) return absl::InternalError(absl::StrCat("cannot lock ", pattern));
  return TemporaryFolder(pattern, lock);
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

TemporaryFolder::~TemporaryFolder() {
  if (lock_ < 0) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  close(lock_);
}

}  // namespace mostove::testing
