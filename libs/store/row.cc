#include "libs/store/row.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "google/protobuf/wire_format_lite.h"
#include "libs/resource/columns.h"
#include "libs/resource/name.h"
#include "libs/resource/order.h"
#include "libs/resource/visibility.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::store {
namespace {

using google::protobuf::Message;
using google::protobuf::internal::WireFormatLite;
using resource::ColumnInfo;
using resource::ColumnKind;
using sql::Value;

constexpr absl::string_view kFixedColumns[] = {"name",    "parent",   "revision",     "sequence",
                                               "deleted", "audience", "own_audience", "payload"};

constexpr absl::string_view kReadColumns =
    "payload, revision, sequence, deleted, audience, own_audience";

absl::string_view SqlType(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::kText:
      return "TEXT";
    case ColumnKind::kDouble:
      return "DOUBLE PRECISION";
    default:
      return "BIGINT";
  }
}

absl::string_view SortType(const ColumnInfo& info) {
  return info.collated ? "BLOB" : SqlType(info.kind);
}

// create_time is set by the store itself, so it needs no second column.
bool NeedsOwnSortColumn(const resource::Type& type, const ColumnInfo& info) {
  if (info.collated) return true;
  if (info.leaf() == type.create_time_field() || info.leaf() == type.update_time_field()) {
    return false;
  }
  return info.fields.size() > 1 || info.leaf()->has_presence();
}

Value SortValue(const ColumnInfo& info, const Message& message) {
  Value value = resource::ColumnValue(info, message);
  if (info.collated) {
    const auto* text = std::get_if<std::string>(&value);
    return resource::SortKey(text == nullptr ? "" : *text);
  }
  if (!std::holds_alternative<sql::Null>(value)) return value;
  switch (info.kind) {
    case ColumnKind::kText:
      return std::string();
    case ColumnKind::kDouble:
      return std::numeric_limits<double>::lowest();
    default:
      return std::numeric_limits<int64_t>::min();
  }
}

Value Int(int64_t value) { return value; }

void AppendVarint(uint32_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

std::string Placeholders(int count) {
  std::string text;
  for (int i = 1; i <= count; ++i) absl::StrAppend(&text, i == 1 ? "?" : ", ?", i);
  return text;
}

// Owners by field, for the table of owners.
std::vector<Value> OwnerValues(const Layout& layout, const Message& message) {
  std::vector<Value> values;
  for (std::string& owner : resource::OwnersOf(layout.type(), message)) {
    values.push_back(std::move(owner));
  }
  return values;
}

// What a resource has in one side table: a row for each key, alike otherwise.
struct Side {
  std::string table;
  std::string columns;
  std::vector<Value> keys;
  std::vector<Value> shared;  // what stands between key and name

  bool operator==(const Side&) const = default;
};

constexpr int kMerged = 2;
int DeletedColumn(const StoredRow& row) { return row.merged ? kMerged : row.deleted ? 1 : 0; }

std::vector<Side> SidesOf(const Layout& layout, const StoredRow& row) {
  std::vector<Side> sides;
  const auto add = [&](std::string table, absl::string_view key, std::vector<Value> keys,
                       const std::vector<SortColumn>& sorts) {
    Side side = {std::move(table), absl::StrCat(key, ", audience, deleted"), std::move(keys), {}};
    side.shared = {Int(row.audience), Int(DeletedColumn(row))};
    for (const SortColumn& sort : sorts) {
      absl::StrAppend(&side.columns, ", ", sort.column);
      side.shared.push_back(SortValue(*sort.info, *row.message));
    }
    sides.push_back(std::move(side));
  };
  for (const ColumnInfo& info : layout.type().columns()) {
    if (!info.repeated) continue;
    add(layout.SideTable(info), "value", resource::RepeatedColumnValues(info, *row.message),
        layout.default_sort());
  }
  if (layout.owner_path() == OwnerPath::kTable) {
    add(layout.OwnersTable(), "owner", OwnerValues(layout, *row.message), layout.sort_columns());
  }
  return sides;
}

std::string InsertStatement(const Side& side, size_t width, size_t rows) {
  std::string statement =
      absl::StrCat("INSERT INTO ", side.table, " (", side.columns, ", name) VALUES ");
  for (size_t row = 0, value = 0; row < rows; ++row) {
    for (size_t column = 0; column < width; ++column) {
      absl::StrAppend(&statement, column > 0 ? ", ?" : row > 0 ? "), (?" : "(?", ++value);
    }
  }
  return statement + ")";
}

// Several rows a statement, in powers of two: few statements, and few of them
// that differ.
absl::Status InsertSide(sql::Connection& connection, const Side& side, const Value& name) {
  constexpr size_t kRowsMax = 8;
  const size_t width = side.shared.size() + 2;
  std::vector<Value> values;
  for (size_t done = 0, rows = kRowsMax; done < side.keys.size(); done += rows) {
    while (rows > side.keys.size() - done) rows /= 2;
    values.clear();
    values.reserve(rows * width);
    for (size_t i = 0; i < rows; ++i) {
      values.push_back(side.keys[done + i]);
      values.insert(values.end(), side.shared.begin(), side.shared.end());
      values.push_back(name);
    }
    RETURN_IF_ERROR(connection.Queue(InsertStatement(side, width, rows), values));
  }
  return absl::OkStatus();
}

// Values of the main table's columns in the order of the statements.
std::vector<Value> MainValues(const Layout& layout, const StoredRow& row) {
  const resource::Type& type = layout.type();
  const Message& message = *row.message;
  std::string name = message.GetReflection()->GetString(message, type.name_field());
  std::string parent(resource::ParentOf(name));
  std::unique_ptr<Message> payload(message.New());
  payload->CopyFrom(message);
  if (type.etag_field() != nullptr) {
    payload->GetReflection()->ClearField(payload.get(), type.etag_field());
  }
  std::vector<Value> values = {std::move(name),         std::move(parent),
                               Int(row.revision),       Int(row.sequence),
                               Int(DeletedColumn(row)), Int(row.audience),
                               Int(row.own_audience),   sql::Blob{payload->SerializeAsString()}};
  for (const ColumnInfo& info : type.columns()) {
    if (!info.repeated) values.push_back(resource::ColumnValue(info, message));
  }
  for (const SortColumn& sort : layout.sort_columns()) {
    if (sort.column != sort.info->column) values.push_back(SortValue(*sort.info, message));
  }
  return values;
}

}  // namespace

