#include "services/organizations/leadership_methods.h"

#include <algorithm>
#include <string>
#include <utility>

#include "google/protobuf/util/message_differencer.h"
#include "libs/changelog/changelog.h"
#include "libs/domain/date.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/store/log_entry.h"
#include "libs/store/resource_store.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "services/organizations/leadership_rules.h"
#include "services/organizations/own_methods.h"

namespace mostove::organizations {
namespace {

using call::Call;
using store::ResourceStore;
using store::Store;
using v1::LeadershipReading;
using v1::Organization;

constexpr int kRevisionsAtOnce = 50;
constexpr int kRevisionsMax = 1000;
constexpr int kStatementsMax = 100;

bool ActsFor(const call::Caller& caller, const std::string& organization) {
  return caller.administrator || std::find(caller.acts_for.begin(), caller.acts_for.end(),
                                           organization) != caller.acts_for.end();
}

absl::StatusOr<v1::RefugeeLeadership> AttestLeadership(const Store& store, const Call& call,
                                                       const v1::AttestLeadershipRequest& request) {
  if (!ActsFor(call.caller, request.attester())) {
    return status::PermissionDenied("NOT_ATTESTER",
                                    "only an administrator of the attester can attest in its name");
  }
  const ResourceStore<Organization> organizations(store);
  RETURN_IF_ERROR(organizations.Get(call, request.name()).status());  // the caller sees it
  Call attesting = call;  // in the log under the caller's name
  attesting.caller.administrator = true;
  ASSIGN_OR_RETURN(
      const Organization attested,
      organizations.Modify(attesting, request.name(), /*etag=*/"", [&](Organization& organization) {
        return Attest(request.attester(), request.expire_date(), call.Now(), organization);
      }));
  return attested.refugee_leadership();
}

// What was said, newest first: a line for each change of it.
absl::Status AddHistory(const Store& store, const Call& call, const std::string& name,
                        LeadershipReading& reading) {
  ASSIGN_OR_RETURN(sql::Database::Reader reader, store.database().Read(call.deadline));
  int64_t below = 0;
  LeadershipReading::Statement last;  // the oldest revision so far that says the same
  bool any = false;
  for (int read = 0; read < kRevisionsMax;) {
    ASSIGN_OR_RETURN(const auto entries,
                     changelog::History(*reader, name, below, kRevisionsAtOnce));
    for (const changelog::Entry& entry : entries) {
      Organization then;
      if (!then.ParseFromString(entry.payload)) {
        return status::Internal("an entry of the log is no organization: " + name);
      }
      const bool same = any && then.has_refugee_leadership() == last.has_statement() &&
                        google::protobuf::util::MessageDifferencer::Equals(
                            then.refugee_leadership(), last.statement());
      if (any && !same) *reading.add_history() = last;
      if (reading.history_size() == kStatementsMax) return absl::OkStatus();
      last.Clear();
      store::SetTimestamp(entry.time, *last.mutable_time());
      if (then.has_refugee_leadership()) *last.mutable_statement() = then.refugee_leadership();
      any = true;
    }
    read += static_cast<int>(entries.size());
    if (entries.size() < kRevisionsAtOnce) break;
    below = entries.back().revision;
  }
  // Before anything was said there is nothing to tell.
  if (any && last.has_statement()) *reading.add_history() = last;
  return absl::OkStatus();
}

absl::StatusOr<LeadershipReading> ReadLeadership(const Store& store, const Call& call,
                                                 const v1::ReadLeadershipRequest& request) {
  ASSIGN_OR_RETURN(const Organization organization,
                   ResourceStore<Organization>(store).Get(call, request.name()));
  LeadershipReading reading;
  const bool owner = SeesAsOwner(call.caller, organization.name());
  if (owner || organization.refugee_leadership().published()) {
    if (organization.has_refugee_leadership()) {
      *reading.mutable_statement() = organization.refugee_leadership();
    }
    reading.set_holds(Holds(organization, request.has_date() ? domain::LastDay(request.date())
                                                             : domain::Today(call.Now())));
  }
  if (owner) RETURN_IF_ERROR(AddHistory(store, call, organization.name(), reading));
  return reading;
}

}  // namespace

std::vector<call::UnaryMethod> LeadershipMethods(const Store& store) {
  return {Own("AttestLeadership", store, AttestLeadership),
          Own("ReadLeadership", store, ReadLeadership)};
}

}  // namespace mostove::organizations
