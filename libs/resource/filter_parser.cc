#include "libs/resource/filter_parser.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/status/macros.h"

namespace mostove::resource::filter {
namespace {

constexpr int kTermsMax = 100;
constexpr int kDepthMax = 32;

bool IsKeyword(const Token& token) {
  return token.IsWord("AND") || token.IsWord("OR") || token.IsWord("NOT");
}

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  absl::StatusOr<std::unique_ptr<Expression>> Run() {
    if (Peek().kind == TokenKind::kEnd) return nullptr;
    ASSIGN_OR_RETURN(Expression expression, ParseAnd());
    if (Peek().kind == TokenKind::kClose) {
      return Error("this parenthesis closes nothing; remove it, or open one before");
    }
    return std::make_unique<Expression>(std::move(expression));
  }

 private:
  const Token& Peek(size_t ahead = 0) const {
    const size_t index = next_ + ahead;
    return index < tokens_.size() ? tokens_[index] : tokens_.back();
  }
  Token Take() { return std::move(tokens_[next_++]); }
  // True for a token that stands directly after the one before.
  bool Follows(size_t ahead, TokenKind kind) const {
    return Peek(ahead).kind == kind && !Peek(ahead).space_before;
  }
  bool AtFunction() const {
    size_t last = 0;
    while (Follows(last + 1, TokenKind::kDot) && Follows(last + 2, TokenKind::kText)) last += 2;
    return Peek().kind == TokenKind::kText && Follows(last + 1, TokenKind::kOpen);
  }
  bool AtOperator(absl::string_view word) const { return Peek().IsWord(word) && !AtFunction(); }
  bool AtEnd() const { return Peek().kind == TokenKind::kEnd || Peek().kind == TokenKind::kClose; }
  absl::Status Error(absl::string_view message) const { return ErrorAt(Peek().position, message); }

  absl::Status Enter() {
    if (++depth_ > kDepthMax) {
      return Error(absl::StrCat("more than ", kDepthMax, " parentheses inside each other"));
    }
    return absl::OkStatus();
  }

  // After a term: the end, a closing parenthesis, or white space.
  absl::Status CheckGap() const {
    if (AtEnd() || Peek().space_before) return absl::OkStatus();
    if (Peek().kind == TokenKind::kComparator) {
      return Error(
          "a comparison ends before this; a value that holds such characters needs quotes");
    }
    return Error(
        "a space, AND or OR is missing before this; a value that holds such characters "
        "needs quotes");
  }

  // Both the expression and its sequences: juxtaposition means AND here, so one
  // flat conjunction stands for `(a b) AND c`.
  absl::StatusOr<Expression> ParseAnd() {
    std::vector<Expression> factors;
    while (true) {
      ASSIGN_OR_RETURN(Expression factor, ParseOr());
      factors.push_back(std::move(factor));
      if (AtEnd()) return Join(Expression::Kind::kAnd, std::move(factors));
      if (AtOperator("AND")) Take();
    }
  }

  absl::StatusOr<Expression> ParseOr() {
    std::vector<Expression> terms;
    while (true) {
      ASSIGN_OR_RETURN(Expression term, ParseTerm());
      terms.push_back(std::move(term));
      RETURN_IF_ERROR(CheckGap());
      if (!AtOperator("OR")) return Join(Expression::Kind::kOr, std::move(terms));
      Take();
    }
  }

  static Expression Join(Expression::Kind kind, std::vector<Expression> children) {
    if (children.size() == 1) return std::move(children.front());
    Expression expression;
    expression.kind = kind;
    expression.position = children.front().position;
    expression.children = std::move(children);
    return expression;
  }

  absl::StatusOr<Expression> ParseTerm() {
    const int position = Peek().position;
    const bool minus = Peek().kind == TokenKind::kMinus;
    if (!minus && !AtOperator("NOT")) return ParseSimple();
    Take();
    if (minus && Peek().space_before) return Error("- negates what follows it without a space");
    if (Peek().kind == TokenKind::kMinus || AtOperator("NOT")) {
      return Error("one negation is enough; to negate a negation put it in parentheses");
    }
    ASSIGN_OR_RETURN(Expression child, ParseSimple());
    Expression expression;
    expression.kind = Expression::Kind::kNot;
    expression.position = position;
    expression.children.push_back(std::move(child));
    return expression;
  }

  absl::StatusOr<Expression> ParseSimple() {
    if (Peek().kind == TokenKind::kOpen) return ParseComposite();
    return ParseRestriction();
  }

