#include "libs/transcoding/router.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "google/api/annotations.pb.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "libs/testing/matchers.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "mostove/testing/v1/shelves_service.pb.h"

namespace mostove::transcoding {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::ServiceDescriptor;
using Outcome = RouteMatch::Outcome;
using ::mostove::testing::HasMessage;
using ::mostove::testing::HasReason;
using ::mostove::testing::HasViolation;
using ::mostove::testing::IsOk;
using ::mostove::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const ServiceDescriptor* Find(const std::string& name) {
  return DescriptorPool::generated_pool()->FindServiceByName(name);
}

Router BuildRouter() {
  auto router = Router::Build({Find("mostove.organizations.v1.OrganizationsService")});
  EXPECT_THAT(router, IsOk());
  return *std::move(router);
}

TEST(RouterTest, FindsTheMethodAndWhatThePathCaptures) {
  const Router router = BuildRouter();
  struct Case {
    std::string http_method;
    std::string path;
    std::string method;
    std::vector<std::string> captures;
  };
  const Case cases[] = {
      {"GET", "/v1/organizations", "ListOrganizations", {}},
      {"HEAD", "/v1/organizations", "ListOrganizations", {}},
      {"POST", "/v1/organizations", "CreateOrganization", {}},
      {"GET", "/v1/organizations/a", "GetOrganization", {"organizations/a"}},
      {"GET", "/v1/organizations/a:b", "GetOrganization", {"organizations/a:b"}},
      {"PATCH", "/v1/organizations/a", "UpdateOrganization", {"organizations/a"}},
      {"DELETE", "/v1/organizations/a", "DeleteOrganization", {"organizations/a"}},
      {"POST", "/v1/organizations/a:undelete", "UndeleteOrganization", {"organizations/a"}},
      {"GET", "/v1/organizations:batchGet", "BatchGetOrganizations", {}},
      {"POST", "/v1/organizations:batchCreate", "BatchCreateOrganizations", {}},
      {"GET", "/v1/organizations/a/activities", "ListActivities", {"organizations/a"}},
      {"GET", "/v1/organizations/-/activities/b", "GetActivity", {"organizations/-/activities/b"}},
  };
  for (const Case& c : cases) {
    const RouteMatch match = router.Match(c.http_method, c.path);
    ASSERT_EQ(match.outcome, Outcome::kFound) << c.http_method << " " << c.path;
    EXPECT_THAT(match.status, IsOk());
    EXPECT_EQ(match.route->method->name(), c.method) << c.http_method << " " << c.path;
    EXPECT_EQ(match.captures, c.captures) << c.http_method << " " << c.path;
  }
}

TEST(RouterTest, SaysWhatIsNotThere) {
  const Router router = BuildRouter();
  for (const std::string path : {"/", "/v2/organizations", "/v1/organizations/a/b",
                                 "/v1/organizations:nope", "/v1", "/v1/Organizations"}) {
    const RouteMatch match = router.Match("GET", path);
    EXPECT_EQ(match.outcome, Outcome::kNotFound) << path;
    EXPECT_THAT(match.status, StatusIs(absl::StatusCode::kNotFound, HasReason("ROUTE_NOT_FOUND")));
  }
}

TEST(RouterTest, SaysWhichMethodsAPathHas) {
  const Router router = BuildRouter();
  const auto allow = [&router](absl::string_view http_method, absl::string_view path) {
    const RouteMatch match = router.Match(http_method, path);
    EXPECT_EQ(match.outcome, Outcome::kMethodNotAllowed) << path;
    EXPECT_THAT(match.status, HasReason("METHOD_NOT_ALLOWED"));
    return match.allow;
  };
  EXPECT_EQ(allow("PUT", "/v1/organizations"), "GET, HEAD, POST");
  EXPECT_EQ(allow("POST", "/v1/organizations/a"), "GET, HEAD, PATCH, DELETE");
  EXPECT_EQ(allow("GET", "/v1/organizations/a:undelete"), "POST");
  EXPECT_EQ(allow("OPTIONS", "/v1/organizations:batchGet"), "GET, HEAD");
  EXPECT_EQ(allow("get", "/v1/organizations:batchGet"), "GET, HEAD");
}

TEST(RouterTest, BadPathsAreNamedAsSuch) {
  const RouteMatch match = BuildRouter().Match("GET", "/v1/organizations/../x");
  EXPECT_EQ(match.outcome, Outcome::kBadPath);
  EXPECT_THAT(match.status, HasViolation("path", "INVALID_PATH"));
}

TEST(RouterTest, TakesAdditionalBindingsAndPartsOfTheAnswer) {
  const auto router = Router::Build({Find("mostove.testing.v1.ShelvesService")});
  ASSERT_THAT(router, IsOk());
  const RouteMatch put = router->Match("PUT", "/v1/echo/a%2Fb");
  ASSERT_EQ(put.outcome, Outcome::kFound);
  EXPECT_THAT(put.captures, ElementsAre("a/b"));
  EXPECT_EQ(put.route->body_field->name(), "tree");
  mostove::testing::v1::EchoResponse response;
  response.mutable_tree()->set_label("x");
  EXPECT_EQ(&BodyOf(*put.route, response), &response.tree());
  EXPECT_EQ(&BodyOf(*router->Match("POST", "/v1/echo").route, response), &response);

  const RouteMatch get = router->Match("GET", "/v1/echo/s/files/a/b%2Fc");
  ASSERT_EQ(get.outcome, Outcome::kFound);
  EXPECT_THAT(get.captures, ElementsAre("s", "a/b%2Fc"));
}

// A service of methods M0, M1, ... over GetOrganizationRequest and so on, each
// with one rule.
class RouterBuildTest : public ::testing::Test {
 protected:
  absl::StatusOr<Router> Build(const std::vector<std::string>& rules) {
    google::protobuf::FileDescriptorProto file;
    file.set_name("routes.proto");
    file.set_package("routes");
    file.set_syntax("proto3");
    file.add_dependency("mostove/organizations/v1/organization.proto");
    file.add_dependency("mostove/organizations/v1/organizations_service.proto");
    auto* service = file.add_service();
    service->set_name("Routes");
    for (const std::string& rule : rules) {
      auto* method = service->add_method();
      method->set_name(absl::StrCat("M", service->method_size() - 1));
      method->set_input_type(".mostove.organizations.v1.UpdateOrganizationRequest");
      method->set_output_type(".mostove.organizations.v1.Organization");
      EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
          rule, method->mutable_options()->MutableExtension(google::api::http)));
    }
    pool_ = std::make_unique<DescriptorPool>(DescriptorPool::generated_pool());
    const auto* built = pool_->BuildFile(file);
    EXPECT_NE(built, nullptr);
    return Router::Build({built->service(0)});
  }

 private:
  std::unique_ptr<DescriptorPool> pool_;
};

