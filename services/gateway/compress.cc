#include "services/gateway/compress.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "libs/gzip/gzip.h"
#include "services/gateway/conditional.h"

namespace mostove::gateway {
namespace {

// What text-like answers begin their type with. Pictures and archives are compressed already;
// streams of events are not, and are not collected to be.
constexpr absl::string_view kTypes[] = {"application/json",
                                        "application/javascript",
                                        "application/openapi+json",
                                        "image/svg+xml",
                                        "text/css",
                                        "text/html",
                                        "text/javascript",
                                        "text/plain"};

absl::string_view ContentType(absl::string_view headers) {
  constexpr absl::string_view kName = "Content-Type: ";
  const size_t begin = headers.find(kName);
  if (begin == absl::string_view::npos) return {};
  headers.remove_prefix(begin + kName.size());
  return headers.substr(0, headers.find_first_of(";\r"));
}

bool IsText(absl::string_view type) {
  for (const absl::string_view each : kTypes) {
    if (type == each) return true;
  }
  return false;
}

// The quality of "gzip;q=0.5"; 0 for a malformed one.
double QualityOf(absl::string_view item) {
  const size_t semicolon = item.find(';');
  if (semicolon == absl::string_view::npos) return 1;
  absl::string_view parameter = absl::StripAsciiWhitespace(item.substr(semicolon + 1));
  double quality = 0;
  const bool given = absl::ConsumePrefix(&parameter, "q=") || absl::ConsumePrefix(&parameter, "Q=");
  return given && absl::SimpleAtod(parameter, &quality) ? quality : 0;
}

}  // namespace

bool AcceptsGzip(const http::Headers& headers) {
  if (headers.Find("Accept-Encoding") == nullptr) return false;
  const std::string list = JoinedField(headers, "Accept-Encoding");
  double gzip = -1, any = -1, identity = -1;
  for (const absl::string_view item : absl::StrSplit(list, ',')) {
    const absl::string_view coding = absl::StripAsciiWhitespace(item.substr(0, item.find(';')));
    if (absl::EqualsIgnoreCase(coding, "gzip") || absl::EqualsIgnoreCase(coding, "x-gzip"))
      gzip = QualityOf(item);
    if (absl::EqualsIgnoreCase(coding, "identity")) identity = QualityOf(item);
    if (coding == "*") any = QualityOf(item);
  }
  if (gzip < 0) gzip = any;
  return gzip > 0 && gzip >= identity;
}

void Compressor::Apply(http::Response& response) {
  const absl::string_view plain = response.content();
  if (!enabled() || response.status != 200 || plain.size() < options_.bytes_min ||
      absl::StrContains(response.headers, "Content-Encoding: ") ||
      absl::StrContains(response.headers, "no-transform") ||
      !IsText(ContentType(response.headers))) {
    return;
  }
  // Somebody else holds it as well: it is kept to be sent again.
  const bool kept = response.shared_body != nullptr && response.shared_body.use_count() > 1;
  Bytes packed = kept ? FindKept(response.shared_body) : nullptr;
  if (packed == nullptr) {
    packed = std::make_shared<const std::string>(gzip::Pack(plain, options_.level));
    if (packed->size() >= plain.size()) return;
    if (kept) Keep(response.shared_body, packed);
  }
  response.shared_body = std::move(packed);
  response.body.clear();
  const size_t tag = response.headers.find("ETag: \"");
  if (tag != std::string::npos) response.headers.insert(tag + 6, "W/");
  response.AddHeader("Content-Encoding", "gzip");
}

Compressor::Bytes Compressor::FindKept(const Bytes& plain) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = kept_.find(plain.get());
  // Another answer may have come to the same address.
  return found != kept_.end() && found->second.plain.lock() == plain ? found->second.packed
                                                                     : nullptr;
}

void Compressor::Keep(const Bytes& plain, const Bytes& packed) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (kept_bytes_ + packed->size() > options_.kept_bytes_max) {
    kept_.clear();
    kept_bytes_ = 0;
  }
  Kept& entry = kept_[plain.get()];
  if (entry.packed != nullptr) kept_bytes_ -= entry.packed->size();
  kept_bytes_ += packed->size();
  entry = {.plain = plain, .packed = packed};
}

}  // namespace mostove::gateway
