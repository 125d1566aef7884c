#include "libs/service/operations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/http/client.h"
#include "libs/testing/matchers.h"

namespace mostove::service {
namespace {

using ::mostove::testing::IsOk;
using ::testing::HasSubstr;

class OperationsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto socket = listen::Open("127.0.0.1:0");
    ASSERT_THAT(socket, IsOk());
    address_ = socket->Address();
    auto server = ServeOperations(*std::move(socket), *metrics_, [this] { return ready_; });
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
  }

  http::ClientResponse Ask(const std::string& method, const std::string& target) {
    http::Client client(*http::ParseServerAddress(address_));
    auto response = client.Send({method, target, {}, ""});
    EXPECT_THAT(response, IsOk());
    return response.ok() ? *std::move(response) : http::ClientResponse();
  }

  absl::Status ready_;
  std::string address_;
  const std::unique_ptr<telemetry::Metrics> metrics_ = telemetry::Metrics::Make();
  std::unique_ptr<http::Server> server_;
};

TEST_F(OperationsTest, HealthAndReadinessAreTwoThings) {
  EXPECT_EQ(Ask("GET", "/healthz").status, 200);
  EXPECT_EQ(Ask("GET", "/readyz").status, 200);
  ready_ = absl::UnavailableError("the database is away");
  EXPECT_EQ(Ask("GET", "/healthz").status, 200);
  const http::ClientResponse away = Ask("GET", "/readyz");
  EXPECT_EQ(away.status, 503);
  EXPECT_EQ(away.Header("Retry-After"), "1");
  EXPECT_EQ(away.body, "the database is away\n");
}

TEST_F(OperationsTest, FiguresAreThoseOfTheProgram) {
  metrics_->Counter("mostove_test_total", "Tests.").Add(3);
  const http::ClientResponse figures = Ask("GET", "/metrics");
  EXPECT_EQ(figures.Header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(figures.body, HasSubstr("mostove_test_total 3\n"));
}

TEST_F(OperationsTest, NothingElseIsServed) {
  EXPECT_EQ(Ask("GET", "/").status, 404);
  EXPECT_EQ(Ask("GET", "/v1/organizations").status, 404);
  EXPECT_EQ(Ask("DELETE", "/metrics").status, 405);
}

}  // namespace
}  // namespace mostove::service
