// Whatever query and path we take makes a message that has a JSON form.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "libs/transcoding/json_reader.h"
#include "libs/transcoding/json_writer.h"
#include "libs/transcoding/request.h"
#include "mostove/testing/v1/shelves_service.pb.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace mostove::transcoding;  // NOLINT: the whole program is this function
  static const Router router =
      *Router::Build({google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "mostove.testing.v1.ShelvesService")});
  const RouteMatch match = router.Match("GET", "/v1/echo/s/files/f");
  const absl::string_view query(reinterpret_cast<const char*>(data), size);
  mostove::testing::v1::EchoRequest request;
  if (!BuildRequest(match, query, "", request).ok()) return 0;
  std::string json;
  WriteJson(request, json);
  mostove::testing::v1::EchoRequest again;
  if (!ReadJson(json, again).ok()) std::abort();
  std::string json_again;
  WriteJson(again, json_again);
  if (json_again != json) std::abort();
  return 0;
}
