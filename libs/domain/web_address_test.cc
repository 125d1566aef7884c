#include "libs/domain/web_address.h"

#include <string>

#include "gmock/gmock.h"

namespace mostove::domain {
namespace {

TEST(WebAddressTest, NamesAHostAndNobodyBeforeIt) {
  const struct {
    std::string address;
    bool wrong;
  } cases[] = {
      {"", false},
      {"https://www.unhcr.org/bg/", false},
      {"http://example.org?x", false},
      {"ftp://example.org", false},  // the field's pattern
      {"https://", true},
      {"https://?q", true},
      {"https://localhost", true},
      {"https://.org", true},
      {"https://user:secret@example.org", true},
  };
  for (const auto& [address, wrong] : cases) {
    status::Violations violations;
    CheckWebAddress(address, "website", violations);
    ASSERT_EQ(violations.all().size(), wrong ? 1u : 0u) << address;
    if (!wrong) continue;
    EXPECT_EQ(violations.all()[0].reason, "WEBSITE") << address;
  }
}

}  // namespace
}  // namespace mostove::domain
