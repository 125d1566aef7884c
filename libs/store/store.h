// A service's resources in its database: every read and write of a resource
// goes through here, in one transaction with its change-log entry.
//
// A Store is one database with its change log, its idempotency keys and one
// Collection per resource type. It is made at start and immutable afterwards;
// every thread may use it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "libs/call/call.h"
#include "libs/changelog/versions.h"
#include "libs/resource/aliases.h"
#include "libs/resource/type.h"
#include "libs/resource/validate.h"
#include "libs/sql/database.h"
#include "libs/status/status.h"
#include "libs/store/idempotency.h"

namespace mostove::audit {
class AccessLog;
}
namespace mostove::telemetry {
class Metrics;
}

namespace mostove::store {

class Collection;
class Neighbours;
class ReferenceKeeper;
class ReferenceSource;
class Store;

// What is particular to a resource, as pure functions on its message. All may
// be empty.
struct Rules {
  // Fills defaults and computed fields, before the checks, on every write.
  std::function<void(google::protobuf::Message& resource)> prepare;
  // What other resources of the store have to say: takes over what they know
  // into OUTPUT_ONLY fields, and adds what is wrong between them. After the
  // checks, on every write, and on the resources below one whose owners change;
  // `path` is that of the resource in the request.
  std::function<absl::Status(const Neighbours& neighbours, google::protobuf::Message& resource,
                             absl::string_view path, status::Violations& violations)>
      settle;
  // Whether this caller, who is an owner, may write this; `before` is null for
  // a new resource.
  std::function<absl::Status(const call::Caller& caller, const google::protobuf::Message* before,
                             const google::protobuf::Message& after)>
      check_writer;
  // Whether this step is allowed; after the checks of the new state.
  std::function<absl::Status(const google::protobuf::Message& before,
                             const google::protobuf::Message& after)>
      check_change;
  // What else is written with the row, after it and in its transaction: rows of
  // tables of the service's own, other resources. `before` is null for a new row;
  // one that is deleted has its delete time.
  std::function<absl::Status(const Store& store, const call::Call& call,
                             sql::Transaction& transaction, const google::protobuf::Message* before,
                             const google::protobuf::Message& after)>
      accompany;
  // Who sees the row beyond its owners: OWNER (nobody), NETWORK or PUBLIC. A
  // row below another is never seen wider than that one. Default PUBLIC for
  // resources with a parent, OWNER for the others.
  std::function<resource::Audience(const google::protobuf::Message& resource)> audience;
};

struct CollectionSpec {
  const google::protobuf::Descriptor* descriptor;
  Rules rules;
};

struct StoreOptions {
  sql::Database* database = nullptr;  // outlives the store
  std::string service;                // space of the migrations: "organizations"
  std::vector<sql::Migration> migrations;
  std::vector<CollectionSpec> collections;  // parents before children
  // Rules of shared and of resource messages, as for requests; may be null.
  const resource::TypeChecks* checks = nullptr;
  telemetry::Metrics* metrics = nullptr;  // may be null
  // Asked for names of other services; may be null: they are not checked.
  ReferenceSource* references = nullptr;
  // Where a service's own RPCs record who was let in and who not; may be null.
  audit::AccessLog* access = nullptr;
};

class Store {
 public:
  // Migrates, and compares the tables with the descriptors: a difference fails
  // with a sentence that names table, column and field.
  static absl::StatusOr<std::unique_ptr<Store>> Open(StoreOptions options);
  ~Store();

  sql::Database& database() const { return *options_.database; }
  Idempotency& idempotency() const { return *idempotency_; }
  const StoreOptions& options() const { return options_; }
  const std::vector<std::unique_ptr<Collection>>& collections() const { return collections_; }
  // Null when the type or name belongs to no resource of this store.
  const Collection* ByType(absl::string_view type) const;
  const Collection* ByDescriptor(const google::protobuf::Descriptor* descriptor) const;
  const Collection* ByName(absl::string_view name) const;
  const ReferenceKeeper& references() const { return *references_; }
  // Names of merged resources, of this store's and of those of other services that it
  // has learned of.
  const resource::Aliases& aliases() const { return *aliases_; }
  // A name stands for another, or (empty `target`) for itself again: after the commit
  // of what says so in the table (alias_table.h).
  void SetAlias(const std::string& name, const std::string& target) const;
  // Takes over what other processes wrote there.
  absl::Status ReloadAliases(sql::Connection& connection) const;
  // Says what this store commits, by name and by type, before the writer is
  // told. Changes of other processes are said by who follows the log.
  changelog::Versions& versions() const { return *versions_; }
  // Of the log, as it was at the start.
  const std::string& epoch() const { return epoch_; }
  // `tell` gets the sequence of each entry after its commit, before the writer
  // is told. Set it once, before the first write; it must not block.
  void OnCommit(std::function<void(int64_t sequence)> tell) { tell_committed_ = std::move(tell); }
  void TellCommitted(int64_t sequence) const {
    if (tell_committed_) tell_committed_(sequence);
  }

 private:
  explicit Store(StoreOptions options);
  StoreOptions options_;
  std::unique_ptr<changelog::Versions> versions_;
  std::unique_ptr<resource::Aliases> aliases_;
  std::string epoch_;
  std::function<void(int64_t)> tell_committed_;
  std::unique_ptr<Idempotency> idempotency_;
  std::vector<std::unique_ptr<Collection>> collections_;
  std::unique_ptr<const ReferenceKeeper> references_;
};

}  // namespace mostove::store