TEST_F(RouterBuildTest, RefusesEveryFaultInASentence) {
  struct Case {
    std::string rule;
    std::string sentence;
  };
  const Case cases[] = {
      {R"pb(get: "v1/a")pb", "routes.Routes.M0: the path template \"v1/a\" is wrong"},
      {R"pb(get: "/v1/{nope}")pb", "\"nope\" is no field of"},
      {R"pb(get: "/v1/{organization.nope}")pb", "\"organization.nope\" is no field of"},
      {R"pb(get: "/v1/{organization}")pb", "is a message"},
      {R"pb(get: "/v1/{organization.languages}")pb", "repeated"},
      {R"pb(post: "/v1/a" body: "nope")pb", "the body \"nope\""},
      {R"pb(post: "/v1/a" body: "request_id")pb", "the body \"request_id\""},
      {R"pb(post: "/v1/a" response_body: "name")pb", "the body \"name\""},
      {R"pb(get: "/v1/a" body: "*")pb", "GET cannot have a body"},
      {R"pb(custom { kind: "LIST" path: "/v1/a" })pb", "custom"},
      {R"pb(body: "*")pb", "no HTTP method"},
      {R"pb(get: "/v1/a"
            additional_bindings { get: "/v1/a" })pb",
       "could also be meant for"},
  };
  for (const auto& [rule, sentence] : cases) {
    EXPECT_THAT(Build({rule}), HasMessage(HasSubstr(sentence))) << rule;
  }
}

TEST_F(RouterBuildTest, NamesAllFaultsAtOnce) {
  EXPECT_THAT(Build({R"pb(get: "x")pb", R"pb(get: "/v1/a" body: "*")pb"}),
              HasMessage(AllOf(HasSubstr("Routes.M0"), HasSubstr("Routes.M1"))));
}

TEST_F(RouterBuildTest, TellsAmbiguousFromMoreSpecific) {
  const auto fits = [this](const std::string& a, const std::string& b) {
    return Build({absl::StrCat("get: \"", a, "\""), absl::StrCat("get: \"", b, "\"")}).ok();
  };
  EXPECT_FALSE(fits("/v1/a", "/v1/a"));
  EXPECT_FALSE(fits("/v1/*", "/v1/{request_id}"));
  EXPECT_FALSE(fits("/v1/*/b", "/v1/a/*"));
  EXPECT_FALSE(fits("/v1/{request_id=**}", "/v1/**"));
  EXPECT_FALSE(fits("/v1/*:x", "/v1/*:x"));
  EXPECT_TRUE(fits("/v1/*/b", "/v1/a/b"));
  EXPECT_TRUE(fits("/v1/a", "/v1/*"));
  EXPECT_TRUE(fits("/v1/*", "/v1/**"));
  EXPECT_TRUE(fits("/v1/a", "/v1/a/**"));
  EXPECT_TRUE(fits("/v1/*", "/v1/*:x"));
  EXPECT_TRUE(fits("/v1/*/b", "/v1/*/c"));
}

TEST_F(RouterBuildTest, TheMoreSpecificTemplateWins) {
  const auto router =
      Build({R"pb(get: "/v1/**")pb", R"pb(get: "/v1/*/b")pb", R"pb(get: "/v1/a/b")pb",
             R"pb(get: "/v1/*/b/**")pb", R"pb(post: "/v1/a/*")pb", R"pb(get: "/v1/*/b:verb")pb"});
  ASSERT_THAT(router, IsOk());
  const auto name = [&router](absl::string_view http_method, absl::string_view path) {
    const RouteMatch match = router->Match(http_method, path);
    return match.route == nullptr ? "" : match.route->method->name();
  };
  EXPECT_EQ(name("GET", "/v1/a/b"), "M2");
  EXPECT_EQ(name("GET", "/v1/x/b"), "M1");
  EXPECT_EQ(name("GET", "/v1/a/b/c"), "M3");
  EXPECT_EQ(name("GET", "/v1/a/c"), "M0");
  EXPECT_EQ(name("GET", "/v1"), "M0");
  EXPECT_EQ(name("POST", "/v1/a/b"), "M4");
  EXPECT_EQ(name("GET", "/v1/a/b:verb"), "M5");
  EXPECT_EQ(name("GET", "/v1/a/b:other"), "M0");
}

}  // namespace
}  // namespace mostove::transcoding
