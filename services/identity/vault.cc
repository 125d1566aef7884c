#include "services/identity/vault.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/digest/digest.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::identity {
namespace {

static_assert(crypto_secretbox_KEYBYTES == crypto_generichash_KEYBYTES);
constexpr size_t kKeyBytes = crypto_secretbox_KEYBYTES;

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string RandomBytes(size_t count) {
  std::string bytes(count, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

absl::Status FileError(const std::string& file, absl::string_view what) {
  return absl::FailedPreconditionError(
      absl::StrCat("the key file ", file, " ", what, ": ", std::strerror(errno)));
}

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  int get() const { return descriptor_; }

 private:
  const int descriptor_;
};

// Whole or not at all, and the first of several processes wins.
absl::Status MakeKeyFile(const std::string& file) {
  const std::string draft = absl::StrCat(file, ".", ::getpid());
  {
    const File out(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (out.get() < 0) return FileError(file, "cannot be made");
    const std::string text = absl::StrCat(absl::BytesToHexString(RandomBytes(kKeyBytes)), "\n");
    const bool written =
        ::write(out.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        ::fsync(out.get()) == 0;
    if (!written) {
      const absl::Status error = FileError(file, "cannot be written");
      ::unlink(draft.c_str());
      return error;
    }
  }
  const bool linked = ::link(draft.c_str(), file.c_str()) == 0 || errno == EEXIST;
  const absl::Status error = linked ? absl::OkStatus() : FileError(file, "cannot be made");
  ::unlink(draft.c_str());
  return error;
}

absl::StatusOr<std::string> ReadKeyFile(const std::string& file) {
  const File in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (in.get() < 0) return FileError(file, "cannot be read");
  struct stat facts = {};
  if (::fstat(in.get(), &facts) != 0) return FileError(file, "cannot be read");
  if (!S_ISREG(facts.st_mode) || (facts.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the key file ", file, " has to be a file that nobody else may read: chmod 600"));
  }
  char text[2 * kKeyBytes + 1] = {};
  const ssize_t read = ::read(in.get(), text, sizeof(text));
  const absl::string_view digits(text, 2 * kKeyBytes);
  std::string key(kKeyBytes, '\0');
  size_t length = 0;
  if (read != static_cast<ssize_t>(sizeof(text)) || text[sizeof(text) - 1] != '\n' ||
      sodium_hex2bin(Bytes(key), key.size(), digits.data(), digits.size(), nullptr, &length,
                     nullptr) != 0 ||
      length != kKeyBytes) {
    return absl::FailedPreconditionError(
        absl::StrCat("the key file ", file, " holds no key: it has to be a line of 64 hex digits"));
  }
  return key;
}

void Initialize() {
  static const int ready = sodium_init();
  if (ready < 0) std::abort();  // no random numbers: nothing here would be a secret
}

}  // namespace

std::string RandomSecret() {
  Initialize();
  return absl::WebSafeBase64Escape(RandomBytes(32));
}

std::string HashOfSecret(absl::string_view secret) { return digest::Sha256Hex(secret); }

absl::StatusOr<Vault> Vault::Open(const std::string& key_file) {
  Initialize();
  if (key_file.empty()) {
    return absl::FailedPreconditionError(
        "identity.key_file is not set: it names the file of the key that keeps its secrets");
  }
  std::error_code ignored;  // told by the file that cannot be made
  const std::filesystem::path folder = std::filesystem::path(key_file).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
  if (::access(key_file.c_str(), F_OK) != 0) RETURN_IF_ERROR(MakeKeyFile(key_file));
  ASSIGN_OR_RETURN(std::string key, ReadKeyFile(key_file));
  return Vault(std::move(key));
}

std::string Vault::Seal(absl::string_view text) const {
  std::string box = RandomBytes(crypto_secretbox_NONCEBYTES);
  box.resize(box.size() + crypto_secretbox_MACBYTES + text.size());
  crypto_secretbox_easy(Bytes(box) + crypto_secretbox_NONCEBYTES, Bytes(text), text.size(),
                        Bytes(box), Bytes(key_));
  return box;
}

absl::StatusOr<std::string> Vault::Unseal(absl::string_view box) const {
  constexpr size_t kAround = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
  std::string text(box.size() < kAround ? 0 : box.size() - kAround, '\0');
  if (box.size() < kAround ||
      crypto_secretbox_open_easy(Bytes(text), Bytes(box) + crypto_secretbox_NONCEBYTES,
                                 box.size() - crypto_secretbox_NONCEBYTES, Bytes(box),
                                 Bytes(key_)) != 0) {
    return status::Internal("a sealed secret was not sealed with this installation's key file");
  }
  return text;
}

std::string Vault::Tag(absl::string_view purpose, absl::string_view text) const {
  std::string tag(32, '\0');
  const std::string whole = absl::StrCat(purpose, "\n", text);
  crypto_generichash(Bytes(tag), tag.size(), Bytes(whole), whole.size(), Bytes(key_), key_.size());
  return tag;
}

}  // namespace mostove::identity
