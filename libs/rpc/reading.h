// A read whose answer is wanted as bytes, so that it may be one that is kept.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "libs/answers/answers.h"
#include "libs/call/method.h"

namespace mostove::rpc {

// What an invoker asks of its caller, each at most once.
class Reading {
 public:
  virtual ~Reading() = default;
  // The request; before Invoker::Read returns. Not asked for if an answer is kept.
  virtual absl::StatusOr<call::MessagePtr> MakeRequest() = 0;
  // The answer as it is sent. `shared`: others may get it too, so it depends on
  // nothing but the message and the key.
  virtual answers::Answer Render(const google::protobuf::Message& response, bool shared) = 0;
  // The same from the message's bytes. INTERNAL if they are no such message.
  virtual absl::StatusOr<answers::Answer> RenderBytes(std::string response, bool shared) = 0;
  // The end, on whatever thread; must not block.
  virtual void Finish(absl::StatusOr<answers::AnswerPtr> answer) = 0;
};

// For those who send messages as they are: the request's bytes are its key, and
// the answer's are those of its message. INVALID_ARGUMENT, reason
// MALFORMED_REQUEST, for bytes that are no message of the type.
std::shared_ptr<Reading> ReadingOfBytes(
    const google::protobuf::MethodDescriptor* method, std::string request,
    std::function<void(absl::StatusOr<answers::AnswerPtr>)> done);
std::string KeyOfBytes(const google::protobuf::MethodDescriptor* method, absl::string_view request);

}  // namespace mostove::rpc
