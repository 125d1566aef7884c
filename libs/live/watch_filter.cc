#include "libs/live/watch_filter.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::live {
namespace {

bool Contains(const std::vector<const store::Collection*>& collections,
              const store::Collection* collection) {
  return std::find(collections.begin(), collections.end(), collection) != collections.end();
}

// "organizations/a/locations/b" stands below "organizations/a".
bool IsBelow(absl::string_view name, absl::string_view above) {
  return name.size() > above.size() && name[above.size()] == '/' && absl::StartsWith(name, above);
}

}  // namespace

ChangePtr MakeChange(const store::Store& store, changelog::Head head) {
  auto change = std::make_shared<Change>();
  change->sequence = head.sequence;
  change->collection = store.ByType(head.resource_type);
  change->name = std::move(head.name);
  change->revision = head.revision;
  change->kind = head.kind;
  change->sight = store::Sight::Parse(head.sight);
  return change;
}

absl::StatusOr<WatchFilter> WatchFilter::Make(const store::Store& store, call::Caller caller,
                                              const changes::v1::WatchChangesRequest& request) {
  WatchFilter filter;
  filter.caller_ = std::move(caller);
  filter.any_type_ = request.resource_types().empty();
  filter.name_ = request.resource_name();
  status::Violations violations;
  for (int i = 0; i < request.resource_types_size(); ++i) {
    const store::Collection* collection = store.ByType(request.resource_types(i));
    if (collection == nullptr) {
      violations.Add(absl::StrCat("resource_types[", i, "]"), "TYPE",
                     "has to be the type of a resource of this service, such as " +
                         store.collections().front()->type().type());
    } else {
      filter.collections_.push_back(collection);
    }
  }
  if (!filter.name_.empty() && store.ByName(filter.name_) == nullptr) {
    violations.Add("resource_name", "NAME", "has to be the name of a resource of this service");
  }
  RETURN_IF_ERROR(violations.ToStatus());
  for (const auto& collection : store.collections()) {
    if (collection->parent() == nullptr) continue;
    if (!filter.any_type_ && !Contains(filter.collections_, collection.get())) continue;
    filter.parents_.push_back(collection->parent());
  }
  return filter;
}

bool WatchFilter::AsksFor(const Change& change) const {
  if (!any_type_ && !Contains(collections_, change.collection)) return false;
  return name_.empty() || change.name == name_ || IsBelow(change.name, name_);
}

bool WatchFilter::AsksBelow(const Change& change) const {
  if (!Contains(parents_, change.collection)) return false;
  return name_.empty() || change.name == name_ || IsBelow(name_, change.name);
}

store::Seen WatchFilter::SeenOf(const Change& change) const {
  if (change.collection == nullptr) return {};
  const bool itself = AsksFor(change);
  const bool below = AsksBelow(change);
  if (!itself && !below) return {};
  store::Seen seen =
      store::WhatIsSeen(caller_, change.collection->layout(), change.name, change.sight);
  seen.below = seen.below && below;
  return itself || seen.below ? seen : store::Seen{};
}

bool WatchFilter::Wants(const Change& change) const {
  const store::Seen seen = SeenOf(change);
  return seen.before || seen.after;
}

std::optional<changes::v1::WatchChangesResponse> WatchFilter::Tell(const Change& change) const {
  const store::Seen seen = SeenOf(change);
  if (!seen.before && !seen.after) return std::nullopt;
  changes::v1::WatchChangesResponse message;
  message.set_kind(!seen.after    ? changes::v1::GONE
                   : !seen.before ? changes::v1::CREATED
                                  : static_cast<changes::v1::Kind>(change.kind));
  message.set_resource_type(change.collection->type().type());
  message.set_resource_name(change.name);
  message.set_revision(change.revision);
  message.set_affects_children(seen.below);
  return message;
}

}  // namespace mostove::live
