#include "libs/store/store_fixture.h"

#include "libs/store/schema.h"

namespace mostove::store {

std::string SchemaFor(const google::protobuf::Descriptor* descriptor) {
  const auto script = SchemaScript(Layout(*resource::TypeOf(descriptor)));
  EXPECT_THAT(script, IsOk());
  return script.value_or("");
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
  call.caller = {.name = "users/member",
                 .network = true,
                 .organizations = organizations,
                 .acts_for = std::move(organizations)};
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
