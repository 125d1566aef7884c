#include "libs/references/references_fixture.h"

#include "absl/strings/str_cat.h"
#include "libs/resource/visibility.h"
#include "libs/store/log_entry.h"
#include "libs/store/schema.h"
#include "libs/store/standard_methods.h"

namespace mostove::references {
namespace {

using google::protobuf::Message;

constexpr char kCatalog[] = "mostove.testing.v1.CatalogService";
constexpr char kLending[] = "mostove.lending.v1.LendingService";

std::vector<sql::Migration> SchemaOf(const std::vector<store::CollectionSpec>& collections) {
  std::vector<sql::Migration> migrations;
  for (const store::CollectionSpec& spec : collections) {
    const auto script = store::SchemaScript(store::Layout(*resource::TypeOf(spec.descriptor)));
    EXPECT_THAT(script, IsOk());
    migrations.push_back(
        {static_cast<int>(migrations.size()) + 1, spec.descriptor->name(), script.value_or("")});
  }
  return migrations;
}

std::vector<store::CollectionSpec> CatalogCollections() {
  store::Rules by_state;
  by_state.audience = [](const Message& message) {
    return static_cast<const catalog::Organization&>(message).state() == catalog::LISTED
               ? resource::v1::PUBLIC
               : resource::v1::OWNER;
  };
  return {{catalog::Organization::descriptor(), by_state}, {catalog::Shelf::descriptor(), {}}};
}

std::vector<store::CollectionSpec> LendingCollections() {
  store::Rules open;
  open.audience = [](const Message&) { return resource::v1::PUBLIC; };
  store::Rules but_for_followers;
  but_for_followers.audience = [](const Message& message) {
    return static_cast<const lending::Card&>(message).follows().empty() ? resource::v1::PUBLIC
                                                                        : resource::v1::OWNER;
  };
  return {{lending::Reader::descriptor(), open}, {lending::Card::descriptor(), but_for_followers}};
}

}  // namespace

void Line::Invoke(const google::protobuf::MethodDescriptor* method, call::Call call,
                  call::MessagePtr request, rpc::Done done) {
  const absl::Status refused = before ? before(method) : absl::OkStatus();
  if (!refused.ok()) return done(refused);
  if (method->name() == "CheckReferences") ++checks;
  invoker_->Invoke(method, std::move(call), std::move(request), std::move(done));
}

void ReferencesTest::SetUp() {
  DatabaseTest::SetUp();
  auto fresh = ::mostove::testing::FreshDatabase::Make(engine());
  ASSERT_THAT(fresh, IsOk());
  lending_database_ = *std::move(fresh);
  Close();
  catalog_ = OpenCatalog();
  lending_ = OpenLending();
  ASSERT_NE(catalog_.store, nullptr);
  const auto collections = CatalogCollections();
  auto unasked = store::Store::Open({.database = catalog_.database.get(),
                                     .service = "catalog",
                                     .migrations = SchemaOf(collections),
                                     .collections = collections});
  ASSERT_THAT(unasked, IsOk());
  unasked_ = *std::move(unasked);
  ASSERT_NE(lending_.store, nullptr);
  Serve();
}

void ReferencesTest::TearDown() {
  pool_.reset();
  unasked_.reset();
  for (Process* process : {&lending_, &catalog_}) {
    if (process->references != nullptr) process->references->Stop();
    process->store.reset();
    process->references.reset();
    process->database.reset();
  }
}

std::unique_ptr<References> ReferencesTest::MakeReferences(const std::string& service) {
  auto references = References::Make({.service = service,
                                      .services = {kCatalog, kLending},
                                      .peers = &peers_,
                                      .cache_time = absl::Minutes(10),  // no test fails on time
                                      .interval = absl::Milliseconds(5)});
  EXPECT_THAT(references, IsOk());
  return references.ok() ? *std::move(references) : nullptr;
}

ReferencesTest::Process ReferencesTest::OpenProcess(
    const std::string& url, const std::string& service, const std::string& name,
    const std::vector<store::CollectionSpec>& collections) {
  Process process;
  auto database = sql::Database::Open({.url = url});
  EXPECT_THAT(database, IsOk());
  process.references = MakeReferences(service);
  if (!database.ok() || process.references == nullptr) return process;
  process.database = *std::move(database);
  auto store = store::Store::Open({.database = process.database.get(),
                                   .service = name,
                                   .migrations = SchemaOf(collections),
                                   .collections = collections,
                                   .references = process.references.get()});
  EXPECT_THAT(store, IsOk());
  if (!store.ok()) return process;
  process.store = *std::move(store);
  EXPECT_THAT(process.references->Open(*process.store), IsOk());
  return process;
}

ReferencesTest::Process ReferencesTest::OpenCatalog() {
  return OpenProcess(url(), kCatalog, "catalog", CatalogCollections());
}

ReferencesTest::Process ReferencesTest::OpenLending() {
  return OpenProcess(lending_database_->url(), kLending, "lending", LendingCollections());
}

std::unique_ptr<References> ReferencesTest::AnotherLendingReader() {
  auto references = MakeReferences(kLending);
  if (references == nullptr) return nullptr;
  EXPECT_THAT(references->Open(*lending_.store), IsOk());
  return references;
}

void ReferencesTest::Serve(int threads) {
  pool_.reset();
  local_.reset();
  tables_.clear();
  pool_ = rpc::WorkerPool::Start({.threads = threads});
  std::vector<const rpc::ServiceTable*> tables;
  for (const auto& [service, process] : {std::pair(kCatalog, &catalog_), {kLending, &lending_}}) {
    const auto* descriptor =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(service);
    auto methods = store::StandardMethods(descriptor, *process->store);
    ASSERT_THAT(methods, IsOk());
    auto table = rpc::ServiceTable::Bind(service, *std::move(methods), {}, {});
    ASSERT_THAT(table, IsOk());
    tables_.push_back(*std::move(table));
    tables.push_back(tables_.back().get());
  }
  local_ = rpc::MakeLocalInvoker(tables, pool_.get());
  peers_.Connect(local_.get());
}

void ReferencesTest::RestartLending() {
  pool_.reset();  // nobody asks it meanwhile
  lending_.references->Stop();
  lending_.store.reset();
  lending_.references.reset();
  lending_.database.reset();
  lending_ = OpenLending();
  ASSERT_NE(lending_.store, nullptr);
  Serve();
}

call::Call ReferencesTest::Administrator() {
  call::Call call;
  call.caller = call::LocalAdministrator();
  call.deadline = absl::Now() + absl::Minutes(10);  // no test fails on time
  call.request_id = "test-request";
  return call;
}

call::Call ReferencesTest::Anonymous() {
  call::Call call = Administrator();
  call.caller = {};
  return call;
}

absl::StatusOr<call::MessagePtr> ReferencesTest::Create(const Process& process,
                                                        const call::Call& call,
                                                        const std::string& parent,
                                                        const std::string& id,
                                                        const Message& resource) {
  return process.store->ByDescriptor(resource.GetDescriptor())
      ->Create(call, {parent, id, &resource}, false);
}

absl::Status ReferencesTest::Update(const Process& process, const Message& patch,
                                    const call::Call& call) {
  return process.store->ByDescriptor(patch.GetDescriptor())
      ->Update(call, patch, {}, false, false)
      .status();
}

absl::Status ReferencesTest::Delete(const Process& process, const std::string& name,
                                    const call::Call& call) {
  return process.store->ByName(name)->Delete(call, name, "", false, false).status();
}

absl::Status ReferencesTest::Undelete(const Process& process, const std::string& name) {
  return process.store->ByName(name)->Undelete(Administrator(), name, "", false).status();
}

void ReferencesTest::AddOrganization(const std::string& id, catalog::State state) {
  catalog::Organization organization;
  organization.set_title(id);
  organization.set_state(state);
  ASSERT_THAT(Create(catalog_, Administrator(), "", id, organization), IsOk());
}

void ReferencesTest::AddShelf(const std::string& organization, const std::string& id) {
  catalog::Shelf shelf;
  shelf.set_title(id);
  ASSERT_THAT(
      Create(catalog_, Administrator(), absl::StrCat("organizations/", organization), id, shelf),
      IsOk());
}

absl::Status ReferencesTest::DeleteUnasked(const std::string& name) {
  return unasked_->ByName(name)->Delete(Administrator(), name, "", false, false).status();
}

std::vector<changes::v1::Change> ReferencesTest::LogOf(const Process& process,
                                                       const std::string& name) {
  changes::v1::ListChangesRequest request;
  request.set_page_size(1000);
  const auto page = store::ListChanges(*process.store, Administrator(), request);
  EXPECT_THAT(page, IsOk());
  std::vector<changes::v1::Change> changes;
  for (const auto& change : page->changes()) {
    if (change.resource_name() == name) changes.push_back(change);
  }
  return changes;
}

void ReferencesTest::CatchUp(const Process& process) {
  for (follower::Follower* follower : process.references->followers()) {
    for (int steps = 0;; ++steps) {
      ASSERT_LT(steps, 1000) << "the log does not end";
      const auto more = follower->Step();
      ASSERT_THAT(more, IsOk());
      if (!*more) break;
    }
  }
}

}  // namespace mostove::references
