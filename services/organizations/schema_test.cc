// The migrations, on both engines.
#include "libs/service/service_fixture.h"
#include "services/organizations/definition.h"

namespace mostove::organizations {
namespace {

class SchemaTest : public service::ServiceTest {
 protected:
  void SetUp() override { Open(Define()); }
};
INSTANTIATE_ON_BOTH_ENGINES(SchemaTest);

TEST_P(SchemaTest, EveryListWalksAnIndex) { ExpectSchemaServesLists(); }

}  // namespace
}  // namespace mostove::organizations
