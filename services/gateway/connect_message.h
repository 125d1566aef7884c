// Connect's requests and answers as messages (https://connectrpc.com/docs/protocol).
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "libs/http/request.h"
#include "libs/http/response.h"

namespace mostove::gateway {

enum class ConnectCodec { kJson, kProto };

// A request before its message is parsed.
struct ConnectRequest {
  ConnectCodec codec = ConnectCodec::kJson;
  std::string message;  // unpacked
  absl::Duration timeout = absl::InfiniteDuration();
  bool is_get = false;
};

struct ConnectRefusal {
  absl::Status status;
  int http_status = 0;  // 0: as the code says
};

// Reads content type, compression, timeout and protocol version, of a GET from the query. OK, or
// why it is refused.
ConnectRefusal ReadConnectRequest(const http::Request& request, ConnectRequest& read);
absl::Status ParseConnectMessage(const ConnectRequest& request, google::protobuf::Message& message);

http::Response ConnectAnswer(ConnectCodec codec, const google::protobuf::Message& message);
// `http_status` 0: as Connect maps the code.
http::Response ConnectError(const absl::Status& status, int http_status = 0);

}  // namespace mostove::gateway
