// What a table tells the access log.
#pragma once

#include "absl/status/status.h"
#include "libs/audit/access_log.h"
#include "libs/call/call.h"
#include "libs/call/method.h"
#include "libs/rpc/service_table.h"

namespace mostove::rpc {

// What the answer shows that has to be recorded each time it is given; null:
// nothing.
call::ShownList ShownBy(const Method& method, const call::Call& call,
                        const google::protobuf::Message& request,
                        const google::protobuf::Message& answer);
call::ShownList ShownBy(const Method& method, const call::Call& call, absl::string_view answer);

// Records it. An error: the answer must not go out. Methods that run on network
// threads do not wait for room in the log. What a write answers goes out anyway,
// for it is done, and the change log has it.
absl::Status RecordShown(audit::AccessLog* log, const Method& method, const call::Call& call,
                         const call::ShownList& shown);
// Records a refusal, if the status is one.
void RecordRefusal(audit::AccessLog* log, const Method& method, const call::Call& call,
                   const absl::Status& status);

}  // namespace mostove::rpc
