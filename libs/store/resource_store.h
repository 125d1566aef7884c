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

  // Within a transaction that does more; see Collection.
  template <class Change>
  absl::StatusOr<Resource> ModifyWithin(const Call& call, sql::Transaction& transaction,
                                        absl::string_view name, Change change) const {
    return Typed(collection_->ModifyWithin(call, transaction, name,
                                           [&](google::protobuf::Message& resource) {
                                             return change(static_cast<Resource&>(resource));
                                           }));
  }
  absl::StatusOr<Resource> CreateWithin(const Call& call, sql::Transaction& transaction,
                                        const std::string& id, const Resource& resource) const {
    return Typed(collection_->CreateWithin(
        call, transaction,
        {.id = id, .resource = &resource, .set = [&](google::protobuf::Message& created) {
           created.MergeFrom(resource);
         }}));
  }

  const Collection& collection() const { return *collection_; }

 private:
  static absl::StatusOr<Resource> Typed(absl::StatusOr<MessagePtr> message) {
    if (!message.ok()) return std::move(message).status();
    return std::move(static_cast<Resource&>(**message));
  }

  const Collection* collection_;
};

// Rules that are written for the resource's own type; each may be left out.
template <class Resource>
struct RulesOf {
  void (*prepare)(Resource&) = nullptr;
  absl::Status (*settle)(const Neighbours&, Resource&, absl::string_view,
                         status::Violations&) = nullptr;
  absl::Status (*check_writer)(const call::Caller&, const Resource*, const Resource&) = nullptr;
  absl::Status (*check_change)(const Resource&, const Resource&) = nullptr;
  absl::Status (*accompany)(const Store&, const call::Call&, sql::Transaction&, const Resource*,
                            const Resource&) = nullptr;
  resource::Audience (*audience)(const Resource&) = nullptr;
};

template <class Resource>
Rules RulesFor(const RulesOf<Resource>& of) {
  using google::protobuf::Message;
  Rules rules;
  if (of.prepare != nullptr) {
    rules.prepare = [of](Message& message) { of.prepare(static_cast<Resource&>(message)); };
  }
  if (of.settle != nullptr) {
    rules.settle = [of](const Neighbours& neighbours, Message& message, absl::string_view path,
                        status::Violations& violations) {
      return of.settle(neighbours, static_cast<Resource&>(message), path, violations);
    };
  }
  if (of.check_writer != nullptr) {
    rules.check_writer = [of](const call::Caller& caller, const Message* before,
                              const Message& after) {
      return of.check_writer(caller, static_cast<const Resource*>(before),
                             static_cast<const Resource&>(after));
    };
  }
  if (of.check_change != nullptr) {
    rules.check_change = [of](const Message& before, const Message& after) {
      return of.check_change(static_cast<const Resource&>(before),
                             static_cast<const Resource&>(after));
    };
  }
  if (of.accompany != nullptr) {
    rules.accompany = [of](const Store& store, const call::Call& call,
                           sql::Transaction& transaction, const Message* before,
                           const Message& after) {
      return of.accompany(store, call, transaction, static_cast<const Resource*>(before),
                          static_cast<const Resource&>(after));
    };
  }
  if (of.audience != nullptr) {
    rules.audience = [of](const Message& message) {
      return of.audience(static_cast<const Resource&>(message));
    };
  }
  return rules;
}

}  // namespace mostove::store
