#include "libs/status/texts.h"

#include <re2/re2.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "libs/status/status.h"

namespace mostove::status {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Printed by a program that does not start, or by the command line; no caller of an API sees them.
const std::set<std::string> kForOperators = {
    "BAD_ADDRESS",       "CANNOT_LISTEN",    "DATABASE_COLLATION",
    "DATABASE_IN_USE",   "DATABASE_URL",     "DATABASE_NOT_OPENED",
    "MIGRATION_CHANGED", "MIGRATION_FAILED", "MIGRATION_GAP",
    "MIGRATION_MISSING", "NOT_LOOPBACK",     "NOT_REACHABLE",
    "SERVICE_TWICE",     "TIMEOUT",          "TYPE_UNKNOWN",
    "NOT_A_GATEWAY",     "MALFORMED_GZIP",   "KEY_INVALID",
    "SEAL_VERSION",      "TLS_REQUIRED"};
// What else is written like a reason and followed by words.
const std::set<std::string> kNoReasons = {"BIGINT", "INTEGER", "TEXT",   "GET",     "POST",
                                          "PUT",    "PATCH",   "DELETE", "OPTIONS", "SHA256"};

bool IsOfTheServers(const std::filesystem::path& path) {
  const std::string name = path.generic_string();
  if (path.extension() != ".cc" && path.extension() != ".h") return false;
  for (const char* aside :
       {"_test.", "_fuzz.", "_bench.", "/test_", "/fake_", "/scripted_", "libs/testing/",
        "services/cli/", "libs/exchange/", "libs/config/", "libs/status/texts", "libs/openapi/",
        "libs/listen/", "libs/redis/", "libs/live/redis", "oblasts.cc"}) {
    if (absl::StrContains(name, aside)) return false;
  }
  return true;
}

std::string Read(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  std::string source = text.str();
  RE2::GlobalReplace(&source, R"((?m)^\s*//.*$)", "");
  RE2::GlobalReplace(&source, R"re(([^'\\])"\s*\n\s*")re", "\\1");  // literals in pieces
  return source;
}

// All sources of libs/ and services/ (tests run in the top folder), without comments.
const std::string& Sources() {
  static const auto* const all = [] {
    auto* text = new std::string;
    for (const char* top : {"libs", "services"}) {
      for (const auto& entry : std::filesystem::recursive_directory_iterator(top)) {
        if (IsOfTheServers(entry.path())) *text += Read(entry.path());
      }
    }
    return text;
  }();
  return *all;
}

struct Said {
  std::string reason;
  std::string english;  // "" where it is not one literal
};

// A reason in capitals stands before its sentence: ("REASON", "has to ..."), {"REASON",
// StrCat(...)}.
std::vector<Said> AllSaid() {
  static const LazyRE2 kReason = {
      R"re("([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)*)",\s*(?:(?:absl::Str|k[A-Z]\w+|[a-z_.]+(?:\(\))?[,)])|"((?:[^"\\]|\\.)* (?:[^"\\]|\\.)*)"[)},]))re"};
  static const LazyRE2 kReturned = {R"re(return "([A-Z]+_[A-Z]+)";)re"};  // of a function ReasonOf
  std::vector<Said> all;
  Said said;
  for (re2::StringPiece rest(Sources());
       RE2::FindAndConsume(&rest, *kReason, &said.reason, &said.english);) {
    if (!kNoReasons.contains(said.reason) && !kForOperators.contains(said.reason))
      all.push_back(said);
  }
  for (re2::StringPiece rest(Sources()); RE2::FindAndConsume(&rest, *kReturned, &said.reason);) {
    all.push_back({said.reason, ""});
  }
  return all;
}

bool HasRow(const std::string& reason) {
  for (const Text& text : Texts()) {
    if (text.reason == reason) return true;
  }
  return false;
}

TEST(TextsTest, EveryReasonInTheSourcesHasItsSentencesInAllLanguages) {
  std::set<std::string> without;
  const std::vector<Said> all = AllSaid();
  EXPECT_GT(all.size(), 150u) << "the pattern finds the sources' reasons no more";
  for (const Said& said : all) {
    if (!HasRow(said.reason)) without.insert(said.reason);
  }
  EXPECT_THAT(without, IsEmpty()) << "add a row to libs/status/texts_*.cc";
}

TEST(TextsTest, EverySentenceOfOneLiteralIsTranslated) {
  std::vector<std::string> without;
  for (const Said& said : AllSaid()) {
    const std::string english = absl::StrReplaceAll(said.english, {{"\\\"", "\""}, {"\\\\", "\\"}});
    if (!english.empty() && Translate(said.reason, english, "bg") == english)
      without.push_back(absl::StrCat(said.reason, ": ", english));
  }
  EXPECT_THAT(without, IsEmpty()) << "add a row to libs/status/texts_*.cc";
}

// Whether a piece of the row's English, outside of its values, stands in `sources`. Pieces are
// short since a sentence may be put together.
bool IsSaid(const Text& text, const std::string& sources) {
  constexpr size_t kLength = 16;
  std::string longest, part;
  for (const char c : absl::StrCat(text.en, "{")) {
    if (c == '{' && part.size() > longest.size()) longest = part;
    part += c;
    if (c == '{' || c == '}') part.clear();
  }
  const size_t last = longest.size() - std::min(longest.size(), kLength);
  for (const size_t begin : {size_t{0}, last / 2, last}) {
    const std::string piece = longest.substr(begin, kLength);
    if (absl::StrContains(sources, absl::StrReplaceAll(piece, {{"\\", "\\\\"}, {"\"", "\\\""}})))
      return true;
  }
  return false;
}

TEST(TextsTest, NoRowIsLeftFromASentenceThatNobodySays) {
  std::string said = Sources();
  for (const auto& entry : std::filesystem::recursive_directory_iterator("proto/mostove")) {
    if (entry.path().extension() == ".proto") said += Read(entry.path());
  }
  std::vector<std::string> left;
  for (const Text& text : Texts()) {
    const std::string reason = text.reason;
    if (reason.empty() || reason == "INVALID_FIELDS") continue;
    if (!absl::StrContains(said, absl::StrCat("\"", reason, "\""))) left.push_back(reason);
    if (!IsSaid(text, said)) left.push_back(absl::StrCat(reason, ": ", text.en));
  }
  EXPECT_THAT(left, IsEmpty());
}

std::set<std::string> Placeholders(const std::string& translation) {
  re2::StringPiece text(translation);
  std::set<std::string> names;
  std::string name;
  static const LazyRE2 kPlaceholder = {R"(\{(\w+)\})"};
  while (RE2::FindAndConsume(&text, *kPlaceholder, &name)) names.insert(name);
  return names;
}

TEST(TextsTest, TranslationsAreWrittenInTheirScriptAndSayTheValuesOfTheEnglish) {
  for (const Text& text : Texts()) {
    for (const std::string translation : {text.bg, text.uk}) {
      const bool cyrillic = RE2::PartialMatch(translation, R"(\p{Cyrillic})");
      EXPECT_TRUE(cyrillic || absl::StartsWith(translation, "{")) << text.en;
      EXPECT_FALSE(absl::EndsWith(translation, ".")) << translation;
      for (const std::string& name : Placeholders(translation)) {
        EXPECT_THAT(Placeholders(text.en), Contains(name)) << translation;
      }
    }
    EXPECT_FALSE(RE2::PartialMatch(text.bg, "[ыэёіїєґ]")) << text.bg;
    EXPECT_FALSE(RE2::PartialMatch(text.uk, "[ыэёъ]")) << text.uk;
  }
}

struct Translation {
  const char* reason;
  const char* english;
  const char* language;
  const char* expected;
};

TEST(TextsTest, ValuesGoIntoTheTranslation) {
  constexpr Translation kCases[] = {
      {"TOO_LONG", "has to be at most 200 characters, has 312", "bg",
       "дължината трябва да е до 200 знака, а е 312"},
      {"TOO_LONG", "has to be at most 200 characters, has 312", "uk-UA",
       "довжина має бути не більшою за 200 (у символах), а є 312"},
      {"TOO_LONG", "has to be at most 200 characters, has 312", "de",
       "has to be at most 200 characters, has 312"},
      {"PATTERN", "has to be an e-mail address such as office@example.org", "bg",
       "тук се очаква адрес на е-поща, например office@example.org"},
      {"PATTERN", "has to be a web address that begins with http:// or https://", "uk",
       "тут очікується вебадреса, що починається з http:// або https://"},
      {"FILTER", "at character 7: a value is expected here", "bg",
       "при знак 7: тук се очаква стойност"},
      {"FILTER", "at character 7: seat takes one of A, B", "uk",
       "біля символу 7: seat приймає одне з A, B"},
      {"MASK", "seat.town: names no field of Place", "bg", "seat.town: не е поле на Place"},
      {"MALFORMED_JSON", "is not JSON: a text is not closed (about line 2, byte 7)", "bg",
       "не е JSON: текст не е затворен (около ред 2, байт 7)"},
      {"REFERENCE_NOT_FOUND", "names an organization that does not exist", "uk",
       "вказаного не існує: організація"},
      {"RESOURCE_NOT_FOUND", "organizations/{x} does not exist", "bg",
       "organizations/{x} не съществува"},
      {"NO_SUCH_REASON", "what nobody knows", "bg", "what nobody knows"},
      {"REQUIRED", "", "bg", ""},
  };
  for (const Translation& each : kCases) {
    EXPECT_EQ(Translate(each.reason, each.english, each.language), each.expected);
  }
}

absl::Status TwoWrongFields() {
  Violations violations;
  violations.Add("organization.legal_name", "REQUIRED", "has to be given");
  violations.Add("page_size", "TOO_SMALL", "has to be 0 or more");
  return violations.ToStatus();
}

google::rpc::BadRequest WrongFields(const google::rpc::Status& status) {
  google::rpc::BadRequest wrong;
  for (const auto& detail : status.details()) detail.UnpackTo(&wrong);
  return wrong;
}

TEST(TextsTest, LocalizesTheMessageAndEveryWrongField) {
  google::rpc::Status status = ToProto(TwoWrongFields());
  Localize(status, "bg");
  EXPECT_EQ(status.message(),
            "organization.legal_name: трябва да се посочи (и още едно грешно поле)");
  ASSERT_THAT(WrongFields(status).field_violations(), SizeIs(2));
  EXPECT_EQ(WrongFields(status).field_violations(1).description(), "трябва да е 0 или повече");
}

TEST(TextsTest, LocalizedMessagesStandBesideTheEnglish) {
  google::rpc::Status status = ToProto(TwoWrongFields());
  AddLocalizedMessages(status, "uk");
  EXPECT_EQ(status.message(), TwoWrongFields().message());
  google::rpc::LocalizedMessage message;
  for (const auto& detail : status.details()) detail.UnpackTo(&message);
  EXPECT_EQ(message.locale(), "uk");
  EXPECT_EQ(message.message(), "organization.legal_name: треба вказати (і ще одне хибне поле)");
  EXPECT_EQ(WrongFields(status).field_violations(1).localized_message().message(),
            "має бути не менше ніж 0");
}

TEST(TextsTest, EnglishIsLeftAsItIs) {
  google::rpc::Status status = ToProto(TwoWrongFields());
  const std::string before = status.SerializeAsString();
  Localize(status, "en");
  AddLocalizedMessages(status, "en-GB");
  EXPECT_EQ(status.SerializeAsString(), before);
}

}  // namespace
}  // namespace mostove::status
