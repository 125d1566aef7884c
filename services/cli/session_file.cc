#include "services/cli/session_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/status/macros.h"

namespace mostove::cli {
namespace {

namespace fs = std::filesystem;

constexpr char kAccess[] = "access_token", kRefresh[] = "refresh_token", kExpire[] = "expire_time",
               kClient[] = "client_id", kSecretFile[] = "client_secret_file",
               kTokenFile[] = "token_file";

fs::path StateFolder() {
  const char* state = std::getenv("XDG_STATE_HOME");
  if (state != nullptr && *state == '/') return fs::path(state) / "mostove";
  const char* home = std::getenv("HOME");
  return fs::path(home == nullptr ? "." : home) / ".local/state/mostove";
}

absl::Status CannotWrite(const fs::path& path) {
  return absl::FailedPreconditionError(
      absl::StrCat(path.string(), " cannot be written: ", std::strerror(errno)));
}

absl::Status MakeFolder(const fs::path& folder) {
  std::error_code error;
  if (fs::is_directory(folder, error)) return absl::OkStatus();
  fs::create_directories(folder, error);
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat(folder.string(), " cannot be made: ", error.message()));
  }
  fs::permissions(folder, fs::perms::owner_all, error);
  return absl::OkStatus();
}

}  // namespace

SessionFile SessionFile::Of(absl::string_view address) {
  std::string name(address);
  std::replace_if(
      name.begin(), name.end(),
      [](unsigned char c) { return !absl::ascii_isalnum(c) && c != '.' && c != '-'; }, '_');
  return SessionFile(StateFolder() / name);
}

std::optional<KeptSession> SessionFile::Read() const {
  std::ifstream file(path_);
  if (!file) return std::nullopt;
  KeptSession session;
  std::string line;
  while (std::getline(file, line)) {
    const std::pair<std::string, std::string> field = absl::StrSplit(line, absl::MaxSplits('=', 1));
    const auto& [name, value] = field;
    int64_t seconds = 0;
    if (name == kAccess) session.tokens.access = value;
    if (name == kRefresh) session.tokens.refresh = value;
    if (name == kExpire && absl::SimpleAtoi(value, &seconds)) {
      session.tokens.expire_time = absl::FromUnixSeconds(seconds);
    }
    if (name == kClient) session.client_id = value;
    if (name == kSecretFile) session.client_secret_file = value;
    if (name == kTokenFile) session.token_file = value;
  }
  return session;
}

absl::Status SessionFile::Write(const KeptSession& session) const {
  RETURN_IF_ERROR(MakeFolder(path_.parent_path()));
  std::string text;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) absl::StrAppend(&text, name, "=", value, "\n");
  };
  add(kAccess, session.tokens.access);
  add(kRefresh, session.tokens.refresh);
  add(kExpire, absl::StrCat(absl::ToUnixSeconds(session.tokens.expire_time)));
  add(kClient, session.client_id);
  add(kSecretFile, session.client_secret_file);
  add(kTokenFile, session.token_file);
  const std::string fresh = absl::StrCat(path_.string(), ".new");
  unlink(fresh.c_str());
  const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return CannotWrite(fresh);
  const bool written =
      write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(fd) == 0;
  close(fd);
  if (!written || rename(fresh.c_str(), path_.c_str()) != 0) return CannotWrite(path_);
  return absl::OkStatus();
}

void SessionFile::Remove() const { unlink(path_.c_str()); }

SessionFile::Lock::~Lock() { close(fd_); }

absl::StatusOr<std::unique_ptr<SessionFile::Lock>> SessionFile::Acquire() const {
  RETURN_IF_ERROR(MakeFolder(path_.parent_path()));
  const std::string name = absl::StrCat(path_.string(), ".lock");
  const int fd = open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return CannotWrite(name);
  while (flock(fd, LOCK_EX) != 0 && errno == EINTR) {
  }
  return std::make_unique<Lock>(fd);
}

absl::StatusOr<std::string> ReadSecret(const std::string& file) {
  std::ifstream input(file);
  std::stringstream text;
  if (!input || !(text << input.rdbuf())) {
    return absl::FailedPreconditionError(absl::StrCat(file, " cannot be read, or is empty"));
  }
  return std::string(absl::StripAsciiWhitespace(text.str()));
}

}  // namespace mostove::cli
