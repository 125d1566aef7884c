// A collection's typed face for hand-written RPCs. No logic of its own.
#pragma once

#include <functional>
#include <utility>

#include "libs/store/collection.h"

namespace mostove::store {

template <class Resource>
class ResourceStore {
 public:
  // The store has a collection of this type and outlives this object.
  explicit ResourceStore(const Store& store)
      : collection_(store.ByDescriptor(Resource::descriptor())) {}

  absl::StatusOr<Resource> Get(const Call& call, absl::string_view name) const {
    return Typed(collection_->Get(call, name));
  }

  // For RPCs that change a resource in their own way: PublishTraining.
  template <class Change>
  absl::StatusOr<Resource> Modify(const Call& call, absl::string_view name, absl::string_view etag,
                                  Change change) const {
    return Typed(collection_->Modify(call, name, etag, /*validate_only=*/false,
                                     [&](google::protobuf::Message& resource) {
                                       return change(static_cast<Resource&>(resource));
                                     }));
  }

  const Collection& collection() const { return *collection_; }

 private:
  static absl::StatusOr<Resource> Typed(absl::StatusOr<MessagePtr> message) {
    if (!message.ok()) return std::move(message).status();
    return std::move(static_cast<Resource&>(**message));
  }

  const Collection* collection_;
};

// Rules that are written for the resource's own type.
template <class Resource>
Rules RulesFor(void (*prepare)(Resource&),
               absl::Status (*check_change)(const Resource&, const Resource&),
               resource::Audience (*audience)(const Resource&)) {
  using google::protobuf::Message;
  Rules rules;
  if (prepare != nullptr) {
    rules.prepare = [=](Message& message) { prepare(static_cast<Resource&>(message)); };
  }
  if (check_change != nullptr) {
    rules.check_change = [=](const Message& before, const Message& after) {
      return check_change(static_cast<const Resource&>(before),
                          static_cast<const Resource&>(after));
    };
  }
  if (audience != nullptr) {
    rules.audience = [=](const Message& message) {
      return audience(static_cast<const Resource&>(message));
    };
  }
  return rules;
}

}  // namespace mostove::store
