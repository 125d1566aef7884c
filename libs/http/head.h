// The checks on a request's head that Boost.Beast's parser does not make.
#pragma once

#include <optional>

#include "absl/strings/string_view.h"
#include "libs/http/limits.h"
#include "libs/http/request.h"
#include "libs/http/response.h"

namespace mostove::http {

// Also for what Beast finds by itself.
inline constexpr Refusal kBadLength{400, "BAD_LENGTH",
                                    "Content-Length is one decimal number, given once"};
inline constexpr Refusal kCodingTwice{400, "BAD_TRANSFER_CODING",
                                      "\"chunked\" may be given only once"};
inline constexpr Refusal kBothLengths{400, "BAD_TRANSFER_CODING",
                                      "Transfer-Encoding and Content-Length exclude each other"};

// A method or a field's name.
bool IsToken(absl::string_view text);

// Looks through the bytes of a head that is still arriving, so that a bad or an endless one is
// refused before its end. One per request.
class HeadScanner {
 public:
  // `bytes` is everything of the head so far. Gives the head's length with its empty line once that
  // is there, 0 before.
  size_t Scan(absl::string_view bytes, const Limits& limits);
  const std::optional<Refusal>& refusal() const { return refusal_; }
  void Reset() { *this = HeadScanner(); }

 private:
  size_t line_start_ = 0;
  size_t scanned_ = 0;
  std::optional<Refusal> refusal_;
};

// Splits "GET /path HTTP/1.1" and checks its three parts; fills method, target, path and query.
std::optional<Refusal> ReadRequestLine(absl::string_view line, Request& request);

// Checks Host, Content-Length, Transfer-Encoding and Expect against each other.
std::optional<Refusal> CheckFraming(const Headers& headers, bool http11);

}  // namespace mostove::http
