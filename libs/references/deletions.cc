#include "libs/references/deletions.h"

#include <utility>

#include "absl/time/clock.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/store/alias_table.h"
#include "libs/store/collection.h"
#include "libs/store/reference_tables.h"
#include "libs/telemetry/log.h"

namespace mostove::references {
namespace {

using changes::v1::Change;

constexpr int kReferrersAtOnce = 200;  // ended in one transaction
constexpr absl::Duration kPatience = absl::Seconds(30);

void LogChange(telemetry::Level level, absl::string_view event, const Change& change,
               const absl::Status& status) {
  const std::string reason = status::Reason(status);
  telemetry::Log(level, event,
                 {{"resource_type", change.resource_type()},
                  {"revision", int64_t{change.revision()}},
                  {"request_id", change.request_id()},
                  {"reason", reason}});
}

// The name in the field `merged_into` of the resource as it was logged.
absl::StatusOr<std::string> MergedInto(const Change& change) {
  using google::protobuf::DescriptorPool;
  using google::protobuf::MessageFactory;
  const std::string& url = change.resource().type_url();
  const auto* type =
      DescriptorPool::generated_pool()->FindMessageTypeByName(url.substr(url.rfind('/') + 1));
  const auto* field = type == nullptr ? nullptr : type->FindFieldByName("merged_into");
  if (field == nullptr) return status::Internal("a merged resource has no field merged_into");
  const std::unique_ptr<google::protobuf::Message> resource(
      MessageFactory::generated_factory()->GetPrototype(type)->New());
  if (!resource->ParseFromString(change.resource().value())) {
    return status::Internal("a logged resource cannot be parsed");
  }
  return resource->GetReflection()->GetString(*resource, field);
}

// Another time may be better for what failed so.
bool IsTemporary(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsCancelled(status) || absl::IsResourceExhausted(status) || absl::IsAborted(status);
}

}  // namespace

Deletions::Deletions(DeletionsOptions options)
    : options_(std::move(options)), guarded_(options_.guarded.begin(), options_.guarded.end()) {}

absl::Status Deletions::Restart(sql::Transaction& transaction) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names,
                   store::RemoveAliasesFrom(transaction.connection(), options_.source));
  transaction.AfterCommit([store = options_.store, names] {
    for (const std::string& name : names) store->SetAlias(name, "");
  });
  return store::UnmarkAllGone(transaction.connection(), options_.source);
}

