// Asks other services and waits for what they say.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "libs/rpc/invoker.h"

namespace mostove::rpc {

struct Question {
  const google::protobuf::MethodDescriptor* method;
  call::MessagePtr request;
};

// All at once, in the name of the call's caller; the answers in the order of
// the questions. Returns within `patience` and, with some room to say so,
// before the call's deadline. An error where a service is away, or busy, or
// too slow is UNAVAILABLE, reason SERVICE_AWAY; other errors come as they are.
std::vector<absl::StatusOr<call::MessagePtr>> AskAll(Invoker& peers, const call::Call& call,
                                                     std::vector<Question> questions,
                                                     absl::Duration patience);

absl::StatusOr<call::MessagePtr> Ask(Invoker& peers, const call::Call& call, Question question,
                                     absl::Duration patience);

}  // namespace mostove::rpc