Layout::Layout(const resource::Type& type) : type_(type) {
  for (const char letter : type.singular()) {
    if (absl::ascii_isupper(static_cast<unsigned char>(letter))) resource_field_ += '_';
    resource_field_ += absl::ascii_tolower(static_cast<unsigned char>(letter));
  }
  if (type.options().owners_size() == 1 && type.options().owners(0) == "name") {
    if (type.pattern().size() == 2) owner_path_ = OwnerPath::kSelf;
    if (type.pattern().size() == 4) owner_path_ = OwnerPath::kParent;
  }
  if (type.options().owners().empty()) owner_path_ = OwnerPath::kNone;
  std::vector<std::string> columns(std::begin(kFixedColumns), std::end(kFixedColumns));
  for (const ColumnInfo& info : type.columns()) {
    if (!info.repeated) columns.push_back(info.column);
    if (info.sortable) {
      const bool own = NeedsOwnSortColumn(type, info);
      sort_columns_.push_back({&info, own ? absl::StrCat(info.column, "_sort") : info.column});
    }
  }
  const auto default_order = resource::ParseOrder(type, "", "default_order");
  for (const SortColumn& sort : sort_columns_) {
    if (sort.column != sort.info->column) columns.push_back(sort.column);
    if (default_order.ok() && default_order->column == sort.info) default_sort_.push_back(sort);
  }
  select_ = absl::StrCat("SELECT ", kReadColumns, " FROM ", table(), " WHERE name = ?1");
  insert_ = absl::StrCat("INSERT INTO ", table(), " (", absl::StrJoin(columns, ", "), ") VALUES (",
                         Placeholders(static_cast<int>(columns.size())), ")");
  std::vector<std::string> sets;
  for (size_t i = 2; i < columns.size(); ++i) {
    sets.push_back(absl::StrCat(columns[i], " = ?", i + 1));
  }
  update_ = absl::StrCat("UPDATE ", table(), " SET ", absl::StrJoin(sets, ", "),
                         " WHERE name = ?1 AND parent = ?2 AND revision = ?", columns.size() + 1);
}

