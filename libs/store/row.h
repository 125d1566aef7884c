// How a resource stands in its tables. No rules and no visibility here.
//
// Table <plural> has, beside the marked columns (libs/resource/columns.h):
//   name TEXT PRIMARY KEY, parent TEXT, revision BIGINT, sequence BIGINT (of
//   its last change in the log), deleted BIGINT (0, 1, or 2: merged into another), audience BIGINT
//   (who sees it: an Audience number), own_audience BIGINT (the same before the parent narrows it),
//   payload BLOB (the message without etag).
// A column that lists can be ordered by and that may be unset or is collated
// has a second one, `<column>_sort`, which is never NULL.
// Side tables carry (key, audience, deleted, sort columns, name):
//   <plural>_<column> with `value`, for a repeated column; the sort column of the
//   default order, if it has one;
//   <plural>_owners with `owner`, where owners are named by fields; all of them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "libs/call/call.h"
#include "libs/resource/type.h"
#include "libs/sql/sql.h"

namespace mostove::store {

// Which rows an owner finds by which way.
enum class OwnerPath {
  kSelf,    // the resource owns itself: an organization
  kParent,  // its parent owns it
  kTable,   // a table of owners
  kNone,    // nobody owns it but the network: administrators write it
};

// A column of the tables, for order and for the comparison at start.
struct SortColumn {
  const resource::ColumnInfo* info;  // null: the name
  std::string column;
};

// Names and statements of one resource type, made once.
class Layout {
 public:
  explicit Layout(const resource::Type& type);

  const resource::Type& type() const { return type_; }
  const std::string& table() const { return type_.table(); }
  // What requests call the resource: "policy_process".
  const std::string& resource_field() const { return resource_field_; }
  OwnerPath owner_path() const { return owner_path_; }
  const std::vector<SortColumn>& sort_columns() const { return sort_columns_; }  // without name
  // That of the type's default order; empty where it is the name.
  const std::vector<SortColumn>& default_sort() const { return default_sort_; }
  const std::string& SortColumnOf(const resource::ColumnInfo& info) const;
  std::string SideTable(const resource::ColumnInfo& info) const;
  std::string OwnersTable() const { return table() + "_owners"; }

  struct ExpectedColumn {
    std::string table, column, type;  // TEXT, BIGINT, DOUBLE PRECISION, BLOB
    std::string reason;               // field that asks for it, or "every resource"
  };
  std::vector<ExpectedColumn> ExpectedColumns() const;

  // Values: the fixed columns, then the marked ones, then the sort columns.
  // Payload and what else StoredRow has, of a name.
  const std::string& select_statement() const { return select_; }
  const std::string& insert_statement() const { return insert_; }
  // The same, then the revision that it replaces.
  const std::string& update_statement() const { return update_; }

 private:
  const resource::Type& type_;
  OwnerPath owner_path_ = OwnerPath::kTable;
  std::vector<SortColumn> sort_columns_, default_sort_;
  std::string resource_field_;
  std::string select_, insert_, update_;
};

// Whether the name, or that of the parent, says that one of these owns it.
bool OwnsByName(const Layout& layout, const std::vector<std::string>& owners,
                absl::string_view name);

// A row as it is read for one resource.
struct StoredRow {
  std::unique_ptr<google::protobuf::Message> message;  // with etag
  int64_t revision = 0;
  int64_t sequence = 0;
  bool deleted = false;  // or merged
  bool merged = false;   // into another, for which its name stands now
  resource::Audience audience = resource::v1::OWNER;
  resource::Audience own_audience = resource::v1::OWNER;
};

// Of a row that Layout::select_statement read.
bool IsMerged(const sql::Row& row);

enum class Lock { kNone, kShare, kUpdate };

// Null when there is no such row. Locks matter on PostgreSQL only.
absl::StatusOr<std::unique_ptr<StoredRow>> ReadRow(const Layout& layout,
                                                   sql::Connection& connection,
                                                   absl::string_view name, Lock lock);

// The same, if the caller may see it. What is hidden is looked for as what is
// missing: by one statement, which does not touch the payload.
absl::StatusOr<std::unique_ptr<StoredRow>> ReadVisibleRow(const Layout& layout,
                                                          const call::Caller& caller,
                                                          sql::Connection& connection,
                                                          absl::string_view name, Lock lock);

// Parses a payload and sets the etag: "\"7\"".
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> ParsePayload(const resource::Type& type,
                                                                        absl::string_view payload,
                                                                        int64_t revision);
std::string MakeEtag(int64_t revision);
// The bytes of the same message: the payload, and a field for the etag.
std::string BytesOf(const resource::Type& type, absl::string_view payload, int64_t revision);
// Appends a field of text, bytes or a message to a message's bytes.
void AppendField(int number, absl::string_view value, std::string& out);

// ALREADY_EXISTS, at the latest by the COMMIT (see sql::Connection::Queue), when
// the name is taken.
absl::Status InsertRow(const Layout& layout, sql::Connection& connection, const StoredRow& row);
// `before` is what stands there: side tables are touched only where they
// change.
absl::Status UpdateRow(const Layout& layout, sql::Connection& connection, const StoredRow& before,
                       const StoredRow& after);
// Its side tables too; nothing else of the row changes.
absl::Status MarkMerged(const Layout& layout, sql::Connection& connection, const std::string& name,
                        bool merged);
// With its side tables. The row is the one that stands there.
absl::Status DeleteRow(const Layout& layout, sql::Connection& connection, const StoredRow& row);

// The rows of its owners, where they stand in a table.
absl::Status InsertOwners(const Layout& layout, sql::Connection& connection, const StoredRow& row);

// Narrows or widens the audience of all rows directly below `parent`, each to
// the narrower of its own and `audience`.
absl::Status UpdateAudienceBelow(const Layout& layout, sql::Connection& connection,
                                 absl::string_view parent, resource::Audience audience);

}  // namespace mostove::store
