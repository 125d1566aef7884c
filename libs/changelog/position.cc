

#include "absl/base/internal/endian.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/changelog/changelog.h"
#include "libs/digest/digest.h"
#include "libs/status/status.h"

namespace mostove::changelog {
namespace {

// The text is the base64 of sequence, epoch and check.
constexpr size_t kSequenceBytes = 8;
constexpr size_t kCheckBytes = 4;

std::string Check(absl::string_view content) {
  return digest::Sha256(absl::StrCat("change position\n", content)).substr(0, kCheckBytes);
}

}  // namespace

std::string Position::ToString() const {
  std::string content(kSequenceBytes, '\0');
  absl::big_endian::Store64(content.data(), static_cast<uint64_t>(sequence));
  content += epoch;
  return absl::WebSafeBase64Escape(absl::StrCat(content, Check(content)));
}

absl::StatusOr<Position> Position::Parse(absl::string_view text) {
  std::string bytes;
  if (absl::WebSafeBase64Unescape(text, &bytes) && bytes.size() >= kSequenceBytes + kCheckBytes) {
    Position position;
    position.sequence = static_cast<int64_t>(absl::big_endian::Load64(bytes.data()));
    position.epoch = bytes.substr(kSequenceBytes, bytes.size() - kSequenceBytes - kCheckBytes);
    // Also refuses other spellings of the same base64.
    if (position.ToString() == text) return position;
  }
  return status::Make(absl::StatusCode::kInvalidArgument, "POSITION_INVALID",
                      "this is not a position of a change log: pass one on as it was given, or "
                      "leave it out to read from the beginning");
}

}  // namespace mostove::changelog
