#include "libs/rpc/access.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "libs/audit/shown.h"
#include "libs/status/macros.h"
#include "mostove/changes/v1/changes.pb.h"

namespace mostove::rpc {
namespace {

// How long an answer waits for room in the log.
constexpr absl::Duration kWaitMax = absl::Seconds(5);

call::ShownList ListOf(std::vector<call::Shown> shown) {
  if (shown.empty()) return nullptr;
  return std::make_shared<const std::vector<call::Shown>>(std::move(shown));
}

// A history shows the values of private fields, and is no resource.
call::ShownList ShownByHistory(const call::Call& call, const std::string& name) {
  std::string owner = name.substr(0, name.find('/', name.find('/') + 1));
  const auto& own = call.caller.organizations;
  if (std::find(own.begin(), own.end(), owner) != own.end()) return nullptr;
  return ListOf({{name, std::move(owner), false}});
}

}  // namespace

call::ShownList ShownBy(const Method& method, const call::Call& call,
                        const google::protobuf::Message& request,
                        const google::protobuf::Message& answer) {
  if (const auto* history = dynamic_cast<const changes::v1::ListHistoryRequest*>(&request)) {
    return ShownByHistory(call, history->name());
  }
  if (!audit::MayShow(call.caller, method.descriptor->output_type())) return nullptr;
  return ShownBy(method, call, answer.SerializeAsString());
}

call::ShownList ShownBy(const Method& method, const call::Call& call, absl::string_view answer) {
  if (!audit::MayShow(call.caller, method.descriptor->output_type())) return nullptr;
  return ListOf(audit::ShownIn(call.caller, method.descriptor->output_type(), answer));
}

absl::Status RecordShown(audit::AccessLog* log, const Method& method, const call::Call& call,
                         const call::ShownList& shown) {
  if (log == nullptr || shown == nullptr) return absl::OkStatus();
  const absl::Time now = absl::Now();
  const absl::Time wait_until = method.runs_inline ? now : std::min(call.deadline, now + kWaitMax);
  const absl::Status added = log->AddShown(call, method.full_name, *shown, wait_until);
  return method.is_write ? absl::OkStatus() : added;
}

void RecordRefusal(audit::AccessLog* log, const Method& method, const call::Call& call,
                   const absl::Status& status) {
  if (log == nullptr) return;
  if (!absl::IsPermissionDenied(status) && !absl::IsUnauthenticated(status)) return;
  audit::Record record;
  record.time = absl::Now();
  record.kind = audit::Kind::kRefusal;
  record.caller = call.caller.name;
  record.session = call.caller.session;
  record.method = method.full_name;
  record.request_id = call.request_id;
  // Where there is no room nothing was shown either.
  (void)log->Add(record, absl::InfinitePast());
}

}  // namespace mostove::rpc
