// The one place where a status and what gRPC sends of it become each other.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace mostove::rpc {

// What ends a call: grpc-status, grpc-message and grpc-status-details-bin (a
// google.rpc.Status), neither percent-encoded nor in base64.
struct WireStatus {
  int code = 0;
  std::string message;
  std::string details;
};

// Errors travel as metadata, and clients take 8 KiB of that: an error with many
// violations loses the last ones, a long message its end.
// The message is English; with `language` its translation is a detail beside it.
WireStatus ToWire(const absl::Status& status, absl::string_view language = "en");
absl::Status FromWire(const WireStatus& status);

}  // namespace mostove::rpc
