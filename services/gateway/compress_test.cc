#include "services/gateway/compress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "libs/gzip/gzip.h"
#include "libs/testing/matchers.h"
#include "services/gateway/test_gateway.h"

namespace mostove::gateway {
namespace {

using ::testing::HasSubstr;
using testing::IsOkAndHolds;
using ::testing::Lt;

bool Accepts(absl::string_view value) {
  http::Headers headers;
  headers.Add({"Accept-Encoding", value});
  return AcceptsGzip(headers);
}

TEST(AcceptsGzipTest, FollowsTheQualities) {
  for (const char* value : {"gzip", "GZIP", "br, gzip", "gzip;q=0.1", "*", "x-gzip",
                            "deflate, *;q=0.5", "identity;q=0.5, gzip", "gzip; q=1"}) {
    EXPECT_TRUE(Accepts(value)) << value;
  }
  for (const char* value : {"", "br", "gzip;q=0", "*;q=0", "gzip;q=0, *", "identity, gzip;q=0.5",
                            "gzip;q=x", "gzipp"}) {
    EXPECT_FALSE(Accepts(value)) << value;
  }
  EXPECT_FALSE(AcceptsGzip(http::Headers()));
}

class CompressionTest : public GatewayTest {
 protected:
  void SetUp() override {
    GatewayTest::SetUp();
    invoker_.On<v1::GetOrganizationRequest, v1::Organization>(
        "GetOrganization", [](const auto&) -> absl::StatusOr<v1::Organization> { return Large(); });
  }
  static v1::Organization Large() {
    v1::Organization organization = Help();
    for (int i = 0; i < 200; ++i) organization.add_languages(absl::StrCat("bg-x-", i));
    return organization;
  }
};

constexpr char kGzip[] = "Accept-Encoding: gzip, br\r\n";

TEST_F(CompressionTest, LargeAnswersArePackedForThoseWhoTakeIt) {
  const Answer plain = Get(kName);
  const Answer packed = Get(kName, kGzip);
  EXPECT_EQ(plain.Header("content-encoding"), "");
  EXPECT_EQ(packed.Header("content-encoding"), "gzip");
  EXPECT_THAT(packed.body.size(), Lt(plain.body.size() / 2));
  EXPECT_THAT(gzip::Unpack(packed.body), IsOkAndHolds(plain.body));
  for (const Answer* each : {&plain, &packed})
    EXPECT_THAT(each->Header("vary"), HasSubstr("Accept-Encoding"));
  const Answer head = Ask("HEAD", kName, kGzip);
  EXPECT_EQ(head.Header("content-length"), absl::StrCat(packed.body.size()));
}

TEST_F(CompressionTest, TheTagOfThePackedAnswerIsWeakAndWorksInConditions) {
  EXPECT_EQ(Get(kName).Header("etag"), "\"7\"");
  EXPECT_EQ(Get(kName, kGzip).Header("etag"), "W/\"7\"");
  EXPECT_EQ(Get(kName, absl::StrCat(kGzip, "If-None-Match: W/\"7\"\r\n")).status, 304);
  EXPECT_EQ(Ask("PATCH", kName, "Content-Type: application/json\r\nIf-Match: W/\"7\"\r\n",
                R"({"legalName": "x"})")
                .status,
            200);
}

TEST_F(CompressionTest, SmallAnswersAndProblemsAreLeftAsTheyAre) {
  EXPECT_EQ(Get("/healthz", kGzip).Header("content-encoding"), "");
  const std::string unknown = absl::StrCat("/v1/organizations?", std::string(2000, 'x'), "=1");
  const Answer problem = Get(unknown, kGzip);
  EXPECT_EQ(problem.status, 400);
  EXPECT_EQ(problem.Header("content-encoding"), "");
}

TEST_F(CompressionTest, LevelZeroPacksNothing) {
  Start({.gzip_level = 0});
  EXPECT_EQ(Get(kName, kGzip).Header("content-encoding"), "");
}

http::Response Shared(const std::shared_ptr<const std::string>& body) {
  http::Response response{.shared_body = body};
  response.AddHeader("Content-Type", "application/json");
  return response;
}

TEST(CompressorTest, PacksAKeptAnswerOnce) {
  Compressor compressor({.level = 1});
  const auto body = std::make_shared<const std::string>(5000, 'a');
  http::Response first = Shared(body), second = Shared(body);
  compressor.Apply(first);
  compressor.Apply(second);
  EXPECT_EQ(first.shared_body, second.shared_body);
  EXPECT_THAT(gzip::Unpack(*first.shared_body), IsOkAndHolds(*body));
}

TEST(CompressorTest, AnotherAnswerAtTheSameAddressIsNotTakenForTheFirst) {
  Compressor compressor({.level = 1});
  alignas(std::string) unsigned char place[sizeof(std::string)];
  for (const char letter : {'a', 'b'}) {
    auto* text = new (place) std::string(5000, letter);
    const std::shared_ptr<const std::string> body(
        text, [](const std::string* gone) { std::destroy_at(gone); });
    http::Response response = Shared(body);
    compressor.Apply(response);
    EXPECT_THAT(gzip::Unpack(*response.shared_body), IsOkAndHolds(std::string(5000, letter)));
  }
}

TEST(CompressorTest, ForgetsBeforeItHoldsTooMuch) {
  Compressor compressor({.level = 1, .kept_bytes_max = 100});
  std::vector<std::shared_ptr<const std::string>> bodies;
  for (int i = 0; i < 50; ++i) {
    bodies.push_back(std::make_shared<const std::string>(5000, static_cast<char>('a' + i % 26)));
    http::Response response = Shared(bodies.back());
    compressor.Apply(response);
    EXPECT_THAT(gzip::Unpack(*response.shared_body), IsOkAndHolds(*bodies.back()));
  }
}

}  // namespace
}  // namespace mostove::gateway
