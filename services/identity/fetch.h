// Reads the document of an outside OpenID provider's keys.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace mostove::identity {

inline constexpr size_t kDocumentBytesMax = 256 << 10;

// `place`: https://…, http://… of this machine, or a file. Follows no redirection;
// 256 KiB at most. UNAVAILABLE, reason PROVIDER_AWAY. Blocks up to `time`.
absl::StatusOr<std::string> FetchDocument(const std::string& place, absl::Duration time);

}  // namespace mostove::identity
