#include "libs/resource/filter.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "google/api/resource.pb.h"
#include "libs/resource/filter_check.h"
#include "libs/resource/filter_parser.h"
#include "libs/resource/filter_sql.h"
#include "libs/status/status.h"

namespace mostove::resource {
namespace {

using filter::Condition;

void CollectEqualities(const Condition& condition, std::vector<const Condition*>& equalities) {
  if (condition.kind == Condition::Kind::kAnd) {
    for (const Condition& child : condition.children) CollectEqualities(child, equalities);
  } else if (condition.kind == Condition::Kind::kEqual && !condition.negated &&
             (condition.column->indexed || condition.column->repeated)) {
    equalities.push_back(&condition);
  }
}

Audience Narrowest(const Condition& condition) {
  Audience narrowest = condition.column == nullptr ? v1::PUBLIC : condition.column->visibility;
  for (const Condition& child : condition.children) {
    narrowest = std::min(narrowest, Narrowest(child));
  }
  return narrowest;
}

// A resource that was merged is referred to by several names.
void AddAliases(const Aliases& aliases, Condition& condition) {
  for (Condition& child : condition.children) AddAliases(aliases, child);
  if (condition.kind != Condition::Kind::kEqual ||
      !condition.column->leaf()->options().HasExtension(google::api::resource_reference)) {
    return;
  }
  const auto* name = std::get_if<std::string>(&condition.value);
  if (name == nullptr) return;
  const std::vector<std::string> names = aliases.NamesOf(*name);
  if (names.size() == 1) return;
  Condition any;
  any.kind = condition.negated ? Condition::Kind::kAnd : Condition::Kind::kOr;
  for (const std::string& each : names) {
    any.children.push_back(condition);
    any.children.back().value = each;
  }
  condition = std::move(any);
}

class CompiledFilter : public Filter {
 public:
  CompiledFilter(const Type& type, std::optional<Condition> condition)
      : table_(type.table()), condition_(std::move(condition)) {
    if (!condition_.has_value()) return;
    CollectEqualities(*condition_, conditions_of_equalities_);
    for (const Condition* condition : conditions_of_equalities_) {
      equalities_.push_back({condition->column, condition->value});
    }
    narrowest_ = Narrowest(*condition_);
  }

  bool empty() const override { return !condition_.has_value(); }

  std::string ToSql(sql::Engine engine, absl::string_view table_alias,
                    std::vector<sql::Value>& values, const FilterEquality* known) const override {
    if (!condition_.has_value()) return "TRUE";
    const Condition* left_out =
        known == nullptr ? nullptr : conditions_of_equalities_[known - equalities_.data()];
    return filter::ToSql(*condition_, left_out, engine, table_, table_alias, values);
  }

  const std::vector<FilterEquality>& equalities() const override { return equalities_; }
  Audience narrowest() const override { return narrowest_; }

 private:
  const std::string& table_;
  const std::optional<Condition> condition_;
  std::vector<FilterEquality> equalities_;
  std::vector<const Condition*> conditions_of_equalities_;  // within condition_
  Audience narrowest_ = v1::PUBLIC;
};

absl::StatusOr<std::optional<Condition>> Compile(const Type& type, absl::string_view text) {
  absl::StatusOr<std::unique_ptr<filter::Expression>> expression = filter::ParseExpression(text);
  if (!expression.ok()) return expression.status();
  if (*expression == nullptr) return std::nullopt;
  absl::StatusOr<Condition> condition = filter::Check(type, **expression);
  if (!condition.ok()) return condition.status();
  return *std::move(condition);
}

}  // namespace

absl::StatusOr<std::unique_ptr<const Filter>> ParseFilter(const Type& type, absl::string_view text,
                                                          absl::string_view field,
                                                          const Aliases* aliases) {
  absl::StatusOr<std::optional<Condition>> condition = Compile(type, text);
  if (!condition.ok()) {
    return status::InvalidField(field, "FILTER", condition.status().message());
  }
  if (aliases != nullptr && !aliases->empty() && condition->has_value()) {
    AddAliases(*aliases, **condition);
  }
  return std::make_unique<const CompiledFilter>(type, *std::move(condition));
}

}  // namespace mostove::resource
