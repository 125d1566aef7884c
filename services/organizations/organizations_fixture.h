// The service on each engine, with its own RPCs in text format.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "libs/service/service_fixture.h"
#include "mostove/organizations/v1/organization.pb.h"
#include "services/organizations/definition.h"

namespace mostove::organizations {

class OrganizationsTest : public service::ServiceTest {
 protected:
  void SetUp() override {
    Open(Define());
    for (const char* id : {"a", "b", "c"}) {
      ASSERT_THAT(Create<v1::Organization>("", id, R"(legal_name: "Sdruzhenie" state: LISTED
          kind: LOCAL seat { country_code: "BG" area { scheme: ISO3166_2 code: "BG-05" } })"),
                  ::mostove::testing::IsOk());
    }
  }

  template <class Response>
  absl::StatusOr<Response> Call(const std::string& method, const std::string& request,
                                const call::Caller& caller = Administrator()) {
    const rpc::Method* found = service().table().Find(method);
    if (found == nullptr) return absl::InternalError("the service has no method " + method);
    call::MessagePtr message(found->request->New());
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(request, message.get())) << request;
    call::Call call;
    call.caller = caller;
    call.deadline = absl::Now() + absl::Minutes(10);  // no test fails on time
    call.request_id = "test-request";
    call.clock = [this] { return now_; };
    auto answer = service().table().Run(*found, std::move(call), std::move(message));
    if (!answer.ok()) return std::move(answer).status();
    return static_cast<const Response&>(**answer);
  }

  absl::Status Execute(const std::string& statement) {
    return database().Write(absl::InfiniteFuture(), [&](sql::Transaction& transaction) {
      return transaction.connection().Execute(statement, {}).status();
    });
  }

  absl::Time now_ = absl::FromUnixSeconds(1'796'000'000);  // 2026-11-29
  const call::Caller owner_ = MemberOf({"organizations/a"});
  const call::Caller other_ = MemberOf({"organizations/b"});
};

}  // namespace mostove::organizations
