#include "libs/sql/placeholders.h"

#include "gtest/gtest.h"

namespace mostove::sql {
namespace {

struct Case {
  const char* statement;
  const char* expected;
};

TEST(PlaceholdersTest, OnlyMarksOutsideOfQuotesAndCommentsAreTurned) {
  const Case cases[] = {
      {"", ""},
      {"SELECT ?1, ?12", "SELECT $1, $12"},
      {"a ?1", "a $1"},
      {"'?1' ?1", "'?1' $1"},
      {"'it''s ?1' ?2", "'it''s ?1' $2"},
      {"\"?1\" ?1", "\"?1\" $1"},
      {"?1 -- ?1\n?1", "$1 -- ?1\n$1"},
      {"/* ?1 */ ?1", "/* ?1 */ $1"},
      {"$$?1$$ ?1", "$$?1$$ $1"},
      {"$a$?1 $b$ ?1$a$ ?1", "$a$?1 $b$ ?1$a$ $1"},
      {"data ? 'key'", "data ? 'key'"},
      {"'open ?1", "'open ?1"},
      {"/* open ?1", "/* open ?1"},
      {"$a", "$a"},
      {"?", "?"},
  };
  for (const Case& c : cases) EXPECT_EQ(ToDollarPlaceholders(c.statement), c.expected);
}

}  // namespace
}  // namespace mostove::sql
