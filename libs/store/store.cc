#include "libs/store/store.h"

#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/changelog/changelog.h"
#include "libs/resource/name.h"
#include "libs/resource/visibility.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/store/alias_table.h"
#include "libs/store/collection.h"
#include "libs/store/owner_tables.h"
#include "libs/store/reference_keeper.h"

namespace mostove::store {
namespace {

// The collection whose resources are the parents of this type's: its pattern
// is this one without the last two segments.
absl::StatusOr<const Collection*> ParentOf(
    const resource::Type& type, const std::vector<std::unique_ptr<Collection>>& collections) {
  if (!type.has_parent()) return nullptr;
  const std::vector<std::string> above(type.pattern().begin(), type.pattern().end() - 2);
  for (const std::unique_ptr<Collection>& collection : collections) {
    if (collection->type().pattern() == above) return collection.get();
  }
  return status::Internal(absl::StrCat("the store has no collection for the parents of ",
                                       type.descriptor()->full_name()));
}

absl::StatusOr<std::string> ReadEpoch(sql::Database& database) {
  ASSIGN_OR_RETURN(sql::Database::Reader reader, database.Read(absl::InfiniteFuture()));
  ASSIGN_OR_RETURN(changelog::Position end, changelog::End(*reader));
  return std::move(end.epoch);
}

// Compares the tables with what the descriptors ask for.
absl::Status CheckSchema(sql::Database& database,
                         const std::vector<std::unique_ptr<Collection>>& collections) {
  ASSIGN_OR_RETURN(const std::vector<sql::Database::Column> present, database.Columns());
  absl::flat_hash_map<std::string, std::string> types;  // "table.column" -> type
  for (const sql::Database::Column& column : present) {
    types[absl::StrCat(column.table, ".", column.name)] = column.type;
  }
  std::vector<std::string> faults;
  absl::flat_hash_set<std::string> tables;
  absl::flat_hash_set<std::string> asked_for;
  for (const std::unique_ptr<Collection>& collection : collections) {
    for (const Layout::ExpectedColumn& expected : collection->layout().ExpectedColumns()) {
      const std::string key = absl::StrCat(expected.table, ".", expected.column);
      tables.insert(expected.table);
      asked_for.insert(key);
      const auto found = types.find(key);
      if (found == types.end()) {
        faults.push_back(absl::StrCat("table ", expected.table, " lacks the column ",
                                      expected.column, " ", expected.type, " (", expected.reason,
                                      ")"));
      } else if (found->second != expected.type) {
        faults.push_back(absl::StrCat("column ", expected.column, " of table ", expected.table,
                                      " is ", found->second, " and has to be ", expected.type, " (",
                                      expected.reason, ")"));
      }
    }
  }
  for (const sql::Database::Column& column : present) {
    if (!tables.contains(column.table)) continue;
    if (asked_for.contains(absl::StrCat(column.table, ".", column.name))) continue;
    faults.push_back(absl::StrCat("table ", column.table, " has the column ", column.name,
                                  ", which no field asks for"));
  }
  if (faults.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "the database does not fit the protos; add a migration: ", absl::StrJoin(faults, "; ")));
}

}  // namespace

Store::Store(StoreOptions options)
    : options_(std::move(options)),
      versions_(std::make_unique<changelog::Versions>(
          /*exclusive=*/options_.database->engine() == sql::Engine::kSqlite)),
      aliases_(std::make_unique<resource::Aliases>()) {}

Store::~Store() = default;

absl::StatusOr<std::unique_ptr<Store>> Store::Open(StoreOptions options) {
  std::unique_ptr<Store> store(new Store(std::move(options)));
  sql::Database& database = store->database();
  RETURN_IF_ERROR(changelog::Install(database));
  ASSIGN_OR_RETURN(store->epoch_, ReadEpoch(database));
  ASSIGN_OR_RETURN(store->idempotency_, Idempotency::Install(database));
  RETURN_IF_ERROR(database.Migrate(store->options_.service, store->options_.migrations));
  for (CollectionSpec& spec : store->options_.collections) {
    const resource::Type* type = resource::TypeOf(spec.descriptor);
    if (type == nullptr) {
      return status::Internal(absl::StrCat(spec.descriptor->full_name(), " is no resource"));
    }
    ASSIGN_OR_RETURN(const Collection* parent, ParentOf(*type, store->collections_));
    if (parent != nullptr && parent->parent() != nullptr) {
      return status::Internal(absl::StrCat(spec.descriptor->full_name(),
                                           " stands on a third level; audiences are handed down "
                                           "one level only"));
    }
    store->collections_.push_back(std::make_unique<Collection>(*store, *type, spec.rules, parent));
  }
  RETURN_IF_ERROR(CheckSchema(database, store->collections_));
  RETURN_IF_ERROR(SettleOwners(*store));
  ASSIGN_OR_RETURN(ReferenceKeeper keeper, ReferenceKeeper::Open(*store));
  store->references_ = std::make_unique<const ReferenceKeeper>(std::move(keeper));
  ASSIGN_OR_RETURN(sql::Database::Reader reader, database.Read(absl::InfiniteFuture()));
  RETURN_IF_ERROR(store->ReloadAliases(*reader));
  return store;
}

// Everything may have to be read anew: what stands below, who owns it, what refers to it.
void Store::SetAlias(const std::string& name, const std::string& target) const {
  aliases_->Set(name, target);
  versions_->AllChanged();
}

absl::Status Store::ReloadAliases(sql::Connection& connection) const {
  const uint64_t settings = aliases_->settings();
  ASSIGN_OR_RETURN(resource::Aliases::Targets targets, ReadAliases(connection));
  if (aliases_->SetAll(std::move(targets), settings)) versions_->AllChanged();
  return absl::OkStatus();
}

const Collection* Store::ByType(absl::string_view type) const {
  for (const std::unique_ptr<Collection>& collection : collections_) {
    if (collection->type().type() == type) return collection.get();
  }
  return nullptr;
}

const Collection* Store::ByDescriptor(const google::protobuf::Descriptor* descriptor) const {
  for (const std::unique_ptr<Collection>& collection : collections_) {
    if (collection->type().descriptor() == descriptor) return collection.get();
  }
  return nullptr;
}

const Collection* Store::ByName(absl::string_view name) const {
  for (const std::unique_ptr<Collection>& collection : collections_) {
    if (resource::MatchesName(collection->type(), name)) return collection.get();
  }
  return nullptr;
}

}  // namespace mostove::store
