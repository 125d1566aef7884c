#include "libs/store/store_fixture.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/resource/order.h"

namespace mostove::store {
namespace {

using Texts = std::vector<std::string>;

// An index per order, below each key that lists start from.
std::string IndexesFor(const std::string& table, const Texts& keys, const Texts& orders) {
  std::string script;
  int number = 0;
  for (const std::string& key : keys) {
    for (const std::string& order : orders) {
      absl::StrAppend(&script, "CREATE INDEX ", table, "_", key, number++, " ON ", table, " (", key,
                      key.empty() ? "" : ", ", "audience, deleted, ", order, ");\n");
    }
  }
  return script;
}

std::string IndexesFor(const Layout& layout, const Texts& side_tables) {
  Texts orders = {"name"};
  for (const SortColumn& sort : layout.sort_columns()) orders.push_back(sort.column + ", name");
  std::string script = IndexesFor(layout.table(), {"", "parent"}, orders);
  for (const std::string& table : side_tables) {
    const bool of_owners = table == layout.OwnersTable();
    script += IndexesFor(table, {of_owners ? "owner" : "value"}, orders);
    absl::StrAppend(&script, "CREATE INDEX ", table, "_of ON ", table, " (name);\n");
  }
  // Equalities are served in the default order only.
  const auto order = resource::ParseOrder(layout.type(), "", "order_by");
  if (order.value().column != nullptr) {
    orders = {layout.SortColumnOf(*order->column) + ", name"};
  } else {
    orders = {"name"};
  }
  for (const resource::ColumnInfo& column : layout.type().columns()) {
    if (column.indexed) script += IndexesFor(layout.table(), {column.column}, orders);
  }
  return script;
}

}  // namespace

std::string SchemaFor(const google::protobuf::Descriptor* descriptor) {
  const Layout layout(*resource::TypeOf(descriptor));
  std::map<std::string, Texts> tables;
  for (const Layout::ExpectedColumn& column : layout.ExpectedColumns()) {
    const bool key = column.table == layout.table() && column.column == "name";
    tables[column.table].push_back(
        absl::StrCat(column.column, " ", column.type, key ? " NOT NULL PRIMARY KEY" : ""));
  }
  std::string script;
  Texts side_tables;
  for (const auto& [table, columns] : tables) {
    absl::StrAppend(&script, "CREATE TABLE ", table, " (", absl::StrJoin(columns, ", "), ");\n");
    if (table != layout.table()) side_tables.push_back(table);
  }
  return script + IndexesFor(layout, side_tables);
}

void StoreTest::SetUp() {
  DatabaseTest::SetUp();
  store_ = OpenStore();
  ASSERT_NE(store_, nullptr);
}

std::unique_ptr<Store> StoreTest::OpenStore() {
  const auto by_state = [](const google::protobuf::Message& message) {
    switch (static_cast<const pb::Organization&>(message).state()) {
      case pb::LISTED:
        return resource::v1::PUBLIC;
      case pb::ARCHIVED:
        return resource::v1::NETWORK;
      default:
        return resource::v1::OWNER;
    }
  };
  const auto shelf_by_state = [](const google::protobuf::Message& message) {
    return static_cast<const pb::Shelf&>(message).state() == pb::DRAFT ? resource::v1::OWNER
                                                                       : resource::v1::PUBLIC;
  };
  auto store =
      Store::Open({.database = &database(),
                   .service = "testing",
                   .migrations = {{1, "organizations", SchemaFor(pb::Organization::descriptor())},
                                  {2, "shelves", SchemaFor(pb::Shelf::descriptor())},
                                  {3, "loans", SchemaFor(pb::Loan::descriptor())}},
                   .collections = {{pb::Organization::descriptor(), {.audience = by_state}},
                                   {pb::Shelf::descriptor(), {.audience = shelf_by_state}},
                                   {pb::Loan::descriptor(), {}}}});
  EXPECT_THAT(store, IsOk());
  return store.ok() ? *std::move(store) : nullptr;
}

Call StoreTest::Administrator() {
  Call call;
  call.caller = call::LocalAdministrator();
  call.deadline = absl::Now() + absl::Minutes(10);  // no test fails on time
  call.request_id = "test-request";
  call.method = "test";
  return call;
}

Call StoreTest::Anonymous() {
  Call call = Administrator();
  call.caller = {};
  return call;
}

Call StoreTest::Member(std::vector<std::string> organizations) {
  Call call = Administrator();
  call.caller = {
      .name = "users/member", .network = true, .organizations = std::move(organizations)};
  return call;
}

void StoreTest::AddOrganization(const std::string& id, pb::State state) {
  pb::Organization organization;
  organization.set_title(id);
  organization.set_state(state);
  ASSERT_THAT(organizations().Create(Administrator(), {"", id, &organization}, false), IsOk());
}

absl::StatusOr<pb::Shelf> StoreTest::AddShelf(const Call& call, const std::string& organization,
                                              const std::string& id, const std::string& text) {
  const pb::Shelf shelf = Text<pb::Shelf>(text);
  return As<pb::Shelf>(
      shelves().Create(call, {"organizations/" + organization, id, &shelf}, false));
}

std::vector<std::string> StoreTest::Names(const ListPage& page) {
  std::vector<std::string> names;
  for (const MessagePtr& message : page.resources) {
    const auto* field = message->GetDescriptor()->FindFieldByName("name");
    names.push_back(message->GetReflection()->GetString(*message, field));
  }
  return names;
}

absl::StatusOr<std::vector<std::string>> StoreTest::Walk(const Collection& collection,
                                                         const Call& call,
                                                         ListRequest request) const {
  std::vector<std::string> names;
  for (int pages = 0; pages < 10000; ++pages) {
    auto page = collection.List(call, request);
    if (!page.ok()) return page.status();
    EXPECT_LE(page->rows_examined, kRowsExaminedMax);
    for (std::string& name : Names(*page)) names.push_back(std::move(name));
    if (page->next_page_token.empty()) return names;
    request.page_token = page->next_page_token;
  }
  return absl::InternalError("the list does not end");
}

}  // namespace mostove::store
