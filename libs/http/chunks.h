// The chunked transfer coding (RFC 9112, 7.1), strictly.
//
// Beast's own decoder waits for the end of the trailer before it looks at the last chunk's line,
// and asserts when that line arrives in small pieces.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "libs/http/limits.h"

namespace mostove::http {

// Decodes one body. Extensions and trailer fields are checked and read over.
class ChunkDecoder {
 public:
  enum class Progress { kNeedMore, kDone, kMalformed, kTooLong, kBodyTooLarge };

  explicit ChunkDecoder(const Limits& limits) : limits_(limits) {}
  void Begin(size_t body_bytes_max);
  // Takes bytes from the front of `input`, appends data to `body`. What is not taken, the beginning
  // of a line, has to be given again.
  Progress Feed(absl::string_view input, size_t& used, std::string& body);

 private:
  enum class State { kSize, kData, kDataEnd, kTrailer, kDone };

  Progress OnLine(absl::string_view line, size_t body_bytes);
  Progress OnSizeLine(absl::string_view line, size_t body_bytes);
  Progress OnTrailerLine(absl::string_view line);

  const Limits& limits_;
  State state_ = State::kSize;
  size_t body_bytes_max_ = 0;
  uint64_t left_ = 0;          // of the present chunk
  size_t overhead_bytes_ = 0;  // size lines so far
  size_t trailer_bytes_ = 0;
  size_t trailer_fields_ = 0;
};

}  // namespace mostove::http
