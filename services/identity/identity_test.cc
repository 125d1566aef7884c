#include "gtest/gtest.h"
#include "libs/service/service_fixture.h"
#include "services/identity/definition.h"

namespace mostove::identity {
namespace {

class IdentityTest : public service::ServiceTest {
 protected:
  void SetUp() override { Open(Define()); }
};

INSTANTIATE_ON_BOTH_ENGINES(IdentityTest);

TEST_P(IdentityTest, EveryListWalksAnIndex) { ExpectSchemaServesLists(); }

}  // namespace
}  // namespace mostove::identity