const std::string& Layout::SortColumnOf(const ColumnInfo& info) const {
  for (const SortColumn& sort : sort_columns_) {
    if (sort.info == &info) return sort.column;
  }
  return info.column;
}

std::string Layout::SideTable(const ColumnInfo& info) const {
  return absl::StrCat(table(), "_", info.column);
}

std::vector<Layout::ExpectedColumn> Layout::ExpectedColumns() const {
  std::vector<ExpectedColumn> expected;
  const std::string every = "every resource has it";
  for (absl::string_view column : kFixedColumns) {
    const absl::string_view sql_type = column == "payload"                      ? "BLOB"
                                       : column == "name" || column == "parent" ? "TEXT"
                                                                                : "BIGINT";
    expected.push_back({table(), std::string(column), std::string(sql_type), every});
  }
  const auto expect_side = [&](const std::string& side, absl::string_view key,
                               absl::string_view key_type, const std::vector<SortColumn>& sorts,
                               const std::string& reason) {
    expected.push_back({side, std::string(key), std::string(key_type), reason});
    expected.push_back({side, "audience", "BIGINT", reason});
    expected.push_back({side, "deleted", "BIGINT", reason});
    for (const SortColumn& sort : sorts) {
      expected.push_back({side, sort.column, std::string(SortType(*sort.info)), reason});
    }
    expected.push_back({side, "name", "TEXT", reason});
  };
  for (const ColumnInfo& info : type_.columns()) {
    const std::string reason = absl::StrCat(
        "the field ", info.path, " of ", type_.descriptor()->full_name(), " is marked as a column");
    if (info.repeated) {
      expect_side(SideTable(info), "value", SqlType(info.kind), default_sort_, reason);
    } else {
      expected.push_back({table(), info.column, std::string(SqlType(info.kind)), reason});
    }
  }
  for (const SortColumn& sort : sort_columns_) {
    if (sort.column == sort.info->column) continue;
    expected.push_back(
        {table(), sort.column, std::string(SortType(*sort.info)),
         absl::StrCat("lists of ", type_.plural(), " can be ordered by ", sort.info->path)});
  }
  if (owner_path_ == OwnerPath::kTable) {
    expect_side(OwnersTable(), "owner", "TEXT", sort_columns_,
                "the resource's owners stand in a table");
  }
  return expected;
}

bool IsMerged(const sql::Row& row) { return row.Int64(3) == kMerged; }

std::string MakeEtag(int64_t revision) { return absl::StrCat("\"", revision, "\""); }

absl::StatusOr<std::unique_ptr<Message>> ParsePayload(const resource::Type& type,
                                                      absl::string_view payload, int64_t revision) {
  std::unique_ptr<Message> message(google::protobuf::MessageFactory::generated_factory()
                                       ->GetPrototype(type.descriptor())
                                       ->New());
  if (!message->ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return status::Internal(absl::StrCat("a payload in ", type.table(), " cannot be parsed"));
  }
  if (type.etag_field() != nullptr) {
    message->GetReflection()->SetString(message.get(), type.etag_field(), MakeEtag(revision));
  }
  return message;
}

void AppendField(int number, absl::string_view value, std::string& out) {
  AppendVarint(WireFormatLite::MakeTag(number, WireFormatLite::WIRETYPE_LENGTH_DELIMITED), out);
  AppendVarint(static_cast<uint32_t>(value.size()), out);
  out.append(value.data(), value.size());
}

std::string BytesOf(const resource::Type& type, absl::string_view payload, int64_t revision) {
  std::string bytes(payload);
  if (type.etag_field() != nullptr) {
    AppendField(type.etag_field()->number(), MakeEtag(revision), bytes);
  }
  return bytes;
}

