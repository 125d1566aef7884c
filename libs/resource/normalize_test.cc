#include "libs/resource/validate.h"
#include "libs/testing/matchers.h"
#include "mostove/testing/v1/shelf.pb.h"

namespace mostove::resource {
namespace {

using ::mostove::testing::EqualsProto;
namespace tv1 = ::mostove::testing::v1;

constexpr char kDecomposed[] = "\u0418\u0306";  // two code points
constexpr char kComposed[] = "\u0419";

TEST(NormalizeTest, TurnsEveryTextIntoNfcAtAnyDepthAndKeysToo) {
  ASSERT_STRNE(kDecomposed, kComposed);
  const auto with = [](const std::string& text) {
    tv1::Shelf shelf;
    shelf.set_title("a" + text);
    shelf.add_tags("plain");
    shelf.add_tags(text);
    shelf.add_contacts()->set_title(text);
    (*shelf.mutable_labels())[text] = text;
    (*shelf.mutable_labels())["plain"] = "plain";
    (*shelf.mutable_rooms())["a"].set_room(text);
    shelf.mutable_tree()->add_children()->mutable_next()->set_label(text);
    return shelf;
  };
  tv1::Shelf shelf = with(kDecomposed);
  Normalize(shelf);
  EXPECT_THAT(shelf, EqualsProto(with(kComposed)));
  Normalize(shelf);
  EXPECT_THAT(shelf, EqualsProto(with(kComposed)));
}

TEST(NormalizeTest, LeavesBytesAndWhatIsNoUtf8AsTheyAre) {
  tv1::Shelf shelf;
  shelf.set_title("\xff\xfe");
  shelf.mutable_scalars()->set_bytes_value(kDecomposed);
  const tv1::Shelf before = shelf;
  Normalize(shelf);
  EXPECT_EQ(shelf.title(), before.title());
  EXPECT_EQ(shelf.scalars().bytes_value(), kDecomposed);
}

}  // namespace
}  // namespace mostove::resource
