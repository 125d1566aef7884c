// Two services of the test protos, each with a database of its own, that reach
// each other as services of one process do: the catalog (organizations and
// shelves) and lending (readers and cards, which refer to them).
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "libs/references/references.h"
#include "libs/rpc/invoker.h"
#include "libs/store/collection.h"
#include "libs/testing/databases.h"
#include "libs/testing/matchers.h"
#include "mostove/lending/v1/lending.pb.h"
#include "mostove/testing/v1/catalog_service.pb.h"
#include "mostove/testing/v1/shelf.pb.h"

namespace mostove::references {

namespace catalog = ::mostove::testing::v1;
namespace lending = ::mostove::lending::v1;
using ::mostove::testing::HasMessage;
using ::mostove::testing::HasReason;
using ::mostove::testing::HasViolation;
using ::mostove::testing::IsOk;
using ::mostove::testing::IsOkAndHolds;
using ::mostove::testing::StatusIs;

// Passes calls on, counts them, and can be away.
class Line : public rpc::Invoker {
 public:
  explicit Line(rpc::Invoker* invoker = nullptr) : invoker_(invoker) {}
  void Connect(rpc::Invoker* invoker) { invoker_ = invoker; }

  std::vector<const google::protobuf::ServiceDescriptor*> services() const override {
    return invoker_->services();
  }
  void Invoke(const google::protobuf::MethodDescriptor* method, call::Call call,
              call::MessagePtr request, rpc::Done done) override;

  // What is done to a call before it goes on; an error answers it.
  std::function<absl::Status(const google::protobuf::MethodDescriptor*)> before;
  std::atomic<int> checks = 0;  // CheckReferences that went through

 private:
  rpc::Invoker* invoker_;
};

class ReferencesTest : public ::mostove::testing::DatabaseTest {
 protected:
  void SetUp() override;
  void TearDown() override;

  struct Process {
    std::unique_ptr<sql::Database> database;
    std::unique_ptr<References> references;
    std::unique_ptr<store::Store> store;
  };
  void RestartLending();
  // Connects the two; questions are answered by so many threads.
  void Serve(int threads = 4);
  // As another copy of the service has it, on the same database.
  std::unique_ptr<References> AnotherLendingReader();

  static call::Call Administrator();
  static call::Call Anonymous();

  // Writes; the text is a message of the test protos.
  static absl::StatusOr<call::MessagePtr> Create(const Process& process, const call::Call& call,
                                                 const std::string& parent, const std::string& id,
                                                 const google::protobuf::Message& resource);
  template <class Resource>
  static absl::StatusOr<Resource> Create(const Process& process, const std::string& id,
                                         const std::string& text) {
    Resource resource;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &resource)) << text;
    auto created = Create(process, Administrator(), "", id, resource);
    if (!created.ok()) return created.status();
    return static_cast<const Resource&>(**created);
  }
  template <class Resource>
  static absl::StatusOr<Resource> Get(const Process& process, const std::string& name) {
    auto found = process.store->ByName(name)->Get(Administrator(), name);
    if (!found.ok()) return found.status();
    return static_cast<const Resource&>(**found);
  }
  static absl::Status Update(const Process& process, const google::protobuf::Message& patch,
                             const call::Call& call = Administrator());
  static absl::Status Delete(const Process& process, const std::string& name,
                             const call::Call& call = Administrator());
  static absl::Status Undelete(const Process& process, const std::string& name);

  void AddOrganization(const std::string& id, catalog::State state = catalog::LISTED);
  void AddShelf(const std::string& organization, const std::string& id);

  // As if a referrer came between the questions to the others and the deletion.
  absl::Status DeleteUnasked(const std::string& name);
  // Those of the first 1,000 changes of a service's log that concern the resource.
  static std::vector<changes::v1::Change> LogOf(const Process& process, const std::string& name);

  // Reads all logs to their ends.
  static void CatchUp(const Process& process);

  Line peers_;  // from anywhere to both services
  Process catalog_;
  Process lending_;

 private:
  std::unique_ptr<References> MakeReferences(const std::string& service);
  Process OpenProcess(const std::string& url, const std::string& service, const std::string& name,
                      const std::vector<store::CollectionSpec>& collections);
  Process OpenCatalog();
  Process OpenLending();

  std::unique_ptr<::mostove::testing::FreshDatabase> lending_database_;
  std::unique_ptr<store::Store> unasked_;  // the catalog's, without others to ask
  std::unique_ptr<rpc::WorkerPool> pool_;
  std::vector<std::unique_ptr<const rpc::ServiceTable>> tables_;
  std::unique_ptr<rpc::Invoker> local_;
};

}  // namespace mostove::references
