// What an answer shows that has to be recorded: private fields to others than
// the owner, and data about people to anybody.
#pragma once

#include <vector>

#include "google/protobuf/message.h"
#include "libs/call/call.h"
#include "libs/call/method.h"

namespace mostove::audit {

// Whether answers of this type can show something to this caller; cheap.
bool MayShow(const call::Caller& caller, const google::protobuf::Descriptor* type);

// Goes through an answer that was stripped of what the caller may not see, as
// the bytes of a message of this type. For each resource with fields for owners
// (the standard ones aside), once for each owner: its name where the answer is a
// resource, else one for all that an owner has in it. A program of the
// installation is no reader of private fields. Bytes that cannot be read show
// nothing.
std::vector<call::Shown> ShownIn(const call::Caller& caller,
                                 const google::protobuf::Descriptor* type, absl::string_view bytes);

}  // namespace mostove::audit
