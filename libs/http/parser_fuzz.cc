// Any bytes, in any pieces, make requests or a refusal, and never more memory than the limits
// allow.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "libs/http/parser.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using mostove::http::RequestParser;
  mostove::http::Limits limits;
  limits.line_bytes_max = 256;
  limits.header_bytes_max = 1024;
  limits.header_fields_max = 8;
  limits.body_bytes_max = 2048;
  if (size == 0) return 0;

  RequestParser parser(limits);
  const size_t piece = data[0] % 64 + 1;
  std::string kept;
  for (size_t position = 1; position < size; position += piece) {
    kept.append(reinterpret_cast<const char*>(data) + position, std::min(piece, size - position));
    for (bool more = true; more;) {
      size_t used = 0;
      const RequestParser::Progress progress = parser.Feed(kept, used);
      if (used > kept.size() || parser.request().body.size() > limits.body_bytes_max) std::abort();
      kept.erase(0, used);
      if (progress == RequestParser::Progress::kRefused) {
        if (parser.refusal().status == 500) std::abort();
        return 0;
      }
      more = progress == RequestParser::Progress::kComplete ||
             (progress == RequestParser::Progress::kContinue);
      if (progress == RequestParser::Progress::kComplete) parser.Next();
    }
    if (kept.size() > limits.header_bytes_max) std::abort();
  }
  return 0;
}
