#include "libs/http/chunks.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "libs/http/head.h"

namespace mostove::http {
namespace {

constexpr size_t kSizeDigitsMax = 15;      // no overflow in 64 bits
constexpr size_t kSizeLineBytesMax = 256;  // with extensions
// Of one body: chunks of a byte each must not cost us more than they cost the peer.
constexpr size_t kOverheadBytesMax = 64 * 1024;

bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

uint64_t HexDigit(char c) {
  if (c <= '9') return c - '0';
  return (c | 0x20) - 'a' + 10;
}

}  // namespace

void ChunkDecoder::Begin(size_t body_bytes_max) {
  state_ = State::kSize;
  body_bytes_max_ = body_bytes_max;
  left_ = overhead_bytes_ = trailer_bytes_ = trailer_fields_ = 0;
}

ChunkDecoder::Progress ChunkDecoder::Feed(absl::string_view input, size_t& used,
                                          std::string& body) {
  used = 0;
  while (state_ != State::kDone) {
    const absl::string_view rest = input.substr(used);
    if (state_ == State::kData) {
      const size_t count = std::min<uint64_t>(left_, rest.size());
      body.append(rest.data(), count);
      used += count;
      left_ -= count;
      if (left_ > 0) return Progress::kNeedMore;
      state_ = State::kDataEnd;
      continue;
    }
    const size_t line_max =
        state_ == State::kTrailer ? limits_.header_bytes_max - trailer_bytes_ : kSizeLineBytesMax;
    const size_t end = rest.substr(0, line_max).find('\n');
    if (end == absl::string_view::npos) {
      return rest.size() < line_max ? Progress::kNeedMore : Progress::kTooLong;
    }
    used += end + 1;
    if (end == 0 || rest[end - 1] != '\r') return Progress::kMalformed;
    const Progress progress = OnLine(rest.substr(0, end - 1), body.size());
    if (progress != Progress::kNeedMore) return progress;
  }
  return Progress::kDone;
}

ChunkDecoder::Progress ChunkDecoder::OnLine(absl::string_view line, size_t body_bytes) {
  if (std::any_of(line.begin(), line.end(), IsControl)) return Progress::kMalformed;
  if (state_ == State::kSize) return OnSizeLine(line, body_bytes);
  if (state_ == State::kTrailer) return OnTrailerLine(line);
  if (!line.empty()) return Progress::kMalformed;  // behind a chunk's data
  state_ = State::kSize;
  return Progress::kNeedMore;
}

ChunkDecoder::Progress ChunkDecoder::OnSizeLine(absl::string_view line, size_t body_bytes) {
  overhead_bytes_ += line.size() + 2;
  if (overhead_bytes_ > kOverheadBytesMax) return Progress::kTooLong;
  uint64_t size = 0;
  size_t digits = 0;
  while (digits < line.size() && absl::ascii_isxdigit(static_cast<unsigned char>(line[digits]))) {
    if (digits >= kSizeDigitsMax) return Progress::kBodyTooLarge;
    size = size * 16 + HexDigit(line[digits++]);
  }
  const bool extension = digits < line.size();
  if (digits == 0 || (extension && line[digits] != ';')) return Progress::kMalformed;
  if (size > body_bytes_max_ - body_bytes) return Progress::kBodyTooLarge;
  left_ = size;
  state_ = size == 0 ? State::kTrailer : State::kData;
  return Progress::kNeedMore;
}

ChunkDecoder::Progress ChunkDecoder::OnTrailerLine(absl::string_view line) {
  if (line.empty()) {
    state_ = State::kDone;
    return Progress::kDone;
  }
  trailer_bytes_ += line.size() + 2;
  if (trailer_bytes_ >= limits_.header_bytes_max || ++trailer_fields_ > limits_.header_fields_max) {
    return Progress::kTooLong;
  }
  const size_t colon = line.find(':');
  const bool named = colon != absl::string_view::npos && IsToken(line.substr(0, colon));
  return named ? Progress::kNeedMore : Progress::kMalformed;
}

}  // namespace mostove::http
