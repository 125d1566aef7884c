// Whatever JSON we take, we write so that it is read as an equal message.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "libs/transcoding/json_reader.h"
#include "libs/transcoding/json_writer.h"
#include "mostove/organizations/v1/organization.pb.h"
#include "mostove/testing/v1/shelf.pb.h"
#include "simdjson.h"

namespace {

template <class T>
void Check(absl::string_view text) {
  T message;
  if (!mostove::transcoding::ReadJson(text, message).ok()) return;
  std::string json;
  mostove::transcoding::WriteJson(message, json);
  T again;
  if (!simdjson::validate_utf8(json)) std::abort();
  if (!mostove::transcoding::ReadJson(json, again).ok()) std::abort();
  std::string json_again;
  mostove::transcoding::WriteJson(again, json_again);
  if (json_again != json) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  Check<mostove::organizations::v1::Organization>(text);
  Check<mostove::testing::v1::Shelf>(text);
  return 0;
}
