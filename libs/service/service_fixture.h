// A service on each engine, called through its table in text format: for the
// tests of services.
//
//   class FundingTest : public service::ServiceTest {
//    protected:
//     void SetUp() override { Open(Define()); }
//   };
//   INSTANTIATE_ON_BOTH_ENGINES(FundingTest);
//   TEST_P(FundingTest, ...) { EXPECT_THAT(Create<v1::Donor>("", "x", R"(...)"), IsOk()); }
//
// Organizations are known without their service: all that are well named, but
// for "organizations/missing".
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "libs/service/service.h"
#include "libs/testing/databases.h"
#include "libs/testing/matchers.h"

namespace mostove::service {

class ServiceTest : public ::mostove::testing::DatabaseTest {
 protected:
  ServiceTest();
  ~ServiceTest() override;

  void Open(Definition definition);
  // Opens the service again on the same database, as a new process would.
  void Restart(Definition definition);

  static call::Caller Administrator();
  // An administrator of the organizations.
  static call::Caller MemberOf(std::vector<std::string> organizations = {});
  static call::Caller Anonymous() { return {}; }

  template <class Resource>
  absl::StatusOr<Resource> Create(const std::string& parent, const std::string& id,
                                  const std::string& text,
                                  const call::Caller& caller = Administrator()) {
    return As<Resource>(Create(Resource::descriptor(), parent, id, text, caller));
  }
  // Changes the fields that the text has.
  template <class Resource>
  absl::StatusOr<Resource> Update(const std::string& name, const std::string& text,
                                  const call::Caller& caller = Administrator()) {
    return As<Resource>(Update(Resource::descriptor(), name, text, caller));
  }
  // "Get", "Delete" or "Undelete".
  template <class Resource>
  absl::StatusOr<Resource> Do(const std::string& verb, const std::string& name,
                              const call::Caller& caller = Administrator()) {
    return As<Resource>(ByName(verb, Resource::descriptor(), name, caller));
  }
  // Names on the first page.
  template <class Resource>
  std::vector<std::string> List(const std::string& parent, const std::string& filter,
                                const call::Caller& caller = Administrator()) {
    return List(Resource::descriptor(), parent, filter, caller);
  }

  // Every list of every resource walks an index.
  void ExpectSchemaServesLists();

  const Service& service() const { return *service_; }

 private:
  class KnownOrganizations;

  template <class Resource>
  static absl::StatusOr<Resource> As(absl::StatusOr<call::MessagePtr> message) {
    if (!message.ok()) return message.status();
    return static_cast<const Resource&>(**message);
  }
  absl::StatusOr<call::MessagePtr> Create(const google::protobuf::Descriptor* type,
                                          const std::string& parent, const std::string& id,
                                          const std::string& text, const call::Caller& caller);
  absl::StatusOr<call::MessagePtr> Update(const google::protobuf::Descriptor* type,
                                          const std::string& name, const std::string& text,
                                          const call::Caller& caller);
  absl::StatusOr<call::MessagePtr> ByName(const std::string& verb,
                                          const google::protobuf::Descriptor* type,
                                          const std::string& name, const call::Caller& caller);
  std::vector<std::string> List(const google::protobuf::Descriptor* type, const std::string& parent,
                                const std::string& filter, const call::Caller& caller);
  absl::StatusOr<call::MessagePtr> Run(const std::string& method, const std::string& request,
                                       const call::Caller& caller);
  // What requests call the resource: "policy_process".
  const std::string& FieldOf(const google::protobuf::Descriptor* type) const;

  std::unique_ptr<KnownOrganizations> organizations_;
  std::unique_ptr<Service> service_;
};

}  // namespace mostove::service
