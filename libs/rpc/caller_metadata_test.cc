#include "libs/rpc/caller_metadata.h"

#include <gmock/gmock.h>

#include "libs/testing/matchers.h"

namespace mostove::rpc {
namespace {

using testing::HasReason;
using testing::IsOkAndHolds;
using testing::StatusIs;

TEST(CallerMetadataTest, WhoAsksArrivesAsSent) {
  const call::Caller callers[] = {
      {},
      call::LocalAdministrator(),
      {.name = "users/2", .network = true},
      {.name = "users/3",
       .network = true,
       .organizations = {"organizations/reading-room", "organizations/sofia-help"}}};
  for (const call::Caller& caller : callers) {
    EXPECT_THAT(DecodeCaller(EncodeCaller(caller)), IsOkAndHolds(caller));
  }
}

TEST(CallerMetadataTest, OtherBytesAreNobodyButAnError) {
  const std::string whole = EncodeCaller({.name = "administrators/local", .administrator = true});
  for (const std::string& bytes : {std::string("administrator"), std::string("\xff\xff"),
                                   whole.substr(0, 10), std::string("\x0a\x01\xff", 3)}) {
    EXPECT_THAT(DecodeCaller(bytes),
                StatusIs(absl::StatusCode::kUnauthenticated, HasReason("CALLER_MALFORMED")))
        << bytes;
  }
}

TEST(CallerMetadataTest, WithoutMetadataTheCallerIsAnonymous) {
  EXPECT_THAT(BelieveCaller([](absl::string_view) { return absl::string_view(); }),
              IsOkAndHolds(call::Caller()));
}

TEST(CallerMetadataTest, AnAnonymousCallerNeedsNoByte) { EXPECT_EQ(EncodeCaller({}), ""); }

}  // namespace
}  // namespace mostove::rpc
