// Tables of what a rule finds wrong with a message.
//
//   ExpectViolations<v1::Activity>(CheckActivity, {
//       {R"(sector { label: "Food" })", {}},
//       {"", {"sector REQUIRED"}},
//   });
#pragma once

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "libs/status/status.h"

namespace mostove::testing {

template <class Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

// "field REASON" of each.
inline std::vector<std::string> TextOf(const status::Violations& violations) {
  std::vector<std::string> found;
  for (const status::Violation& violation : violations.all()) {
    EXPECT_FALSE(violation.description.empty());
    found.push_back(absl::StrCat(violation.field, " ", violation.reason));
  }
  return found;
}

struct RuleCase {
  std::string message;  // in text format
  std::vector<std::string> expected;
};

template <class Message, class Check>
void ExpectViolations(Check check, const std::vector<RuleCase>& cases) {
  for (const auto& [text, expected] : cases) {
    status::Violations violations;
    check(Parse<Message>(text), "", violations);
    EXPECT_EQ(TextOf(violations), expected) << text;
  }
}

struct ChangeCase {
  std::string before, after;
  std::string reason;  // "" where the step is allowed
};

template <class Message, class Check>
void ExpectChanges(Check check, const std::vector<ChangeCase>& cases) {
  for (const auto& [before, after, reason] : cases) {
    const absl::Status status = check(Parse<Message>(before), Parse<Message>(after));
    EXPECT_EQ(status::Reason(status), reason) << before << " to " << after;
    EXPECT_EQ(status.ok(), reason.empty()) << before << " to " << after;
  }
}

}  // namespace mostove::testing
