#include "libs/rpc/wire.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace mostove::rpc {
namespace {

constexpr int64_t kTimeoutMax = 99'999'999;  // eight digits

void WritePrefix(size_t message_bytes, char* prefix) {
  prefix[0] = 0;
  for (int i = 0; i < 4; ++i) prefix[1 + i] = static_cast<char>(message_bytes >> (24 - 8 * i));
}

absl::Status TooLarge(size_t bytes, int64_t bytes_max) {
  return absl::ResourceExhaustedError(
      absl::StrCat("a message of ", bytes, " bytes is too large; at most ", bytes_max, " pass"));
}

}  // namespace

absl::StatusOr<std::string> FrameMessage(const google::protobuf::Message& message,
                                         int64_t bytes_max) {
  const size_t size = message.ByteSizeLong();
  if (size > static_cast<size_t>(bytes_max)) return TooLarge(size, bytes_max);
  std::string framed;
  framed.resize(kPrefixBytes + size);
  WritePrefix(size, framed.data());
  message.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(framed.data() + kPrefixBytes));
  return framed;
}

std::string FramePrefix(size_t message_bytes) {
  std::string prefix(kPrefixBytes, '\0');
  WritePrefix(message_bytes, prefix.data());
  return prefix;
}

absl::Status MessageReader::Feed(absl::string_view bytes) {
  if (begin_ > 0) {
    bytes_.erase(0, begin_);
    begin_ = 0;
  }
  bytes_.append(bytes.data(), bytes.size());
  return CheckPrefix();
}

absl::Status MessageReader::CheckPrefix() const {
  if (Left() < kPrefixBytes) return absl::OkStatus();
  if (bytes_[begin_] != 0) {
    return absl::UnimplementedError("compressed messages are not taken; send them as they are");
  }
  if (Length() > static_cast<size_t>(bytes_max_)) return TooLarge(Length(), bytes_max_);
  return absl::OkStatus();
}

size_t MessageReader::Length() const {
  size_t length = 0;
  for (int i = 1; i <= 4; ++i) length = length << 8 | static_cast<uint8_t>(bytes_[begin_ + i]);
  return length;
}

absl::string_view MessageReader::Front() const {
  return absl::string_view(bytes_).substr(begin_ + kPrefixBytes, Length());
}

absl::Status MessageReader::Pop() {
  begin_ += kPrefixBytes + Length();
  if (begin_ < bytes_.size()) return CheckPrefix();
  bytes_ = std::string();
  begin_ = 0;
  return absl::OkStatus();
}

std::string EncodeTimeout(absl::Duration timeout) {
  const struct {
    absl::Duration unit;
    char name;
  } units[] = {{absl::Nanoseconds(1), 'n'},
               {absl::Microseconds(1), 'u'},
               {absl::Milliseconds(1), 'm'},
               {absl::Seconds(1), 'S'},
               {absl::Hours(1), 'H'}};
  for (const auto& [unit, name] : units) {
    const int64_t count = absl::Ceil(timeout, unit) / unit;
    if (count <= kTimeoutMax)
      return absl::StrCat(std::max<int64_t>(count, 1), std::string(1, name));
  }
  return absl::StrCat(kTimeoutMax, "H");
}

std::optional<absl::Duration> DecodeTimeout(absl::string_view text) {
  int64_t count = 0;
  if (text.size() < 2 || text.size() > 9 || !absl::ascii_isdigit(text[0])) return std::nullopt;
  if (!absl::SimpleAtoi(text.substr(0, text.size() - 1), &count)) return std::nullopt;
  switch (text.back()) {
    case 'H':
      return absl::Hours(count);
    case 'M':
      return absl::Minutes(count);
    case 'S':
      return absl::Seconds(count);
    case 'm':
      return absl::Milliseconds(count);
    case 'u':
      return absl::Microseconds(count);
    case 'n':
      return absl::Nanoseconds(count);
    default:
      return std::nullopt;
  }
}

std::string PercentEncode(absl::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (absl::ascii_isprint(static_cast<unsigned char>(c)) && c != '%') {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return encoded;
}

std::string PercentDecode(absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '%' && i + 2 < text.size() &&
                         absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 1])) &&
                         absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 2]));
    if (escaped) {
      decoded += absl::HexStringToBytes(text.substr(i + 1, 2));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

std::string EncodeBinary(absl::string_view bytes) {
  std::string encoded = absl::Base64Escape(bytes);
  encoded.resize(encoded.find_last_not_of('=') + 1);
  return encoded;
}

std::optional<std::string> DecodeBinary(absl::string_view text) {
  std::string bytes;
  if (!absl::Base64Unescape(text, &bytes)) return std::nullopt;
  return bytes;
}

}  // namespace mostove::rpc
