#include "libs/store/reference_tables.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "absl/base/internal/endian.h"
#include "absl/strings/str_cat.h"
#include "libs/digest/digest.h"
#include "libs/status/macros.h"
#include "libs/store/collection.h"
#include "libs/store/references.h"
#include "libs/store/store.h"

namespace mostove::store {
namespace {

using google::protobuf::Message;

// Beside the numbers of other locks of the same database.
constexpr int kLockClass = 7361;
// Locks are taken on buckets of targets: a batch with thousands of references
// must not fill PostgreSQL's table of locks.
constexpr int kLockBuckets = 256;
constexpr int kRowsAtOnce = 500;

const std::vector<sql::Migration>& Migrations() {
  static const auto* migrations = new std::vector<sql::Migration>{{1, "references", R"sql(
    CREATE TABLE resource_references (
      target TEXT NOT NULL,
      on_delete BIGINT NOT NULL,
      referrer TEXT NOT NULL,
      PRIMARY KEY (target, on_delete, referrer)
    );
    CREATE TABLE gone_targets (
      name TEXT NOT NULL PRIMARY KEY,
      source TEXT NOT NULL,        -- the service that owns it
      delete_time BIGINT NOT NULL  -- microseconds since 1970
    );
    CREATE TABLE reference_layout (
      only_row BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
      digest BLOB NOT NULL
    );)sql"},
                                                                  {2, "aliases", R"sql(
    CREATE TABLE aliases (
      name TEXT NOT NULL PRIMARY KEY,
      target TEXT NOT NULL,  -- what it was merged into; may be merged itself
      source TEXT NOT NULL   -- the service that owns them; empty: this one
    );
    CREATE INDEX aliases_target ON aliases (target);)sql"}};
  return *migrations;
}

using ReferenceRow = std::pair<std::string, int64_t>;  // target, on_delete

std::vector<ReferenceRow> RowsOf(const Message* resource) {
  std::vector<ReferenceRow> rows;
  if (resource == nullptr) return rows;
  for (Reference& reference : ReferencesOf(*resource)) {
    rows.emplace_back(std::move(reference.name), int64_t{reference.on_delete()});
  }
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

absl::Status ForEachRow(sql::Connection& connection, const char* statement,
                        const std::vector<ReferenceRow>& rows, const std::string& referrer) {
  for (const auto& [target, on_delete] : rows) {
    RETURN_IF_ERROR(connection.Queue(statement, {target, on_delete, referrer}));
  }
  return absl::OkStatus();
}

int64_t BucketOf(const std::string& target) {
  return static_cast<int64_t>(absl::big_endian::Load64(digest::Sha256(target).data()) %
                              kLockBuckets);
}

absl::Status LockBucket(sql::Connection& connection, absl::string_view function, int64_t bucket) {
  return connection.Queue(absl::StrCat("SELECT ", function, "(", kLockClass, ", ?1::int)"),
                          {bucket});
}

// Which fields the rows are made from.
absl::StatusOr<std::string> LayoutDigest(const Store& store) {
  std::string text;
  for (const auto& collection : store.collections()) {
    ASSIGN_OR_RETURN(const std::vector<ReferenceField> fields,
                     ReferenceFieldsOf(collection->type().descriptor()));
    for (const ReferenceField& field : fields) {
      absl::StrAppend(&text, collection->type().type(), " ", field.path, " ",
                      static_cast<int>(field.on_delete), "\n");
    }
  }
  return digest::Sha256(text);
}

absl::Status AddRowsOf(const Collection& collection, sql::Connection& connection) {
  ASSIGN_OR_RETURN(const std::vector<ReferenceField> fields,
                   ReferenceFieldsOf(collection.type().descriptor()));
  if (fields.empty()) return absl::OkStatus();
  const std::string statement =
      absl::StrCat("SELECT name, payload FROM ", collection.layout().table(),
                   " WHERE deleted <> 1 AND name > ?1 ORDER BY name LIMIT ", kRowsAtOnce);
  for (std::string last;;) {
    std::vector<std::pair<std::string, std::string>> page;  // name, payload
    RETURN_IF_ERROR(connection.Query(statement, {last}, [&](const sql::Row& row) {
      page.emplace_back(std::string(row.Text(0)), std::string(row.Bytes(1)));
      return true;
    }));
    if (page.empty()) return absl::OkStatus();
    for (const auto& [name, payload] : page) {
      ASSIGN_OR_RETURN(const auto resource, ParsePayload(collection.type(), payload, 0));
      RETURN_IF_ERROR(UpdateReferences(connection, name, nullptr, resource.get()));
    }
    last = page.back().first;
  }
}

absl::StatusOr<bool> IsMadeFrom(sql::Connection& connection, const std::string& digest) {
  bool same = false;
  RETURN_IF_ERROR(
      connection.Query("SELECT digest FROM reference_layout", {}, [&](const sql::Row& row) {
        same = row.Bytes(0) == digest;
        return false;
      }));
  return same;
}

absl::Status MakeAnew(const Store& store, sql::Connection& connection, const std::string& digest) {
  ASSIGN_OR_RETURN(bool settled, IsMadeFrom(connection, digest));
  if (!settled && connection.engine() == sql::Engine::kPostgres) {
    RETURN_IF_ERROR(connection.Script("LOCK TABLE resource_references IN EXCLUSIVE MODE"));
    ASSIGN_OR_RETURN(settled, IsMadeFrom(connection, digest));  // another copy was first
  }
  if (settled) return absl::OkStatus();
  RETURN_IF_ERROR(connection.Execute("DELETE FROM resource_references", {}).status());
  for (const auto& collection : store.collections()) {
    RETURN_IF_ERROR(AddRowsOf(*collection, connection));
  }
  return connection
      .Execute(
          "INSERT INTO reference_layout (only_row, digest) VALUES (1, ?1) "
          "ON CONFLICT (only_row) DO UPDATE SET digest = excluded.digest",
          {sql::Blob{digest}})
      .status();
}

}  // namespace

absl::Status InstallReferenceTables(sql::Database& database) {
  return database.Migrate("references", Migrations());
}

absl::Status SettleReferences(const Store& store) {
  ASSIGN_OR_RETURN(const std::string digest, LayoutDigest(store));
  return store.database().Write(absl::InfiniteFuture(), [&](sql::Transaction& transaction) {
    return MakeAnew(store, transaction.connection(), digest);
  });
}

absl::Status UpdateReferences(sql::Connection& connection, const std::string& referrer,
                              const Message* before, const Message* after) {
  const std::vector<ReferenceRow> held = RowsOf(before);
  const std::vector<ReferenceRow> wanted = RowsOf(after);
  std::vector<ReferenceRow> removed;
  std::vector<ReferenceRow> added;
  std::set_difference(held.begin(), held.end(), wanted.begin(), wanted.end(),
                      std::back_inserter(removed));
  std::set_difference(wanted.begin(), wanted.end(), held.begin(), held.end(),
                      std::back_inserter(added));
  RETURN_IF_ERROR(ForEachRow(connection,
                             "DELETE FROM resource_references "
                             "WHERE target = ?1 AND on_delete = ?2 AND referrer = ?3",
                             removed, referrer));
  return ForEachRow(connection,
                    "INSERT INTO resource_references (target, on_delete, referrer) "
                    "VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                    added, referrer);
}

absl::StatusOr<std::vector<std::string>> ReadReferrers(sql::Connection& connection,
                                                       const std::string& target,
                                                       resource::v1::OnDelete on_delete,
                                                       const std::string& after, int limit) {
  std::vector<std::string> referrers;
  const auto collect = [&](const sql::Row& row) {
    referrers.emplace_back(row.Text(0));
    return true;
  };
  if (on_delete == resource::v1::ON_DELETE_UNSPECIFIED) {
    RETURN_IF_ERROR(
        connection.Query("SELECT DISTINCT referrer FROM resource_references "
                         "WHERE target = ?1 AND referrer > ?2 ORDER BY referrer LIMIT ?3",
                         {target, after, int64_t{limit}}, collect));
  } else {
    RETURN_IF_ERROR(connection.Query(
        "SELECT referrer FROM resource_references "
        "WHERE target = ?1 AND on_delete = ?4 AND referrer > ?2 ORDER BY referrer LIMIT ?3",
        {target, after, int64_t{limit}, int64_t{on_delete}}, collect));
  }
  return referrers;
}

absl::Status LockTargets(sql::Connection& connection, const std::vector<std::string>& targets) {
  if (connection.engine() == sql::Engine::kSqlite) return absl::OkStatus();
  std::vector<int64_t> buckets;
  buckets.reserve(targets.size());
  for (const std::string& target : targets) buckets.push_back(BucketOf(target));
  std::sort(buckets.begin(), buckets.end());
  buckets.erase(std::unique(buckets.begin(), buckets.end()), buckets.end());
  for (const int64_t bucket : buckets) {
    RETURN_IF_ERROR(LockBucket(connection, "pg_advisory_xact_lock_shared", bucket));
  }
  return absl::OkStatus();
}

absl::Status LockTargetAlone(sql::Connection& connection, const std::string& target) {
  if (connection.engine() == sql::Engine::kSqlite) return absl::OkStatus();
  return LockBucket(connection, "pg_advisory_xact_lock", BucketOf(target));
}

absl::StatusOr<std::optional<absl::Time>> ReadGone(sql::Connection& connection,
                                                   const std::string& target) {
  std::optional<absl::Time> deleted;
  RETURN_IF_ERROR(connection.Query("SELECT delete_time FROM gone_targets WHERE name = ?1", {target},
                                   [&](const sql::Row& row) {
                                     deleted = absl::FromUnixMicros(row.Int64(0));
                                     return false;
                                   }));
  return deleted;
}

absl::Status MarkGone(sql::Connection& connection, const std::string& source,
                      const std::string& target, absl::Time deleted) {
  return connection
      .Execute(
          "INSERT INTO gone_targets (name, source, delete_time) VALUES (?1, ?2, ?3) "
          "ON CONFLICT (name) DO UPDATE SET delete_time = excluded.delete_time",
          {target, source, absl::ToUnixMicros(deleted)})
      .status();
}

absl::Status UnmarkGone(sql::Connection& connection, const std::string& target) {
  return connection.Execute("DELETE FROM gone_targets WHERE name = ?1", {target}).status();
}

absl::Status UnmarkAllGone(sql::Connection& connection, const std::string& source) {
  return connection.Execute("DELETE FROM gone_targets WHERE source = ?1", {source}).status();
}

}  // namespace mostove::store
