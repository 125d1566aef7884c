#include "libs/resource/filter_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace mostove::resource::filter {
namespace {

using ::testing::HasSubstr;

std::string Show(const Expression& expression);

std::string Show(const Comparable& comparable);

std::string Show(const Comparable::Arg& arg) {
  return arg.composite != nullptr ? Show(*arg.composite) : Show(arg.comparable);
}

std::string Show(const Comparable& comparable) {
  std::string text = comparable.minus ? "-" : "";
  for (size_t i = 0; i < comparable.parts.size(); ++i) {
    const Comparable::Part& part = comparable.parts[i];
    absl::StrAppend(&text, i == 0 ? "" : ".", part.quoted ? "'" : "", part.text,
                    part.quoted ? "'" : "");
  }
  if (!comparable.is_function) return text;
  return absl::StrCat(text, "<",
                      absl::StrJoin(comparable.args, ",",
                                    [](std::string* out, const Comparable::Arg& arg) {
                                      absl::StrAppend(out, Show(arg));
                                    }),
                      ">");
}

// With every parenthesis that precedence implies.
std::string Show(const Expression& expression) {
  const auto join = [&](absl::string_view word) {
    return absl::StrCat("(",
                        absl::StrJoin(expression.children, word,
                                      [](std::string* out, const Expression& child) {
                                        absl::StrAppend(out, Show(child));
                                      }),
                        ")");
  };
  switch (expression.kind) {
    case Expression::Kind::kAnd:
      return join(" & ");
    case Expression::Kind::kOr:
      return join(" | ");
    case Expression::Kind::kNot:
      return absl::StrCat("!", Show(expression.children.front()));
    case Expression::Kind::kRestriction:
      break;
  }
  std::string text = Show(expression.comparable);
  if (expression.comparator.has_value()) {
    absl::StrAppend(&text, ComparatorText(*expression.comparator), Show(expression.arg));
  }
  return text;
}

std::string Parsed(absl::string_view text) {
  const absl::StatusOr<std::unique_ptr<Expression>> expression = ParseExpression(text);
  if (!expression.ok()) return std::string(expression.status().message());
  return *expression == nullptr ? "" : Show(**expression);
}

struct Case {
  std::string text;
  std::string expected;
};

TEST(FilterParser, ReadsTheWholeGrammarWithItsPrecedence) {
  const Case kCases[] = {
      {"", ""},
      {"  \t\n ", ""},
      // The examples of AIP-160's grammar; a sequence is a conjunction here.
      {"a b AND c AND d", "(a & b & c & d)"},
      {"(a b) AND c AND d", "((a & b) & c & d)"},
      {"New York Giants OR Yankees", "(New & York & (Giants | Yankees))"},
      {"New York (Giants OR Yankees)", "(New & York & (Giants | Yankees))"},
      {"a < 10 OR a >= 100", "(a<10 | a>=100)"},
      {"a OR b OR c", "(a | b | c)"},
      {"NOT (a OR b)", "!(a | b)"},
      {"-file:\".java\"", "!file:'.java'"},
      {"-30", "!30"},
      {"package=com.google", "package=com.google"},
      {"msg != 'hello'", "msg!='hello'"},
      {"1 > 0", "1>0"},
      {"2.5 >= 2.4", "2.5>=2.4"},
      {"yesterday < request.time", "yesterday<request.time"},
      {"experiment.rollout <= cohort(request.user)", "experiment.rollout<=cohort<request.user>"},
      {"regex(m.key, '^.*prod.*$')", "regex<m.key,'^.*prod.*$'>"},
      {"math.mem('30mb')", "math.mem<'30mb'>"},
      {"(msg.endsWith('world') AND retries < 10)", "(msg.endsWith<'world'> & retries<10)"},
      {"f()", "f<>"},
      {"f( a , (b OR c), -5 )", "f<a,(b | c),-5>"},
      {"expr.type_map.1.type", "expr.type_map.1.type"},
      {"map.'a.b'.\"c\" = 1", "map.'a.b'.'c'=1"},
      {"a.NOT.OR = 1", "a.NOT.OR=1"},
      {"NOT.AND(1)", "NOT.AND<1>"},
      // OR binds tighter than AND, negation tighter than both.
      {"a AND b OR c AND d", "(a & (b | c) & d)"},
      {"a b OR c d", "(a & (b | c) & d)"},
      {"NOT a OR -b AND NOT c d", "((!a | !b) & !c & d)"},
      {"NOT(a)", "NOT<a>"},
      // Keywords are upper case and whole words.
      {"and OR not", "(and | not)"},
      {"ANDROID NOTE ORB", "(ANDROID & NOTE & ORB)"},
      {"a = (b OR c)", "a=(b | c)"},
      {"a:*", "a:*"},
      {"a = -5 -b", "(a=-5 & !b)"},
      {"a-b = c-d", "a-b=c-d"},
      {"t > 2026-01-31T10:00:00.5+02:00", "t>2026-01-31T10:00:00.5+02:00"},
      {"a=\"x\"\nb = 'y'", "(a='x' & b='y')"},
      {R"(a = "\"\\\*\n\t\r\'")", "a='\"\\*\n\t\r''"},
      {"a = \"България\"", "a='България'"},
  };
  for (const Case& c : kCases) EXPECT_EQ(Parsed(c.text), c.expected) << c.text;
}

TEST(FilterParser, SaysWhereItWentWrongAndWhatWouldBeRight) {
  const Case kCases[] = {
      {"a =", "at character 4: a value is expected here"},
      {"a == 1", "at character 4: a value is expected here"},
      {"= 1", "at character 1: a field or ( is expected here"},
      {"a = 1 AND", "at character 10: a field or ( is expected here"},
      {"a = 1 OR OR b = 2", "at character 10: a field or ( is expected here; the word OR"},
      {"AND", "at character 1: a field or ( is expected here; the word AND"},
      {"a = NOT", "at character 5: a value is expected here; the word NOT itself needs quotes"},
      {"(a = 1", "at character 1: this parenthesis is never closed"},
      {"a = 1)", "at character 6: this parenthesis closes nothing"},
      {"()", "at character 2: an expression is missing in these parentheses"},
      {"a = \"b", "at character 5: this quote is never closed"},
      {"я = 'b", "at character 5: this quote is never closed"},
      {R"(a = "\x")", R"(at character 6: after \ one of \ " ' * n r t is expected)"},
      {"a = \"\\", "at character 6: after \\"},
      {"a=\"x\"b=1", "at character 6: a space, AND or OR is missing before this"},
      {"(a = 1)(b = 2)", "at character 8: a space, AND or OR is missing before this"},
      {"(a = 1)OR b = 2", "at character 8: a space, AND or OR is missing before this"},
      {"a = 10:30", "at character 7: a comparison ends before this"},
      {"a = O'Brien'", "at character 6: a space, AND or OR is missing before this"},
      {"NOT(a = 1)", "at character 1: NOT needs a space before the parenthesis"},
      {"a = 1 AND(b = 2)", "at character 7: AND needs a space before the parenthesis"},
      {"- a", "at character 3: - negates what follows it without a space"},
      {"NOT -a", "at character 5: one negation is enough"},
      {"--a", "at character 2: one negation is enough"},
      {"a. b = 1", "at character 4: no space may follow a dot"},
      {"a. = 1", "at character 4: no space may follow a dot"},
      {"a.= 1", "at character 3: a name after the dot is expected here"},
      {".a = 1", "at character 1: a field or ( is expected here"},
      {"f(a b)", "at character 5: a comma or ) is expected here"},
      {"f(a,)", "at character 5: a value is expected here"},
      {"f(", "at character 3: a value is expected here"},
      {"a, b", "at character 2: a space, AND or OR is missing"},
      {std::string("a = \0", 5), "at character 5: control characters cannot stand in a filter"},
      {"a = \x7f", "at character 5: control characters"},
      {"аб = \xff", "at character 6: this is not valid UTF-8"},
      {"a = \xed\xa0\x80", "at character 5: this is not valid UTF-8"},
      {"a = \xc0\x80", "at character 5: this is not valid UTF-8"},
  };
  for (const Case& c : kCases) EXPECT_THAT(Parsed(c.text), HasSubstr(c.expected)) << c.text;
}

std::string Repeated(absl::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) absl::StrAppend(&all, text);
  return all;
}

TEST(FilterParser, KeepsItsLimits) {
  EXPECT_TRUE(ParseExpression(Repeated("a=1 ", 100)).ok());
  EXPECT_THAT(Parsed(Repeated("a=1 ", 101)), HasSubstr("at character 401: more than 100 terms"));

  EXPECT_TRUE(ParseExpression(Repeated("(", 32) + "a" + Repeated(")", 32)).ok());
  EXPECT_THAT(Parsed(Repeated("(", 33) + "a" + Repeated(")", 33)),
              HasSubstr("at character 33: more than 32 parentheses"));
  EXPECT_THAT(Parsed(Repeated("f(", 1990)), HasSubstr("more than 32 parentheses"));
  EXPECT_TRUE(ParseExpression(Repeated("(a) ", 50)).ok()) << "parentheses beside each other";

  EXPECT_TRUE(ParseExpression(Repeated("я", 4000)).ok()) << "characters, not bytes";
  EXPECT_THAT(Parsed(Repeated("a", 4001)), HasSubstr("longer than 4000 characters"));
}

TEST(FilterParser, TellsWildcardsFromEscapedAsterisks) {
  const absl::StatusOr<std::vector<Token>> tokens = Tokenize(R"("*a\*" b* "\**")");
  ASSERT_TRUE(tokens.ok()) << tokens.status();
  ASSERT_EQ(tokens->size(), 4u);
  EXPECT_EQ((*tokens)[0].text, "*a*");
  EXPECT_THAT((*tokens)[0].stars, ::testing::ElementsAre(0));
  EXPECT_THAT((*tokens)[1].stars, ::testing::ElementsAre(1));
  EXPECT_EQ((*tokens)[2].text, "**");
  EXPECT_THAT((*tokens)[2].stars, ::testing::ElementsAre(1));
}

}  // namespace
}  // namespace mostove::resource::filter
