#include "libs/http/head.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"

namespace mostove::http {
namespace {

constexpr Refusal kLineTooLong{414, "URI_TOO_LONG",
                               "the request line is too long; move long values into a body"};
constexpr Refusal kHeadTooLarge{431, "HEADERS_TOO_LARGE",
                                "the header fields are larger than this server reads"};
constexpr Refusal kBadRequestLine{
    400, "BAD_REQUEST_LINE",
    "a request begins with a line like \"GET /v1/organizations HTTP/1.1\""};
constexpr Refusal kBadLineEnding{400, "BAD_LINE_ENDING", "every line of the head ends with CR LF"};
constexpr Refusal kFoldedLine{400, "BAD_HEADER", "a header field has to be on one line"};
constexpr Refusal kNul{400, "BAD_HEADER", "a head holds no NUL character"};
constexpr Refusal kVersion{400, "HTTP_VERSION", "this server speaks HTTP/1.1"};
constexpr Refusal kMethod{405, "METHOD_UNKNOWN",
                          "the methods are GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS"};
constexpr Refusal kTarget{
    400, "BAD_TARGET",
    "a request target is a path that begins with '/', in printable ASCII, without '#'"};
constexpr Refusal kHost{400, "BAD_HOST",
                        "a request has exactly one Host header field, with a host in it"};
constexpr Refusal kCoding{400, "TRANSFER_CODING_UNKNOWN",
                          "the only transfer coding is \"chunked\""};
constexpr Refusal kOldChunked{400, "BAD_TRANSFER_CODING", "HTTP/1.0 has no Transfer-Encoding"};
constexpr Refusal kExpectation{417, "EXPECTATION_UNKNOWN", "the only expectation is 100-continue"};

constexpr size_t kContentLengthDigitsMax = 18;  // no overflow in 64 bits

constexpr std::pair<absl::string_view, Method> kMethods[] = {
    {"GET", Method::kGet},        {"HEAD", Method::kHead},   {"POST", Method::kPost},
    {"PUT", Method::kPut},        {"PATCH", Method::kPatch}, {"DELETE", Method::kDelete},
    {"OPTIONS", Method::kOptions}};

bool IsPrintable(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

std::optional<Refusal> CheckVersion(absl::string_view version) {
  if (version == "HTTP/1.1" || version == "HTTP/1.0") return std::nullopt;
  const bool well_formed = version.size() == 8 && version.substr(0, 5) == "HTTP/" &&
                           version[6] == '.' &&
                           absl::ascii_isdigit(static_cast<unsigned char>(version[5])) &&
                           absl::ascii_isdigit(static_cast<unsigned char>(version[7]));
  return well_formed ? kVersion : kBadRequestLine;
}

// reg-name, IPv4 or [IPv6], and a port: what can be compared as text.
bool IsHost(absl::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           (c != 0 && std::strchr("-._~%!$&'()*+,;=:[]", c));
  });
}

}  // namespace

bool IsToken(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           (c != 0 && std::strchr("!#$%&'*+-.^_`|~", c));
  });
}

size_t HeadScanner::Scan(absl::string_view bytes, const Limits& limits) {
  // TLS or another protocol: say so now, it may never send a line.
  if (!IsToken(bytes.substr(0, 1))) {
    refusal_ = kBadRequestLine;
    return 0;
  }
  while (scanned_ < bytes.size()) {
    const void* found = std::memchr(bytes.data() + scanned_, '\n', bytes.size() - scanned_);
    if (found == nullptr) {
      scanned_ = bytes.size();
      break;
    }
    const size_t end = static_cast<const char*>(found) - bytes.data();
    const absl::string_view line = bytes.substr(line_start_, end - line_start_);
    const bool request_line = line_start_ == 0;
    if (request_line && line.size() > limits.line_bytes_max + 1) refusal_ = kLineTooLong;
    if (line.empty() || line.back() != '\r') {
      refusal_ = kBadLineEnding;
      return 0;
    }
    if (!request_line && (line.front() == ' ' || line.front() == '\t')) refusal_ = kFoldedLine;
    if (std::memchr(line.data(), 0, line.size()) != nullptr) refusal_ = kNul;
    if (!request_line && end + 1 > limits.header_bytes_max) refusal_ = kHeadTooLarge;
    if (refusal_) return 0;
    scanned_ = line_start_ = end + 1;
    if (line.size() == 1) return scanned_;
  }
  if (line_start_ == 0 && bytes.size() > limits.line_bytes_max + 1) refusal_ = kLineTooLong;
  if (line_start_ != 0 && bytes.size() > limits.header_bytes_max) refusal_ = kHeadTooLarge;
  return 0;
}

std::optional<Refusal> ReadRequestLine(absl::string_view line, Request& request) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == absl::string_view::npos || first == last) return kBadRequestLine;
  request.method_name = line.substr(0, first);
  request.target = line.substr(first + 1, last - first - 1);
  if (!IsToken(request.method_name)) return kBadRequestLine;
  if (auto refusal = CheckVersion(line.substr(last + 1))) return refusal;
  const auto* method =
      std::find_if(std::begin(kMethods), std::end(kMethods),
                   [&](const auto& entry) { return entry.first == request.method_name; });
  if (method == std::end(kMethods)) return kMethod;
  request.method = method->second;

  const absl::string_view target = request.target;
  const bool asterisk = target == "*" && request.method == Method::kOptions;
  if (target.empty() || !IsPrintable(target) || (target.front() != '/' && !asterisk) ||
      target.find('#') != absl::string_view::npos) {
    return kTarget;
  }
  const size_t question = target.find('?');
  request.path = target.substr(0, question);
  request.query =
      question == absl::string_view::npos ? absl::string_view() : target.substr(question + 1);
  return std::nullopt;
}

std::optional<Refusal> CheckFraming(const Headers& headers, bool http11) {
  size_t hosts = 0, lengths = 0, codings = 0;
  for (const auto& [name, value] : headers.fields()) {
    if (absl::EqualsIgnoreCase(name, "Host")) {
      if (++hosts > 1 || !IsHost(value)) return kHost;
    } else if (absl::EqualsIgnoreCase(name, "Content-Length")) {
      const bool digits = std::all_of(value.begin(), value.end(), [](char c) {
        return absl::ascii_isdigit(static_cast<unsigned char>(c));
      });
      if (++lengths > 1 || value.empty() || !digits || value.size() > kContentLengthDigitsMax)
        return kBadLength;
    } else if (absl::EqualsIgnoreCase(name, "Transfer-Encoding")) {
      if (++codings > 1) return kCodingTwice;
      if (!absl::EqualsIgnoreCase(value, "chunked")) return kCoding;
    } else if (absl::EqualsIgnoreCase(name, "Expect")) {
      if (!absl::EqualsIgnoreCase(value, "100-continue")) return kExpectation;
    }
  }
  if (http11 && hosts == 0) return kHost;
  if (codings > 0 && lengths > 0) return kBothLengths;
  if (codings > 0 && !http11) return kOldChunked;
  return std::nullopt;
}

}  // namespace mostove::http
