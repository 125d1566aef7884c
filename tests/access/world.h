// All services in this process, with records of every kind in every case.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "libs/service/host.h"
#include "libs/testing/databases.h"
#include "libs/testing/temporary_folder.h"
#include "tests/access/recorded_database.h"
#include "tests/access/rules.h"

namespace mostove::access {

// A type of resource, and how to make one. In the texts $c stands for the id of
// the case and $u for its UUID, $p and $s for its publication and state.
struct Kind {
  std::string type;     // "Grant"
  std::string service;  // "Funding"
  std::string parent;   // the type above it: "Program"; ""
  std::string row;      // of the record that is there
  std::string create;   // of one more; "": as `row`
  std::string update;   // of the record, beside its name
  bool uuids = false;   // its names have them

  const google::protobuf::Descriptor* descriptor = nullptr;
};
const std::vector<Kind>& Kinds();  // parents and what is referred to first
const Kind* FindKind(const std::string& type);
std::string NameOf(const Kind& kind, Case which);    // "programs/own/sessions/own"
std::string ParentOf(const Kind& kind, Case which);  // "programs/own"; ""

// The RPC of the rule.
const google::protobuf::MethodDescriptor* MethodOf(const Rule& rule);
// A request that does what the rule says with the record; writes only try.
call::MessagePtr RequestOf(const Rule& rule, const Kind& kind, Case which);

// What makes the record.
call::MessagePtr CreationOf(const Kind& kind, Case which);

// The types of resources that the rule is tried on.
std::vector<const Kind*> KindsOf(const Rule& rule);
// What an answer is worth, however it came.
Answer AnswerOf(const Rule& rule, absl::StatusCode code, const std::string& reason);

class World {
 public:
  // `statements` (may be null) gets what the databases run.
  static std::unique_ptr<World> Make(sql::Engine engine, Statements* statements = nullptr);
  ~World();

  const rpc::ServiceTable& TableOf(const google::protobuf::ServiceDescriptor* service) const;
  absl::StatusOr<call::MessagePtr> Run(const google::protobuf::MethodDescriptor* method,
                                       const call::Caller& caller,
                                       const google::protobuf::Message& request,
                                       const std::string& idempotency_key = "") const;
  absl::Status Open(const google::protobuf::MethodDescriptor* method, const call::Caller& caller,
                    const google::protobuf::Message& request) const;

  // As an administrator.
  void Add(const google::protobuf::Message& creation) const;

 private:
  World() = default;

  std::unique_ptr<testing::TemporaryFolder> folder_;
  std::map<std::string, std::unique_ptr<testing::FreshDatabase>> databases_;  // by service
  std::unique_ptr<service::Host> host_;
};

}  // namespace mostove::access
