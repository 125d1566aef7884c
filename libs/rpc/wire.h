// How gRPC writes messages, deadlines and texts into HTTP/2. Private to client
// and server.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

namespace mostove::rpc {

inline constexpr size_t kPrefixBytes = 5;  // a flag and the length, before each message

// The message with its prefix. RESOURCE_EXHAUSTED when it is larger than
// `bytes_max`.
absl::StatusOr<std::string> FrameMessage(const google::protobuf::Message& message,
                                         int64_t bytes_max);
// The prefix of a message that is serialized already.
std::string FramePrefix(size_t message_bytes);

// Takes bytes as they come and gives whole messages.
class MessageReader {
 public:
  explicit MessageReader(int64_t bytes_max) : bytes_max_(bytes_max) {}

  // RESOURCE_EXHAUSTED for a message that is too large, UNIMPLEMENTED for a
  // compressed one; nothing can be read after that.
  absl::Status Feed(absl::string_view bytes);
  // The message at the front; valid until Pop or Feed. Only if HasWhole.
  bool HasWhole() const { return Left() >= kPrefixBytes && Left() - kPrefixBytes >= Length(); }
  absl::string_view Front() const;
  absl::Status Pop();  // the error of the next one
  bool empty() const { return Left() == 0; }
  size_t size() const { return Left(); }

 private:
  size_t Left() const { return bytes_.size() - begin_; }
  size_t Length() const;
  absl::Status CheckPrefix() const;

  const int64_t bytes_max_;
  std::string bytes_;
  size_t begin_ = 0;
};

// "250m"; at least one nanosecond.
std::string EncodeTimeout(absl::Duration timeout);
// Nothing for a text that is no timeout.
std::optional<absl::Duration> DecodeTimeout(absl::string_view text);

// grpc-message: what is no printable ASCII becomes %XX.
std::string PercentEncode(absl::string_view text);
std::string PercentDecode(absl::string_view text);

// Values of metadata whose names end with "-bin".
std::string EncodeBinary(absl::string_view bytes);
// Nothing for a text that is no base64.
std::optional<std::string> DecodeBinary(absl::string_view text);

}  // namespace mostove::rpc
