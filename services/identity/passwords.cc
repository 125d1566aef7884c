#include "services/identity/passwords.h"

#include <argon2.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "libs/status/macros.h"
#include "services/identity/vault.h"
#include "unicode/unistr.h"

namespace mostove::identity {

absl::string_view CommonPasswords();  // data/common_passwords.txt

namespace {

constexpr size_t kHashBytes = 32;
constexpr size_t kSaltBytes = 16;
constexpr int kDifferentMin = 5;
constexpr size_t kAddressPartMin = 4;  // "bg" is in too many words
constexpr absl::Duration kWaitMax = absl::Seconds(2);

std::string Folded(absl::string_view text) {
  std::string folded;
  icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())))
      .foldCase()
      .toUTF8String(folded);
  return folded;
}

const absl::flat_hash_set<absl::string_view>& Common() {
  static const auto& words = *[] {
    auto* set = new absl::flat_hash_set<absl::string_view>();
    for (absl::string_view line : absl::StrSplit(CommonPasswords(), '\n', absl::SkipEmpty())) {
      if (!absl::StartsWith(line, "#")) set->insert(line);
    }
    return set;
  }();
  return words;
}

bool IsFigureOrSign(char letter) {
  const auto byte = static_cast<unsigned char>(letter);
  return absl::ascii_isdigit(byte) || absl::ascii_ispunct(byte) || absl::ascii_isspace(byte);
}

// "Password2024!" is "password".
absl::string_view WithoutAround(absl::string_view word) {
  while (!word.empty() && IsFigureOrSign(word.back())) word.remove_suffix(1);
  while (!word.empty() && IsFigureOrSign(word.front())) word.remove_prefix(1);
  return word;
}

bool IsCommon(const std::string& folded) {
  if (Common().contains(folded)) return true;
  const absl::string_view bare = WithoutAround(folded);
  return bare.empty() || Common().contains(bare);
}

bool HasAddress(const std::string& folded, absl::string_view email) {
  const std::string address = Folded(email);
  const std::string local = address.substr(0, address.find('@'));
  return local.size() >= kAddressPartMin && absl::StrContains(folded, local);
}

}  // namespace

void CheckPassword(absl::string_view password, absl::string_view email, absl::string_view path,
                   status::Violations& violations) {
  const auto text = icu::UnicodeString::fromUTF8(
      icu::StringPiece(password.data(), static_cast<int32_t>(password.size())));
  const int length = text.countChar32();
  if (length < kPasswordLengthMin) {
    violations.Add(path, "TOO_SHORT",
                   absl::StrCat("has to have at least ", kPasswordLengthMin, " characters"));
    return;
  }
  if (length > kPasswordLengthMax) {
    violations.Add(path, "TOO_LONG",
                   absl::StrCat("has to have at most ", kPasswordLengthMax, " characters"));
    return;
  }
  absl::flat_hash_set<int32_t> different;
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    different.insert(text.char32At(i));
  }
  const std::string folded = Folded(password);
  if (static_cast<int>(different.size()) < kDifferentMin || IsCommon(folded)) {
    violations.Add(path, "PASSWORD_COMMON",
                   "is one of the first that others would guess; take several words of your own");
  }
  if (HasAddress(folded, email)) {
    violations.Add(path, "PASSWORD_HAS_ADDRESS", "must not contain the e-mail address");
  }
}

// The right to compute one hash.
class PasswordHasher::Turn {
 public:
  static absl::StatusOr<std::unique_ptr<Turn>> Take(PasswordHasher& hasher, absl::Time deadline) {
    const absl::Time until = std::min(deadline, absl::Now() + kWaitMax);
    std::unique_lock lock(hasher.mutex_);
    const auto free = [&] { return hasher.running_ < hasher.at_once_max_; };
    bool mine = free();
    if (!mine && hasher.waiting_ < hasher.cost_.waiting_max) {
      ++hasher.waiting_;
      mine = hasher.freed_.wait_until(lock, absl::ToChronoTime(until), free);
      --hasher.waiting_;
    }
    if (!mine) {
      return status::Unavailable("SIGN_IN_BUSY", "too many sign in at this moment; try again",
                                 absl::Seconds(2));
    }
    ++hasher.running_;
    return std::make_unique<Turn>(hasher);
  }
  explicit Turn(PasswordHasher& hasher) : hasher_(hasher) {}
  ~Turn() {
    {
      std::lock_guard lock(hasher_.mutex_);
      --hasher_.running_;
    }
    hasher_.freed_.notify_one();
  }
  Turn(const Turn&) = delete;

 private:
  PasswordHasher& hasher_;
};

PasswordHasher::PasswordHasher(const PasswordCost& cost)
    : cost_(cost),
      at_once_max_(cost.at_once_max > 0
                       ? cost.at_once_max
                       : std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, 8)) {
  nobodys_hash_ = Hash(RandomSecret(), absl::InfiniteFuture()).value_or("");
}

absl::StatusOr<std::string> PasswordHasher::Hash(absl::string_view password, absl::Time deadline) {
  ASSIGN_OR_RETURN(const auto turn, Turn::Take(*this, deadline));
  ++computed_;
  const std::string salt = RandomSecret().substr(0, kSaltBytes);
  std::vector<char> encoded(argon2_encodedlen(cost_.passes, cost_.memory_kib, cost_.lanes,
                                              kSaltBytes, kHashBytes, Argon2_id));
  const int result = argon2id_hash_encoded(cost_.passes, cost_.memory_kib, cost_.lanes,
                                           password.data(), password.size(), salt.data(),
                                           salt.size(), kHashBytes, encoded.data(), encoded.size());
  if (result != ARGON2_OK) {
    return status::Internal(absl::StrCat("argon2: ", argon2_error_message(result)));
  }
  return std::string(encoded.data());
}

absl::StatusOr<bool> PasswordHasher::Matches(absl::string_view password, const std::string& hash,
                                             absl::Time deadline) {
  ASSIGN_OR_RETURN(const auto turn, Turn::Take(*this, deadline));
  ++computed_;
  const std::string& checked = hash.empty() ? nobodys_hash_ : hash;
  const int result = argon2id_verify(checked.c_str(), password.data(), password.size());
  if (result != ARGON2_OK && result != ARGON2_VERIFY_MISMATCH) {
    return status::Internal(absl::StrCat("argon2: ", argon2_error_message(result)));
  }
  return result == ARGON2_OK && !hash.empty();
}

}  // namespace mostove::identity
