#include "libs/store/reference_keeper.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"
#include "libs/domain/date.h"
#include "libs/resource/name.h"
#include "libs/status/macros.h"
#include "libs/store/collection.h"
#include "libs/store/reference_tables.h"
#include "libs/store/store.h"

namespace mostove::store {
namespace {

using google::protobuf::Message;

constexpr size_t kReferencesMax = 10000;  // that one request adds
constexpr size_t kNamesInText = 10;
constexpr char kTargetGone[] = "REFERENCE_TARGET_GONE";

// "an organization", "a shelf"
std::string One(absl::string_view noun) {
  const bool vowel = !noun.empty() && absl::StrContains("aeio", noun.substr(0, 1));
  return absl::StrCat(vowel ? "an " : "a ", noun);
}

std::vector<std::string> NamesOf(const std::vector<AddedReference>& added) {
  std::vector<std::string> names;
  names.reserve(added.size());
  for (const AddedReference& each : added) names.push_back(each.reference.name);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

absl::Status Referenced(const std::string& name, Referrers referrers) {
  if (referrers.names.size() > kNamesInText) {
    referrers.names.resize(kNamesInText);
    referrers.more = true;
  }
  std::string who = absl::StrJoin(referrers.names, ", ");
  if (referrers.more) absl::StrAppend(&who, who.empty() ? "others" : " and others");
  return status::Make(absl::StatusCode::kFailedPrecondition, "REFERENCED",
                      absl::StrCat(name, " cannot be deleted while resources refer to it: ", who),
                      {{"referrers", absl::StrJoin(referrers.names, ",")},
                       {"more", referrers.more ? "true" : "false"}});
}

void SetDay(absl::CivilDay day, google::type::Date& date) {
  date.set_year(static_cast<int>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
}

// Leaves an end that comes before. What would have begun later ends on the day
// on which it begins: a period cannot end before that.
void EndBy(absl::CivilDay day, const ReferenceField& reference, Message& resource) {
  Message* holder = &resource;
  for (size_t i = 0; i + 1 < reference.end.size(); ++i) {
    holder = holder->GetReflection()->MutableMessage(holder, reference.end[i]);
  }
  const auto& reflection = *holder->GetReflection();
  const auto* field = reference.end.back();
  const auto* start = holder->GetDescriptor()->FindFieldByName(
      field->options().GetExtension(resource::v1::limits).end_of());
  if (start != nullptr && reflection.HasField(*holder, start)) {
    day = std::max(day, domain::FirstDay(static_cast<const google::type::Date&>(
                            reflection.GetMessage(*holder, start))));
  }
  auto& end = static_cast<google::type::Date&>(*reflection.MutableMessage(holder, field));
  if (end.year() == 0 || domain::LastDay(end) > day) SetDay(day, end);
}

std::vector<std::string> GuardedNames(const std::vector<Reference>& references) {
  std::vector<std::string> names;
  for (const Reference& reference : references) {
    if (reference.guarded()) names.push_back(reference.name);
  }
  return names;
}

}  // namespace

absl::StatusOr<ReferenceKeeper> ReferenceKeeper::Open(const Store& store) {
  ReferenceKeeper keeper(store);
  for (const auto& collection : store.collections()) {
    const auto* descriptor = collection->type().descriptor();
    ASSIGN_OR_RETURN(std::vector<ReferenceField> fields, ReferenceFieldsOf(descriptor));
    for (const ReferenceField& field : fields) {
      if (field.on_delete != resource::v1::KEEP) keeper.guarded_types_.insert(field.target);
    }
    if (!fields.empty()) keeper.fields_[descriptor] = std::move(fields);
  }
  RETURN_IF_ERROR(InstallReferenceTables(store.database()));
  RETURN_IF_ERROR(SettleReferences(store));
  return keeper;
}

bool ReferenceKeeper::MayRefer(const Message& resource) const {
  return fields_.contains(resource.GetDescriptor());
}

std::vector<AddedReference> ReferenceKeeper::Added(const Message* before, const Message& after,
                                                   absl::string_view root) const {
  std::vector<AddedReference> added;
  if (!MayRefer(after)) return added;
  for (Reference& reference : AddedReferences(before, after)) {
    std::string path = absl::StrCat(root, root.empty() ? "" : ".", reference.path);
    added.push_back({std::move(reference), std::move(path)});
  }
  return added;
}

// Null for a name that cannot be one of the annotated type.
const resource::Type* ReferenceKeeper::TypeOf(const Reference& reference) const {
  ReferenceSource* const others = store_->options().references;
  const bool any = reference.type() == "*";
  const Collection* own = any ? store_->ByName(reference.name) : store_->ByType(reference.type());
  const resource::Type* type = own == nullptr ? nullptr : &own->type();
  if (type == nullptr && others != nullptr) {
    type = any ? others->ByName(reference.name) : others->ByType(reference.type());
  }
  return type;
}

absl::StatusOr<absl::flat_hash_set<std::string>> ReferenceKeeper::Missing(
    const call::Call& call, const std::vector<AddedReference>& added) const {
  std::vector<std::string> own;
  std::vector<std::string> foreign;
  for (std::string& name : NamesOf(added)) {
    (store_->ByName(name) != nullptr ? own : foreign).push_back(std::move(name));
  }
  std::vector<std::string> missing;
  if (!own.empty()) {
    ASSIGN_OR_RETURN(missing, FindMissing(*store_, call, own));
  }
  if (ReferenceSource* const others = store_->options().references;
      others != nullptr && !foreign.empty()) {
    ASSIGN_OR_RETURN(const std::vector<std::string> elsewhere, others->Missing(call, foreign));
    missing.insert(missing.end(), elsewhere.begin(), elsewhere.end());
  }
  return absl::flat_hash_set<std::string>(missing.begin(), missing.end());
}

absl::Status ReferenceKeeper::Check(const call::Call& call,
                                    const std::vector<AddedReference>& added,
                                    status::Violations& violations) const {
  if (added.empty()) return absl::OkStatus();
  if (added.size() > kReferencesMax) {
    return status::Make(
        absl::StatusCode::kInvalidArgument, "TOO_MANY_REFERENCES",
        absl::StrCat("one request adds at most ", kReferencesMax, " references, this one ",
                     added.size(), ": send several requests"));
  }
  std::vector<AddedReference> named;  // of the right form
  for (const AddedReference& each : added) {
    const resource::Type* type = TypeOf(each.reference);
    if (type != nullptr && resource::MatchesName(*type, each.reference.name)) named.push_back(each);
  }
  ASSIGN_OR_RETURN(const absl::flat_hash_set<std::string> missing, Missing(call, named));
  for (const AddedReference& each : added) {
    const resource::Type* type = TypeOf(each.reference);
    if (type == nullptr && store_->options().references == nullptr) continue;  // nobody to ask
    if (type == nullptr || !resource::MatchesName(*type, each.reference.name)) {
      violations.Add(each.path, "NAME",
                     absl::StrCat("has to be the name of ",
                                  One(type == nullptr ? "resource" : type->singular())));
    } else if (missing.contains(each.reference.name)) {
      violations.Add(each.path, "REFERENCE_NOT_FOUND",
                     absl::StrCat("names ", One(type->singular()), " that does not exist"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Referrers> ReferenceKeeper::OwnRefusing(const call::Call& call,
                                                       sql::Connection& connection,
                                                       const std::string& name) const {
  return FindReferrers(*store_, call, connection, name, resource::v1::REFUSE);
}

absl::Status ReferenceKeeper::CheckDeletable(const call::Call& call, const resource::Type& type,
                                             const std::string& name) const {
  Referrers refusing;
  if (guarded_types_.contains(type.type()) || guarded_types_.contains("*")) {
    ASSIGN_OR_RETURN(sql::Database::Reader reader, store_->database().Read(call.deadline));
    ASSIGN_OR_RETURN(refusing, OwnRefusing(call, *reader, name));
  }
  if (ReferenceSource* const others = store_->options().references; others != nullptr) {
    ASSIGN_OR_RETURN(Referrers elsewhere, others->Refusing(call, type, name));
    for (std::string& referrer : elsewhere.names) refusing.names.push_back(std::move(referrer));
    refusing.more = refusing.more || elsewhere.more;
  }
  return refusing.empty() ? absl::OkStatus() : Referenced(name, std::move(refusing));
}

absl::Status ReferenceKeeper::HoldForDeletion(const call::Call& call, sql::Connection& connection,
                                              const resource::Type& type,
                                              const std::string& name) const {
  if (!guarded_types_.contains(type.type()) && !guarded_types_.contains("*")) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(LockTargetAlone(connection, name));
  ASSIGN_OR_RETURN(Referrers refusing, OwnRefusing(call, connection, name));
  return refusing.empty() ? absl::OkStatus() : Referenced(name, std::move(refusing));
}

absl::Status ReferenceKeeper::Record(sql::Connection& connection, const std::string& referrer,
                                     const Message* before, const Message* after) const {
  if (before == nullptr && after == nullptr) return absl::OkStatus();  // deleted, and stays it
  if (!MayRefer(before == nullptr ? *after : *before)) return absl::OkStatus();
  return UpdateReferences(connection, referrer, before, after);
}

absl::Status ReferenceKeeper::Hold(sql::Connection& connection,
                                   const std::vector<AddedReference>& added) const {
  std::vector<std::string> names;
  for (const AddedReference& each : added) {
    if (each.reference.guarded()) names.push_back(each.reference.name);
  }
  RETURN_IF_ERROR(LockTargets(connection, names));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(const auto gone, GoneSince(connection, name));
    if (gone.has_value()) return status::Aborted(kTargetGone, absl::StrCat(name, " was deleted"));
  }
  return absl::OkStatus();
}

absl::Status ReferenceKeeper::Explain(const call::Call& call,
                                      const std::vector<AddedReference>& added,
                                      absl::Status status) const {
  if (status::Reason(status) != kTargetGone) return status;
  if (store_->options().references != nullptr) {
    store_->options().references->Forget(NamesOf(added));
  }
  status::Violations violations;
  RETURN_IF_ERROR(Check(call, added, violations));
  RETURN_IF_ERROR(violations.ToStatus());
  // Its owner says that it lives again; the reader here has not come so far.
  return status::Unavailable("REFERENCE_CHANGING",
                             "a resource that this refers to was deleted and taken back just now: "
                             "try again",
                             absl::Seconds(1));
}

absl::StatusOr<std::optional<absl::CivilDay>> ReferenceKeeper::GoneSince(
    sql::Connection& connection, const std::string& referred) const {
  const std::string name = store_->aliases().Resolve(referred);
  std::optional<absl::CivilDay> day;
  const Collection* own = store_->ByName(name);
  if (own == nullptr) {
    ASSIGN_OR_RETURN(const std::optional<absl::Time> deleted, ReadGone(connection, name));
    if (deleted.has_value()) day = domain::Today(*deleted);
    return day;
  }
  ASSIGN_OR_RETURN(const auto row, ReadRow(own->layout(), connection, name, Lock::kNone));
  if (row == nullptr || !row->deleted) return day;
  const auto& time = static_cast<const google::protobuf::Timestamp&>(
      row->message->GetReflection()->GetMessage(*row->message, own->type().delete_time_field()));
  day = domain::Today(absl::FromUnixSeconds(time.seconds()));
  return day;
}

absl::Status ReferenceKeeper::EndWithTargets(sql::Connection& connection, Message& resource) const {
  const auto fields = fields_.find(resource.GetDescriptor());
  if (fields == fields_.end()) return absl::OkStatus();
  const bool may_end = std::any_of(fields->second.begin(), fields->second.end(),
                                   [](const ReferenceField& field) { return !field.end.empty(); });
  if (!may_end) return absl::OkStatus();
  for (const Reference& reference : ReferencesOf(resource)) {
    if (reference.on_delete() != resource::v1::END) continue;
    ASSIGN_OR_RETURN(const auto gone, GoneSince(connection, reference.name));
    if (!gone.has_value()) continue;
    for (const ReferenceField& field : fields->second) {
      if (field.field == reference.field) EndBy(*gone, field, resource);
    }
  }
  return absl::OkStatus();
}

absl::Status ReferenceKeeper::Revive(sql::Connection& connection, Message& resource) const {
  if (!MayRefer(resource)) return absl::OkStatus();
  const std::vector<Reference> references = ReferencesOf(resource);
  RETURN_IF_ERROR(LockTargets(connection, GuardedNames(references)));
  for (const Reference& reference : references) {
    if (reference.on_delete() != resource::v1::REFUSE) continue;
    ASSIGN_OR_RETURN(const auto gone, GoneSince(connection, reference.name));
    if (gone.has_value()) {
      return status::Precondition(
          "REFERENCE_NOT_FOUND",
          absl::StrCat("it refers to ", reference.name, ", which is deleted; undelete that first"));
    }
  }
  return EndWithTargets(connection, resource);
}

absl::StatusOr<Referrers> FindReferrers(const Store& store, const call::Call& call,
                                        sql::Connection& connection, const std::string& target,
                                        resource::v1::OnDelete on_delete) {
  Referrers found;
  std::vector<std::string> all;
  for (const std::string& name : store.aliases().NamesOf(target)) {
    ASSIGN_OR_RETURN(const std::vector<std::string> some,
                     ReadReferrers(connection, name, on_delete, "", 2 * kReferrersMax));
    all.insert(all.end(), some.begin(), some.end());
  }
  for (const std::string& name : all) {
    if (name == target) continue;
    const Collection* collection = store.ByName(name);
    bool seen = false;
    if (collection != nullptr && found.names.size() < kReferrersMax) {
      ASSIGN_OR_RETURN(seen, collection->Lives(call, connection, name));
    }
    if (seen) {
      found.names.push_back(name);
    } else {
      found.more = true;
    }
  }
  if (all.size() >= 2 * kReferrersMax) found.more = true;
  return found;
}

absl::StatusOr<std::vector<std::string>> FindMissing(const Store& store, const call::Call& call,
                                                     const std::vector<std::string>& names) {
  ASSIGN_OR_RETURN(sql::Database::Reader reader, store.database().Read(call.deadline));
  std::vector<std::string> missing;
  for (const std::string& name : names) {
    const Collection* collection = store.ByName(name);
    bool lives = false;
    if (collection != nullptr) {
      ASSIGN_OR_RETURN(lives, collection->Lives(call, *reader, name));
    }
    if (!lives) missing.push_back(name);
  }
  return missing;
}

}  // namespace mostove::store
