// The syntax of a filter: all of AIP-160's grammar, without any meaning.
//
//   expression  = sequence {AND sequence}
//   sequence    = factor {factor}             white space between them
//   factor      = term {OR term}
//   term        = [NOT | -] (restriction | "(" expression ")")
//   restriction = comparable [comparator arg]
//   comparable  = member | function
//   member      = (text | string) {"." (text | string | keyword)}
//   function    = (text | keyword) {"." (text | keyword)} "(" [arg {"," arg}] ")"
//   arg         = comparable | "(" expression ")"
//
// An arg may also begin with a minus: a negative number. A keyword directly
// before "(" is the name of a function, as the grammar has it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/resource/filter_lexer.h"

namespace mostove::resource::filter {

struct Expression;

// A member ("seat.country_code", "x", 20) or a function call.
struct Comparable {
  struct Part {
    std::string text;
    std::vector<size_t> stars;  // see Token
    bool quoted = false;
  };
  struct Arg;

  int position = 0;
  bool minus = false;  // only as an arg
  std::vector<Part> parts;
  bool is_function = false;
  std::vector<Arg> args;  // of the function

  // The parts joined with dots.
  std::string Text() const;
};

// Either a comparable or, when `composite` is set, an expression in parentheses.
struct Comparable::Arg {
  int position = 0;
  Comparable comparable;
  std::unique_ptr<Expression> composite;
};

struct Expression {
  enum class Kind { kAnd, kOr, kNot, kRestriction };
  Kind kind = Kind::kRestriction;
  int position = 0;
  // Two or more of kAnd and kOr, one of kNot.
  std::vector<Expression> children;
  // Of kRestriction; without a comparator it is a bare word or function.
  Comparable comparable;
  std::optional<Comparator> comparator;
  Comparable::Arg arg;
};

// Null for the empty filter. INVALID_ARGUMENT with "at character 7: ...". At
// most 100 restrictions, at most 32 parentheses inside each other.
absl::StatusOr<std::unique_ptr<Expression>> ParseExpression(absl::string_view text);

}  // namespace mostove::resource::filter
