// Every RPC, by everybody, on a record of every case: against the rules.
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "libs/service/directory.h"
#include "libs/status/status.h"
#include "libs/testing/matchers.h"
#include "mostove/references/v1/references.pb.h"
#include "tests/access/world.h"

namespace mostove::access {
namespace {

using google::protobuf::Message;
using ::mostove::testing::Describe;
using ::testing::IsEmpty;

const std::vector<Rule>& Rules() {
  static const auto& rules = *new std::vector<Rule>(ReadRules(MOSTOVE_ACCESS_RULES));
  return rules;
}

// Whether a text anywhere in the message is this one.
bool Mentions(const Message& message, const std::string& text) {
  return absl::StrContains(message.ShortDebugString(), absl::StrCat("\"", text, "\""));
}

class MatrixTest : public ::testing::TestWithParam<sql::Engine> {};
INSTANTIATE_ON_BOTH_ENGINES(MatrixTest);

TEST(AccessRules, EveryRpcHasALineAndEveryLineAnRpc) {
  std::set<std::string> ruled;
  for (const Rule& rule : Rules()) {
    ASSERT_NE(MethodOf(rule), nullptr) << rule.service << " has no RPC " << rule.rpc;
    EXPECT_TRUE(ruled.insert(MethodOf(rule)->full_name()).second) << rule.rpc << " twice";
    EXPECT_THAT(KindsOf(rule), ::testing::Not(IsEmpty())) << rule.rpc << " " << rule.type;
  }
  for (const service::DirectoryEntry& entry : service::Directory()) {
    for (int i = 0; i < entry.service->method_count(); ++i) {
      EXPECT_EQ(ruled.count(entry.service->method(i)->full_name()), 1u)
          << entry.service->method(i)->full_name() << " has no line in rules.txt";
    }
  }
}

TEST_P(MatrixTest, EverybodyIsAnsweredAsTheRulesSay) {
  const auto world = World::Make(GetParam());
  ASSERT_NE(world, nullptr);
  int tried = 0;
  for (const Rule& rule : Rules()) {
    const auto* method = MethodOf(rule);
    for (const Kind* kind : KindsOf(rule)) {
      for (const Person& person : People()) {
        for (const Case which : kCases) {
          const call::MessagePtr request = RequestOf(rule, *kind, which);
          const Answer expected = Expected(rule, person, kind->type, kind->parent, which);
          const std::string what =
              absl::StrCat(rule.rpc, " of ", NameOf(*kind, which), " by ", person.title);
          ++tried;
          if (method->server_streaming()) {
            const absl::Status opened = world->Open(method, person.caller, *request);
            EXPECT_EQ(TextOf(AnswerOf(rule, opened.code(), status::Reason(opened))),
                      TextOf(expected))
                << what << ": " << Describe(opened);
            continue;
          }
          const auto answer = world->Run(method, person.caller, *request);
          EXPECT_EQ(TextOf(AnswerOf(rule, answer.status().code(), status::Reason(answer.status()))),
                    TextOf(expected))
              << what << ": " << Describe(answer.status());
          if (!answer.ok()) continue;
          const bool sees = Sees(rule, person, kind->type, which);
          if (rule.what == "list") {
            EXPECT_EQ(Mentions(**answer, NameOf(*kind, which)), sees) << what;
          } else if (rule.what == "check") {
            EXPECT_EQ(Mentions(**answer, NameOf(*kind, which)), !sees) << what;
          }
        }
      }
    }
  }
  RecordProperty("calls", tried);
}

}  // namespace
}  // namespace mostove::access
