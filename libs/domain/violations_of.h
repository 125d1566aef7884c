// For the tests of this folder: violations as short text.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "libs/domain/checks.h"

namespace mostove::domain {

// "place.area.code AREA_CODE" for each violation that the check registered for
// the message's type adds to the message in text format.
template <typename T>
std::vector<std::string> ViolationsOf(const std::string& text) {
  T message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  status::Violations violations;
  Checks().at(T::descriptor()->full_name())(message, "x", violations);
  std::vector<std::string> found;
  for (const auto& violation : violations.all()) {
    EXPECT_FALSE(violation.description.empty());
    found.push_back(absl::StrCat(violation.field, " ", violation.reason));
  }
  return found;
}

// A message in text format and what is wrong with it.
struct Case {
  std::string message;
  std::vector<std::string> expected;
};

}  // namespace mostove::domain
