#include "libs/transcoding/path_template.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/testing/matchers.h"

namespace mostove::transcoding {
namespace {

using ::mostove::testing::HasMessage;
using ::mostove::testing::HasViolation;
using ::mostove::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Case {
  std::string path_template;
  std::string path;
  bool matches;
  std::vector<std::string> captures = {};
};

TEST(PathTemplateTest, MatchesAsHttpProtoSays) {
  const Case cases[] = {
      {"/v1/organizations", "/v1/organizations", true},
      {"/v1/organizations", "/v1/organization", false},
      {"/v1/organizations", "/v1/organizations/a", false},
      {"/v1/organizations", "/v1/%6frganizations", true},
      {"/v1/{name=organizations/*}", "/v1/organizations/a", true, {"organizations/a"}},
      {"/v1/{name=organizations/*}", "/v1/organizations", false},
      {"/v1/{name=organizations/*}", "/v1/organizations/a/b", false},
      {"/v1/{name=organizations/*}", "/v1/organizations/a:b", true, {"organizations/a:b"}},
      {"/v1/{name=organizations/*}", "/v1/organizations/%D0%B6", true, {"organizations/ж"}},
      {"/v1/{id}", "/v1/a%2Fb%2fc+d%25", true, {"a/b/c+d%"}},
      {"/v1/{name=x/*}", "/v1/x/a%2Fb%2fc%20d", true, {"x/a%2Fb%2fc d"}},
      {"/v1/{path=**}", "/v1/a%2Fb/c%20", true, {"a%2Fb/c "}},
      {"/v1/{path=**}", "/v1", true, {""}},
      {"/v1/{path=files/**}", "/v1/files/a/b", true, {"files/a/b"}},
      {"/v1/{a}/x/{b=y/*}", "/v1/1/x/y/2", true, {"1", "y/2"}},
      {"/v1/*/x", "/v1/1/x", true},
      {"/v1/{name=a/*}:undelete", "/v1/a/b:undelete", true, {"a/b"}},
      {"/v1/{name=a/*}:undelete", "/v1/a/b:c:undelete", true, {"a/b:c"}},
      {"/v1/{name=a/*}:undelete", "/v1/a/b", false},
      {"/v1/{name=a/*}:undelete", "/v1/a/:undelete", false},
      {"/v1/{name=a/*}:undelete", "/v1/a/b%3Aundelete", false},
      {"/v1/a:batchGet", "/v1/a:batchGet", true},
  };
  for (const Case& c : cases) {
    const auto parsed = PathTemplate::Parse(c.path_template);
    ASSERT_THAT(parsed, IsOk()) << c.path_template;
    const auto path = RequestPath::Parse(c.path);
    ASSERT_THAT(path, IsOk()) << c.path;
    std::vector<std::string> captures;
    EXPECT_EQ(parsed->Match(*path, captures), c.matches) << c.path_template << " " << c.path;
    EXPECT_EQ(captures, c.captures) << c.path_template << " " << c.path;
  }
}

TEST(PathTemplateTest, KnowsItsVariablesAndVerb) {
  const auto parsed = PathTemplate::Parse("/v1/{shelf.name=shelves/*}/books/{id}:move");
  ASSERT_THAT(parsed, IsOk());
  ASSERT_EQ(parsed->variables().size(), 2u);
  EXPECT_EQ(parsed->variables()[0].field_path, "shelf.name");
  EXPECT_EQ(parsed->variables()[0].begin, 1u);
  EXPECT_EQ(parsed->variables()[0].end, 3u);
  EXPECT_FALSE(parsed->variables()[0].decodes_slash);
  EXPECT_TRUE(parsed->variables()[1].decodes_slash);
  EXPECT_EQ(parsed->verb(), "move");
}

TEST(PathTemplateTest, RefusesWhatIsNoTemplate) {
  for (const std::string text :
       {"",         "v1",           "/",           "/v1/",     "/v1//a",    "/v1/{",
        "/v1/{a",   "/v1/{a=",      "/v1/{}",      "/v1/{a.}", "/v1/{1a}",  "/v1/{a=b/{c}}",
        "/v1/**/a", "/v1/{a=**}/b", "/v1/{a}/{a}", "/v1/a:",   "/v1/a:b/c", "/v1/a:b:c",
        "/v1/***",  "/v1/a*",       "/v1/}",       "/v1/a%4",  "/v1/{a=}"}) {
    EXPECT_THAT(PathTemplate::Parse(text), HasMessage(HasSubstr("is wrong"))) << text;
  }
}

TEST(RequestPathTest, CutsIntoSegments) {
  EXPECT_THAT(RequestPath::Parse("/v1/a%20b/c:d")->segments(), ElementsAre("v1", "a%20b", "c:d"));
  EXPECT_THAT(RequestPath::Parse("/")->segments(), ElementsAre());
}

TEST(RequestPathTest, RefusesDangerousPaths) {
  std::string long_path;
  for (int i = 0; i < 65; ++i) long_path += "/a";
  const std::string paths[] = {"",
                               "v1",
                               "*",
                               "//",
                               "/v1/",
                               "/v1//a",
                               "/./a",
                               "/a/..",
                               "/a/%2e%2E/b",
                               "/a/.%2e",
                               "/a/x%2F..%2Fy",
                               "/a/%",
                               "/a/%4",
                               "/a/%zz",
                               "/a/%00",
                               std::string("/a\0b", 4),
                               "/a/%ff",
                               "/a/\xC3",
                               "/a/%C0%AF",
                               "/" + std::string(9'000, 'a'),
                               long_path};
  for (const std::string& path : paths) {
    EXPECT_THAT(RequestPath::Parse(path), HasViolation("path", "INVALID_PATH")) << path;
  }
}

}  // namespace
}  // namespace mostove::transcoding
