#include "services/identity/access_records.h"

#include <string>

#include "libs/audit/access_log.h"
#include "libs/status/status.h"

namespace mostove::identity {

void RecordAccess(const store::Store& store, const call::Call& call, audit::Record record) {
  audit::AccessLog* const access = store.options().access;
  if (access == nullptr) return;
  record.time = call.Now();
  record.method = call.method;
  record.request_id = call.request_id;
  (void)access->Add(record, absl::InfinitePast());
}

void RecordRefusedSignIn(const store::Store& store, const call::Call& call,
                         const absl::Status& refused) {
  const std::string reason = status::Reason(refused);
  if (reason != "INVALID_GRANT" && reason != "INVALID_CLIENT" && reason != "TOO_MANY_ATTEMPTS") {
    return;
  }
  RecordAccess(store, call, {.kind = audit::Kind::kSignInRefused});
}

}  // namespace mostove::identity