namespace {

// The first value is the name.
absl::StatusOr<std::unique_ptr<StoredRow>> ReadRowBy(const std::string& statement,
                                                     const std::vector<Value>& values,
                                                     const Layout& layout,
                                                     sql::Connection& connection, Lock lock) {
  std::string locking;
  if (connection.engine() == sql::Engine::kPostgres) {
    if (lock == Lock::kShare) locking = absl::StrCat(" FOR SHARE OF ", layout.table());
    if (lock == Lock::kUpdate) locking = absl::StrCat(" FOR UPDATE OF ", layout.table());
  }
  std::unique_ptr<StoredRow> row;
  absl::Status parsed;
  RETURN_IF_ERROR(
      connection.Query(absl::StrCat(statement, locking), values, [&](const sql::Row& result) {
        auto message = ParsePayload(layout.type(), result.Bytes(0), result.Int64(1));
        if (!message.ok()) {
          parsed = message.status();
          return false;
        }
        row = std::make_unique<StoredRow>();
        row->message = *std::move(message);
        row->revision = result.Int64(1);
        row->sequence = result.Int64(2);
        row->deleted = result.Int64(3) != 0;
        row->merged = IsMerged(result);
        row->audience = static_cast<resource::Audience>(result.Int64(4));
        row->own_audience = static_cast<resource::Audience>(result.Int64(5));
        return false;
      }));
  RETURN_IF_ERROR(parsed);
  return row;
}

// Whether one of the owners, ?2 and on, is among those of the name is found out
// before the row is looked for, so that it takes its time whether there is a row
// or not: SQLite begins with the left of a CROSS JOIN, PostgreSQL with a condition
// that is about no table.
std::string SelectIfOwned(const Layout& layout, sql::Engine engine, size_t owners,
                          absl::string_view else_if) {
  const bool sqlite = engine == sql::Engine::kSqlite;
  std::vector<std::string> places;
  for (size_t i = 0; i < owners; ++i) places.push_back(absl::StrCat("?", i + 2));
  // The plus keeps SQLite from walking all rows of an owner.
  return absl::StrCat(
      "WITH mine(own) AS MATERIALIZED (SELECT EXISTS (SELECT 1 FROM ", layout.OwnersTable(),
      " o WHERE o.name = ?1 AND ", sqlite ? "+" : "", "o.owner IN (", absl::StrJoin(places, ", "),
      "))) SELECT ", kReadColumns, " FROM ", sqlite ? "mine CROSS JOIN " : "", layout.table(),
      " WHERE name = ?1 AND ", sqlite ? "" : "(SELECT own FROM mine) IS NOT NULL AND ", "(",
      sqlite ? "own" : "(SELECT own FROM mine)", " OR ", else_if, ")");
}

}  // namespace

absl::StatusOr<std::unique_ptr<StoredRow>> ReadRow(const Layout& layout,
                                                   sql::Connection& connection,
                                                   absl::string_view name, Lock lock) {
  return ReadRowBy(layout.select_statement(), {std::string(name)}, layout, connection, lock);
}

absl::StatusOr<std::unique_ptr<StoredRow>> ReadVisibleRow(const Layout& layout,
                                                          const call::Caller& caller,
                                                          sql::Connection& connection,
                                                          absl::string_view name, Lock lock) {
  if (caller.administrator || OwnsByName(layout, caller.organizations, name)) {
    return ReadRow(layout, connection, name, lock);
  }
  const std::string seen =
      absl::StrCat("deleted = 0 AND audience >= ", static_cast<int>(resource::LevelOf(caller)));
  std::vector<Value> values = {std::string(name)};
  if (layout.owner_path() != OwnerPath::kTable || caller.organizations.empty()) {
    return ReadRowBy(absl::StrCat(layout.select_statement(), " AND ", seen), values, layout,
                     connection, lock);
  }
  values.insert(values.end(), caller.organizations.begin(), caller.organizations.end());
  return ReadRowBy(SelectIfOwned(layout, connection.engine(), caller.organizations.size(), seen),
                   values, layout, connection, lock);
}

bool OwnsByName(const Layout& layout, const std::vector<std::string>& owners,
                absl::string_view name) {
  if (layout.owner_path() != OwnerPath::kSelf && layout.owner_path() != OwnerPath::kParent) {
    return false;
  }
  const absl::string_view owner = resource::OwnerOf(name);
  return std::any_of(owners.begin(), owners.end(),
                     [&](const std::string& own) { return own == owner; });
}

absl::Status InsertRow(const Layout& layout, sql::Connection& connection, const StoredRow& row) {
  const std::vector<Value> values = MainValues(layout, row);
  const auto explain = [&type = layout.type(), name = std::get<std::string>(values[0])](
                           const absl::Status& error) -> absl::Status {
    return absl::IsAlreadyExists(error) ? status::AlreadyExists(type.type(), name) : error;
  };
  RETURN_IF_ERROR(connection.Queue(layout.insert_statement(), values, explain));
  for (const Side& side : SidesOf(layout, row)) {
    RETURN_IF_ERROR(InsertSide(connection, side, values[0]));
  }
  return absl::OkStatus();
}

