#include "libs/rpc/health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "grpc/health/v1/health.pb.h"
#include "libs/testing/matchers.h"

namespace mostove::rpc {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using testing::StatusIs;

class HealthTest : public ::testing::Test {
 protected:
  static call::MessagePtr Ask(const std::string& service) {
    auto request = std::make_unique<HealthCheckRequest>();
    request->set_service(service);
    return request;
  }
  static int Status(const absl::StatusOr<call::MessagePtr>& answer) {
    if (!answer.ok() || *answer == nullptr) return -1;
    return static_cast<const HealthCheckResponse&>(**answer).status();
  }
  absl::StatusOr<call::MessagePtr> Check(const std::string& service) {
    return table_->Run(*table_->Find("Check"), {}, Ask(service));
  }

  Health health_;
  std::unique_ptr<const ServiceTable> table_ = health_.Table(nullptr);
};

TEST_F(HealthTest, EverybodyMayCheckAndItIsInline) {
  health_.SetServing("", true);
  EXPECT_EQ(Status(Check("")), HealthCheckResponse::SERVING);
  EXPECT_TRUE(table_->Find("Check")->runs_inline);
}

TEST_F(HealthTest, AServiceThatWasNeverSetIsNotFound) {
  EXPECT_THAT(Check("none"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(HealthTest, WatchTellsTheStateAndItsChangesOnly) {
  auto stream = table_->Open(*table_->Find("Watch"), {}, Ask("a"));
  ASSERT_TRUE(stream.ok());
  int woken = 0;
  const auto next = [&] { return Status((*stream)->Next([&] { ++woken; })); };
  EXPECT_EQ(next(), HealthCheckResponse::SERVICE_UNKNOWN);
  EXPECT_EQ(next(), -1) << "no change, no message";
  health_.SetServing("a", true);
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(next(), HealthCheckResponse::SERVING);
  EXPECT_EQ(next(), -1);
  health_.SetServing("b", true);
  EXPECT_EQ(next(), -1) << "another service";
  health_.SetNothingServing();
  EXPECT_EQ(next(), HealthCheckResponse::NOT_SERVING);
}

TEST_F(HealthTest, AWatcherThatLeftIsNotWoken) {
  int woken = 0;
  {
    auto stream = table_->Open(*table_->Find("Watch"), {}, Ask("a"));
    ASSERT_TRUE(stream.ok());
    EXPECT_EQ(Status((*stream)->Next([&] { ++woken; })), HealthCheckResponse::SERVICE_UNKNOWN);
    EXPECT_EQ(Status((*stream)->Next([&] { ++woken; })), -1);
  }
  health_.SetServing("a", true);
  EXPECT_EQ(woken, 0);
}

}  // namespace
}  // namespace mostove::rpc
