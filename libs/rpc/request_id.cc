#include "libs/rpc/request_id.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "libs/resource/name.h"

namespace mostove::rpc {
namespace {

constexpr size_t kLengthMax = 128;

bool MayStandInALog(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == ':' ||
         c == '-';
}

}  // namespace

std::string RequestIdOrNew(absl::string_view given) {
  const bool usable = !given.empty() && given.size() <= kLengthMax &&
                      std::all_of(given.begin(), given.end(), MayStandInALog);
  return usable ? std::string(given) : resource::MakeUuid();
}

}  // namespace mostove::rpc