absl::Status UpdateRow(const Layout& layout, sql::Connection& connection, const StoredRow& before,
                       const StoredRow& after) {
  std::vector<Value> values = MainValues(layout, after);
  const Value name = values[0];
  values.push_back(Int(before.revision));
  ASSIGN_OR_RETURN(const int64_t changed, connection.Execute(layout.update_statement(), values));
  if (changed != 1) {
    return status::Aborted("CONCURRENT_UPDATE", "another write came first; read it and try again");
  }
  const std::vector<Side> old_sides = SidesOf(layout, before);
  const std::vector<Side> new_sides = SidesOf(layout, after);
  for (size_t i = 0; i < new_sides.size(); ++i) {
    if (old_sides[i] == new_sides[i]) continue;
    RETURN_IF_ERROR(connection.Queue(
        absl::StrCat("DELETE FROM ", new_sides[i].table, " WHERE name = ?1"), {name}));
    RETURN_IF_ERROR(InsertSide(connection, new_sides[i], name));
  }
  return absl::OkStatus();
}

absl::Status MarkMerged(const Layout& layout, sql::Connection& connection, const std::string& name,
                        bool merged) {
  const auto mark = [&](const std::string& table) {
    return connection.Queue(absl::StrCat("UPDATE ", table, " SET deleted = ?2 WHERE name = ?1"),
                            {name, Int(merged ? kMerged : 0)});
  };
  RETURN_IF_ERROR(mark(layout.table()));
  for (const ColumnInfo& info : layout.type().columns()) {
    if (info.repeated) RETURN_IF_ERROR(mark(layout.SideTable(info)));
  }
  return layout.owner_path() == OwnerPath::kTable ? mark(layout.OwnersTable()) : absl::OkStatus();
}

absl::Status DeleteRow(const Layout& layout, sql::Connection& connection, const StoredRow& row) {
  const Value name = MainValues(layout, row)[0];
  const auto delete_from = [&](const std::string& table) {
    return connection.Queue(absl::StrCat("DELETE FROM ", table, " WHERE name = ?1"), {name});
  };
  for (const Side& side : SidesOf(layout, row)) RETURN_IF_ERROR(delete_from(side.table));
  return delete_from(layout.table());
}

absl::Status InsertOwners(const Layout& layout, sql::Connection& connection, const StoredRow& row) {
  const Value name = MainValues(layout, row)[0];
  for (const Side& side : SidesOf(layout, row)) {
    if (side.table == layout.OwnersTable()) RETURN_IF_ERROR(InsertSide(connection, side, name));
  }
  return absl::OkStatus();
}

absl::Status UpdateAudienceBelow(const Layout& layout, sql::Connection& connection,
                                 absl::string_view parent, resource::Audience audience) {
  const std::vector<Value> values = {std::string(parent), Int(audience)};
  // Narrower is smaller.
  RETURN_IF_ERROR(
      connection
          .Execute(absl::StrCat("UPDATE ", layout.table(),
                                " SET audience = CASE WHEN own_audience < ?2 THEN "
                                "own_audience ELSE ?2 END WHERE parent = ?1 AND audience <> "
                                "CASE WHEN own_audience < ?2 THEN own_audience ELSE "
                                "?2 END"),
                   values)
          .status());
  const auto update_side = [&](const std::string& side) {
    return connection
        .Execute(
            absl::Substitute("UPDATE $0 SET audience = (SELECT m.audience FROM $1 m WHERE m.name = "
                             "$0.name) WHERE name IN (SELECT name FROM $1 WHERE parent = ?1)",
                             side, layout.table()),
            {std::string(parent)})
        .status();
  };
  for (const ColumnInfo& info : layout.type().columns()) {
    if (info.repeated) RETURN_IF_ERROR(update_side(layout.SideTable(info)));
  }
  if (layout.owner_path() == OwnerPath::kTable) {
    RETURN_IF_ERROR(update_side(layout.OwnersTable()));
  }
  return absl::OkStatus();
}

}  // namespace mostove::store