  absl::StatusOr<Expression> ParseComposite() {
    RETURN_IF_ERROR(Enter());
    const int position = Take().position;
    if (Peek().kind == TokenKind::kClose)
      return Error("an expression is missing in these parentheses");
    ASSIGN_OR_RETURN(Expression expression, ParseAnd());
    if (Peek().kind != TokenKind::kClose) {
      return ErrorAt(position, "this parenthesis is never closed");
    }
    Take();
    --depth_;
    return expression;
  }

  absl::StatusOr<Expression> ParseRestriction() {
    if (++terms_ > kTermsMax) return Error(absl::StrCat("more than ", kTermsMax, " terms"));
    Expression expression;
    expression.position = Peek().position;
    ASSIGN_OR_RETURN(expression.comparable, ParseComparable("a field or ("));
    if (Peek().kind != TokenKind::kComparator) return expression;
    expression.comparator = Take().comparator;
    ASSIGN_OR_RETURN(expression.arg, ParseArg());
    return expression;
  }

  absl::StatusOr<Comparable> ParseComparable(absl::string_view expected) {
    Comparable comparable;
    comparable.position = Peek().position;
    bool only_names = true;
    while (true) {
      const TokenKind kind = Peek().kind;
      if (kind != TokenKind::kText && kind != TokenKind::kString) {
        return Error(absl::StrCat(expected, " is expected here"));
      }
      if (comparable.parts.empty() && IsKeyword(Peek()) && !AtFunction()) {
        return Error(absl::StrCat(expected, " is expected here; the word ", Peek().text,
                                  " itself needs quotes"));
      }
      only_names &= kind == TokenKind::kText;
      Token token = Take();
      comparable.parts.push_back(
          {std::move(token.text), std::move(token.stars), kind == TokenKind::kString});
      if (!Follows(0, TokenKind::kDot)) break;
      Take();
      if (Peek().space_before) return Error("no space may follow a dot");
      expected = "a name after the dot";
    }
    if (only_names && Follows(0, TokenKind::kOpen)) RETURN_IF_ERROR(ParseCall(comparable));
    return comparable;
  }

  absl::Status ParseCall(Comparable& comparable) {
    RETURN_IF_ERROR(Enter());
    comparable.is_function = true;
    Take();
    while (Peek().kind != TokenKind::kClose || !comparable.args.empty()) {
      ASSIGN_OR_RETURN(Comparable::Arg arg, ParseArg());
      comparable.args.push_back(std::move(arg));
      if (Peek().kind == TokenKind::kClose) break;
      if (Peek().kind != TokenKind::kComma) return CallError(comparable);
      Take();
    }
    Take();
    --depth_;
    return absl::OkStatus();
  }

  // `NOT(a = 1)` reads as a call of a function NOT; say what was meant.
  absl::Status CallError(const Comparable& comparable) const {
    const std::string name = comparable.Text();
    if (name == "NOT" || name == "AND" || name == "OR") {
      return ErrorAt(comparable.position,
                     absl::StrCat(name, " needs a space before the parenthesis"));
    }
    return Error("a comma or ) is expected here");
  }

  absl::StatusOr<Comparable::Arg> ParseArg() {
    Comparable::Arg arg;
    arg.position = Peek().position;
    if (Peek().kind == TokenKind::kOpen) {
      ASSIGN_OR_RETURN(Expression composite, ParseComposite());
      arg.composite = std::make_unique<Expression>(std::move(composite));
      return arg;
    }
    const bool minus = Peek().kind == TokenKind::kMinus && Follows(1, TokenKind::kText);
    if (minus) Take();
    ASSIGN_OR_RETURN(arg.comparable, ParseComparable("a value"));
    arg.comparable.position = arg.position;
    arg.comparable.minus = minus;
    return arg;
  }

  std::vector<Token> tokens_;
  size_t next_ = 0;
  int terms_ = 0;
  int depth_ = 0;
};

}  // namespace

std::string Comparable::Text() const {
  std::string text = minus ? "-" : "";
  for (size_t i = 0; i < parts.size(); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ".", parts[i].text);
  }
  return text;
}

absl::StatusOr<std::unique_ptr<Expression>> ParseExpression(absl::string_view text) {
  ASSIGN_OR_RETURN(std::vector<Token> tokens, Tokenize(text));
  return Parser(std::move(tokens)).Run();
}

}  // namespace mostove::resource::filter
