#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "libs/resource/page_token.h"

// Any bytes as a token; what decodes has to come back the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace mostove::resource;
  constexpr char kQuery[] = "organizations/a|state = LISTED|title";
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto token = DecodePageToken(text, kQuery, "page_token");
  if (token.ok()) {
    const auto again = DecodePageToken(EncodePageToken(*token, kQuery), kQuery, "page_token");
    if (!again.ok() || again->key.size() != token->key.size()) std::abort();
  }
  return 0;
}
