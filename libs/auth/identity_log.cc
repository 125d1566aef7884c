#include "libs/auth/identity_log.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "libs/auth/identity.h"
#include "libs/rpc/ask.h"
#include "libs/status/macros.h"
#include "mostove/identity/v1/identity_service.pb.h"

namespace mostove::auth {
namespace {

using changes::v1::ListChangesRequest;
using changes::v1::ListChangesResponse;
using identity::v1::ReadSnapshotRequest;
using identity::v1::ReadSnapshotResponse;

constexpr absl::Duration kPatience = absl::Seconds(5);
// No position of a log has a colon.
constexpr absl::string_view kSnapshot = "snapshot:";

const google::protobuf::ServiceDescriptor* Service() {
  return ReadSnapshotRequest::descriptor()->file()->pool()->FindServiceByName(kIdentityService);
}

}  // namespace

bool IdentityLog::IsReached(const rpc::Invoker& services) {
  const auto reached = services.services();
  return std::find(reached.begin(), reached.end(), Service()) != reached.end();
}

template <class Response>
absl::StatusOr<Response> IdentityLog::Ask(const char* method,
                                          const google::protobuf::Message& request) const {
  call::Call call;
  call.caller = call::Program(program_);
  call.deadline = absl::Now() + 2 * kPatience;
  call::MessagePtr copy(request.New());
  copy->CopyFrom(request);
  ASSIGN_OR_RETURN(const call::MessagePtr answer,
                   rpc::Ask(*services_, call,
                            {Service()->FindMethodByName(method), std::move(copy)}, kPatience));
  return std::move(static_cast<Response&>(*answer));
}

absl::StatusOr<ListChangesResponse> IdentityLog::ReadSnapshot(absl::string_view page_token) const {
  ReadSnapshotRequest request;
  request.set_page_token(std::string(page_token));
  ASSIGN_OR_RETURN(ReadSnapshotResponse page, Ask<ReadSnapshotResponse>("ReadSnapshot", request));
  ListChangesResponse changes;
  changes.mutable_changes()->Swap(page.mutable_changes());
  changes.set_next_position(page.next_page_token().empty()
                                ? page.position()
                                : absl::StrCat(kSnapshot, page.next_page_token()));
  return changes;
}

absl::StatusOr<ListChangesResponse> IdentityLog::Read(const ListChangesRequest& request) const {
  absl::string_view page_token = request.after();
  if (!page_token.empty() && !absl::ConsumePrefix(&page_token, kSnapshot)) {
    return Ask<ListChangesResponse>("ListChanges", request);
  }
  auto snapshot = ReadSnapshot(page_token);
  if (!absl::IsUnimplemented(snapshot.status())) return snapshot;
  ListChangesRequest from_beginning = request;
  from_beginning.clear_after();
  return Ask<ListChangesResponse>("ListChanges", from_beginning);
}

}  // namespace mostove::auth