absl::Status Deletions::Handle(const follower::Changes& changes, follower::Cursor& cursor) {
  std::vector<std::string> names;
  for (const Change& change : changes) names.push_back(change.resource_name());
  options_.changed(names);
  ASSIGN_OR_RETURN(const absl::flat_hash_set<std::string> deleted, StillDeleted(changes));
  for (const Change& change : changes) {
    if (change.kind() == changes::v1::MERGED || change.kind() == changes::v1::UNMERGED) {
      RETURN_IF_ERROR(HandleAlias(change, cursor));
    }
    if (!guarded_.contains(change.resource_type())) continue;
    if (change.kind() == changes::v1::DELETED && deleted.contains(change.resource_name())) {
      RETURN_IF_ERROR(HandleDeletion(change, cursor));
    } else if (change.kind() == changes::v1::UNDELETED && !options_.own) {
      RETURN_IF_ERROR(cursor.Advance(change.position(), [&](sql::Transaction& transaction) {
        return store::UnmarkGone(transaction.connection(), change.resource_name());
      }));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<absl::flat_hash_set<std::string>> Deletions::StillDeleted(
    const follower::Changes& changes) const {
  absl::flat_hash_set<std::string> deleted;
  for (const Change& change : changes) {
    if (change.kind() != changes::v1::DELETED) continue;
    if (guarded_.contains(change.resource_type())) deleted.insert(change.resource_name());
  }
  if (deleted.empty()) return deleted;
  ASSIGN_OR_RETURN(const std::vector<std::string> missing,
                   options_.missing({deleted.begin(), deleted.end()}));
  return absl::flat_hash_set<std::string>(missing.begin(), missing.end());
}

absl::Status Deletions::HandleAlias(const Change& change, follower::Cursor& cursor) const {
  if (options_.own) return absl::OkStatus();  // the store has done it itself
  const std::string& name = change.resource_name();
  std::string target;
  if (change.kind() == changes::v1::MERGED) {
    ASSIGN_OR_RETURN(target, MergedInto(change));
  }
  return cursor.Advance(change.position(), [&](sql::Transaction& transaction) -> absl::Status {
    transaction.AfterCommit(
        [store = options_.store, name, target] { store->SetAlias(name, target); });
    sql::Connection& connection = transaction.connection();
    if (target.empty()) return store::RemoveAlias(connection, name);
    return store::PutAlias(connection, options_.source, name, target);
  });
}

absl::Status Deletions::HandleDeletion(const Change& change, follower::Cursor& cursor) const {
  ASSIGN_OR_RETURN(const bool refused, MarkGone(change, cursor));
  bool comes_back = false;
  if (refused) {
    ASSIGN_OR_RETURN(comes_back, TakeBack(change));
  }
  for (const std::string& name : options_.store->aliases().NamesOf(change.resource_name())) {
    if (!comes_back) RETURN_IF_ERROR(EndReferrers(name, cursor));
  }
  return cursor.Advance(change.position(), [](sql::Transaction&) { return absl::OkStatus(); });
}

absl::StatusOr<bool> Deletions::MarkGone(const Change& change,
                                         const follower::Cursor& cursor) const {
  if (options_.own) return false;  // the store sees its own rows, and has refused
  bool refused = false;
  RETURN_IF_ERROR(cursor.Run([&](sql::Transaction& transaction) -> absl::Status {
    sql::Connection& connection = transaction.connection();
    // From here on no referrer comes that has not seen the mark.
    RETURN_IF_ERROR(store::LockTargetAlone(connection, change.resource_name()));
    RETURN_IF_ERROR(store::MarkGone(connection, options_.source, change.resource_name(),
                                    absl::FromUnixSeconds(change.change_time().seconds()) +
                                        absl::Nanoseconds(change.change_time().nanos())));
    for (const std::string& name : options_.store->aliases().NamesOf(change.resource_name())) {
      ASSIGN_OR_RETURN(const std::vector<std::string> refusing,
                       store::ReadReferrers(connection, name, resource::v1::REFUSE, "", 1));
      refused = refused || !refusing.empty();
    }
    return absl::OkStatus();
  }));
  return refused;
}

absl::StatusOr<bool> Deletions::TakeBack(const Change& change) const {
  const absl::Status undeleted = options_.undelete(change);
  if (undeleted.ok()) {
    LogChange(telemetry::Level::kWarning, "deletion_taken_back", change, undeleted);
    return true;
  }
  // Somebody took it back already: a later entry tells.
  if (absl::IsAlreadyExists(undeleted) || status::Reason(undeleted) == "ETAG_MISMATCH") return true;
  if (IsTemporary(undeleted)) return undeleted;
  LogChange(telemetry::Level::kError, "deletion_not_taken_back", change, undeleted);
  return false;
}

absl::Status Deletions::EndReferrers(const std::string& target,
                                     const follower::Cursor& cursor) const {
  for (std::string last;;) {
    std::vector<std::string> referrers;
    RETURN_IF_ERROR(cursor.Run([&](sql::Transaction& transaction) -> absl::Status {
      ASSIGN_OR_RETURN(referrers, store::ReadReferrers(transaction.connection(), target,
                                                       resource::v1::END, last, kReferrersAtOnce));
      for (const std::string& referrer : referrers) {
        RETURN_IF_ERROR(End(referrer, transaction));
      }
      return absl::OkStatus();
    }));
    if (referrers.size() < kReferrersAtOnce) return absl::OkStatus();
    last = referrers.back();
  }
}

absl::Status Deletions::End(const std::string& referrer, sql::Transaction& transaction) const {
  const store::Collection* collection = options_.store->ByName(referrer);
  if (collection == nullptr) return absl::OkStatus();  // of a type that is no more
  call::Call call;
  call.caller = options_.caller;
  call.deadline = absl::Now() + kPatience;
  absl::Status ended = collection->Refresh(call, transaction, referrer);
  if (!absl::IsInvalidArgument(ended) && !absl::IsFailedPrecondition(ended)) return ended;
  // The resource's own rules do not allow it, or it was deleted at this moment:
  // nothing that another time would change.
  const std::string reason = status::Reason(ended);
  telemetry::Log(telemetry::Level::kWarning, "referrer_not_ended",
                 {{"resource_type", collection->type().type()}, {"reason", reason}});
  return absl::OkStatus();
}

}  // namespace mostove::references
