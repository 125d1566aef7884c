#include "libs/resource/filter_check.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/resource/filter_values.h"
#include "libs/resource/text.h"
#include "libs/status/macros.h"

namespace mostove::resource::filter {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Kind = Condition::Kind;

// The right side of a comparison, without the wildcards at its ends.
struct Literal {
  int position = 0;
  std::string text;
  bool star_before = false;
  bool star_after = false;
  bool star_inside = false;

  bool has_stars() const { return star_before || star_after || star_inside; }
  bool IsStar() const { return text.empty() && has_stars(); }
};

// A piece of the filter to quote in an error, short enough for one.
std::string Quoted(absl::string_view text) {
  constexpr size_t kBytesMax = 80;
  if (text.size() <= kBytesMax) return absl::StrCat("\"", text, "\"");
  size_t end = kBytesMax;
  while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return absl::StrCat("\"", text.substr(0, end), "...\"");
}

// True when the path leads to a field of the message, column or not.
bool FieldExists(const Descriptor* message, const std::vector<Comparable::Part>& parts) {
  for (const Comparable::Part& part : parts) {
    if (message == nullptr) return false;
    const FieldDescriptor* found = message->FindFieldByName(part.text);
    for (int i = 0; found == nullptr && i < message->field_count(); ++i) {
      if (message->field(i)->json_name() == part.text) found = message->field(i);
    }
    if (found == nullptr) return false;
    message = found->message_type();  // null of a scalar
  }
  return true;
}

absl::Status NoColumn(const Type& type, const Comparable& member) {
  std::vector<std::string> paths;
  for (const ColumnInfo& column : type.columns()) paths.push_back(column.path);
  const std::string path = Quoted(member.Text());
  return ErrorAt(member.position,
                 absl::StrCat(FieldExists(type.descriptor(), member.parts)
                                  ? absl::StrCat("the field ", path, " cannot be filtered by")
                                  : absl::StrCat("there is no field ", path),
                              "; filters may use ", NameList(paths)));
}

absl::Status NoFunctions(const Comparable& function) {
  return ErrorAt(function.position, absl::StrCat("there is no function ", Quoted(function.Text()),
                                                 "; filters have no functions"));
}

absl::StatusOr<Literal> ReadLiteral(const Comparable::Arg& arg) {
  if (arg.composite != nullptr) {
    return ErrorAt(arg.position, "one value is expected here; for several write a = 1 OR a = 2");
  }
  const Comparable& comparable = arg.comparable;
  if (comparable.is_function) return NoFunctions(comparable);
  Literal literal;
  literal.position = arg.position;
  literal.text = comparable.Text();
  size_t offset = comparable.minus ? 1 : 0;
  for (const Comparable::Part& part : comparable.parts) {
    if (part.quoted && comparable.parts.size() > 1) {
      return ErrorAt(arg.position, "the value needs quotes as a whole, its dots included");
    }
    for (const size_t star : part.stars) {
      const size_t position = offset + star;
      if (position == 0) {
        literal.star_before = true;
      } else if (position + 1 == literal.text.size()) {
        literal.star_after = true;
      } else {
        literal.star_inside = true;
      }
    }
    offset += part.text.size() + 1;
  }
  if (literal.star_after) literal.text.pop_back();
  if (literal.star_before) literal.text.erase(0, 1);
  return literal;
}

Condition Test(const ColumnInfo& column, Kind kind, sql::Value value = sql::Null()) {
  Condition condition;
  condition.kind = kind;
  condition.column = &column;
  condition.value = std::move(value);
  return condition;
}

// `field:*`. A field without presence counts as set when it is not its default.
Condition IsSet(const ColumnInfo& column) {
  if (column.repeated || column.leaf()->has_presence()) return Test(column, Kind::kPresent);
  Condition condition = Test(column, Kind::kEqual, DefaultValue(column.kind));
  condition.negated = true;
  return condition;
}

// Text with = or : and its wildcards.
absl::StatusOr<Condition> MatchText(const ColumnInfo& column, Comparator comparator,
                                    const Literal& literal) {
  if (literal.star_inside) {
    return ErrorAt(
        literal.position,
        "* may stand at the ends of a value only; in quotes \\* is the character itself");
  }
  std::string text = ToNfc(literal.text);
  bool before = literal.star_before;
  bool after = literal.star_after;
  // Without wildcards : asks whether the text contains the value; of a repeated
  // column whether one of its texts is the value.
  if (comparator == Comparator::kHas && !column.repeated && !before && !after) {
    before = after = true;
  }
  if (!before && !after) return Test(column, Kind::kEqual, std::move(text));
  if (text.empty()) return Test(column, Kind::kPresent);
  const Kind kind = before && after ? Kind::kContains : before ? Kind::kSuffix : Kind::kPrefix;
  return Test(column, kind, std::move(text));
}

// A range stands for a point: what is before it is less, what is after it is
// greater, and all in it is equal.
Condition CompareRange(const ColumnInfo& column, Comparator comparator, ValueRange range) {
  switch (comparator) {
    case Comparator::kLess:
      return Test(column, Kind::kLess, std::move(range.low));
    case Comparator::kLessOrEqual:
      return Test(column, Kind::kLessOrEqual, std::move(range.high));
    case Comparator::kGreater:
      return Test(column, Kind::kGreater, std::move(range.high));
    case Comparator::kGreaterOrEqual:
      return Test(column, Kind::kGreaterOrEqual, std::move(range.low));
    case Comparator::kEqual:
    case Comparator::kNotEqual:
    case Comparator::kHas:
      break;
  }
  if (range.low == range.high) return Test(column, Kind::kEqual, std::move(range.low));
  Condition condition = Test(column, Kind::kBetween, std::move(range.low));
  condition.upper = std::move(range.high);
  return condition;
}

bool IsOrdering(Comparator comparator) {
  return comparator != Comparator::kEqual && comparator != Comparator::kNotEqual &&
         comparator != Comparator::kHas;
}

absl::Status CheckComparator(const ColumnInfo& column, Comparator comparator, int position) {
  if (column.repeated && comparator != Comparator::kHas) {
    return ErrorAt(position, absl::StrCat(column.path, " is repeated: write ", column.path,
                                          ":value, or NOT ", column.path, ":value"));
  }
  const bool unordered = column.kind == ColumnKind::kBool || column.kind == ColumnKind::kEnum;
  if (unordered && IsOrdering(comparator)) {
    return ErrorAt(position,
                   absl::StrCat(column.path, " has no order: ", ComparatorText(comparator),
                                " cannot be used, = and != can"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Condition> Compare(const ColumnInfo& column, Comparator comparator,
                                  const Literal& literal) {
  if (comparator == Comparator::kHas && literal.IsStar()) return IsSet(column);
  const bool text = column.kind == ColumnKind::kText;
  Condition condition;
  if (text && !IsOrdering(comparator)) {
    ASSIGN_OR_RETURN(condition, MatchText(column, comparator, literal));
  } else if (literal.has_stars()) {
    return ErrorAt(literal.position,
                   absl::StrCat("* is for texts with =, != and :, and for ", column.path, ":*",
                                text ? "; in quotes \\* is the character itself" : ""));
  } else {
    absl::StatusOr<ValueRange> range = ParseValue(column, literal.text);
    if (!range.ok()) return ErrorAt(literal.position, range.status().message());
    condition = CompareRange(column, comparator, *std::move(range));
  }
  condition.negated = comparator == Comparator::kNotEqual;
  return condition;
}

absl::StatusOr<Condition> CheckRestriction(const Type& type, const Expression& restriction) {
  const Comparable& member = restriction.comparable;
  if (member.is_function) return NoFunctions(member);
  if (!restriction.comparator.has_value()) {
    return ErrorAt(member.position,
                   absl::StrCat("the bare word ", Quoted(member.Text()),
                                " searches nothing; compare a field: field = value"));
  }
  bool plain = true;  // a quoted part with a dot in it is no path
  for (const Comparable::Part& part : member.parts) {
    plain &= part.text.find('.') == std::string::npos;
  }
  const ColumnInfo* column = plain ? type.FindColumn(member.Text()) : nullptr;
  if (column == nullptr) return NoColumn(type, member);
  RETURN_IF_ERROR(CheckComparator(*column, *restriction.comparator, member.position));
  ASSIGN_OR_RETURN(const Literal literal, ReadLiteral(restriction.arg));
  return Compare(*column, *restriction.comparator, literal);
}

}  // namespace

absl::StatusOr<Condition> Check(const Type& type, const Expression& expression) {
  if (expression.kind == Expression::Kind::kRestriction) return CheckRestriction(type, expression);
  Condition condition;
  condition.kind = expression.kind == Expression::Kind::kAnd  ? Kind::kAnd
                   : expression.kind == Expression::Kind::kOr ? Kind::kOr
                                                              : Kind::kNot;
  for (const Expression& child : expression.children) {
    ASSIGN_OR_RETURN(Condition checked, Check(type, child));
    condition.children.push_back(std::move(checked));
  }
  return condition;
}

}  // namespace mostove::resource::filter
