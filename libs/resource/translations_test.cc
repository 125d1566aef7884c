#include "libs/resource/translations.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "libs/testing/matchers.h"
#include "mostove/testing/v1/shelf.pb.h"

namespace mostove::resource {
namespace {

using ::mostove::testing::EqualsProto;
namespace tv1 = ::mostove::testing::v1;

// First 16 hex digits of SHA-256, by sha256sum.
constexpr char kHashOfHello[] = "2cf24dba5fb0a30e";  // "hello"
constexpr char kHashOfWorld[] = "486ea46224d1bb4f";  // "world"

tv1::Shelf Shelf(const std::string& description) {
  tv1::Shelf shelf;
  EXPECT_TRUE(
      google::protobuf::TextFormat::ParseFromString("description { " + description + " }", &shelf))
      << description;
  return shelf;
}

struct Case {
  const char* what;
  const char* before;  // null on create
  std::string after;
  std::string stamped;
};

TEST(TranslationsTest, MarkWhichSourceTextEachWasMadeFrom) {
  const std::string hello = "source_language: 'en' texts { key: 'en' value: 'hello' } ";
  const std::string world = "source_language: 'en' texts { key: 'en' value: 'world' } ";
  const std::string bg = "texts { key: 'bg' value: 'здравей' } ";
  const std::string hash_hello =
      absl::StrCat("source_hashes { key: 'bg' value: '", kHashOfHello, "' } ");
  const std::string hash_world =
      absl::StrCat("source_hashes { key: 'bg' value: '", kHashOfWorld, "' } ");
  const std::string before = hello + bg + hash_hello;
  const std::string bg_new = "texts { key: 'bg' value: 'свят' } ";
  const Case cases[] = {
      {"a new translation", nullptr, hello + bg, hello + bg + hash_hello},
      {"what the client sends as hash counts for nothing", nullptr, hello + bg + hash_world,
       hello + bg + hash_hello},
      {"an unchanged one becomes stale with its source", before.c_str(), world + bg,
       world + bg + hash_hello},
      {"a changed one is of the present source", before.c_str(), world + bg_new,
       world + bg_new + hash_world},
      {"the hash goes with its text", before.c_str(), hello + hash_hello, hello},
      {"the only language is the source", nullptr, "texts { key: 'en' value: 'hello' }", hello},
      {"without a source there is nothing to hash", nullptr,
       "texts { key: 'en' value: 'hello' } texts { key: 'bg' value: 'x' }",
       "texts { key: 'en' value: 'hello' } texts { key: 'bg' value: 'x' }"},
      {"nothing at all", nullptr, "", ""},
  };
  for (const Case& c : cases) {
    tv1::Shelf after = Shelf(c.after);
    if (c.before == nullptr) {
      StampTranslations(nullptr, after);
    } else {
      const tv1::Shelf old = Shelf(c.before);
      StampTranslations(&old, after);
    }
    EXPECT_THAT(after, EqualsProto(Shelf(c.stamped))) << c.what;
    const tv1::Shelf once = after;
    StampTranslations(&once, after);
    EXPECT_THAT(after, EqualsProto(once)) << c.what << ", stamped twice";
  }
}

TEST(TranslationsTest, LeaveAMessageWithoutTextsAlone) {
  tv1::Shelf shelf;
  shelf.set_title("Poetry");
  StampTranslations(nullptr, shelf);
  EXPECT_THAT(shelf, EqualsProto("title: 'Poetry'"));
}

}  // namespace
}  // namespace mostove::resource
