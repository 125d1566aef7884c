#include "libs/domain/steps.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/status/status.h"

namespace mostove::domain {

absl::Status CheckStep(const google::protobuf::EnumDescriptor* states, absl::string_view field,
                       absl::Span<const Step<int>> allowed, int from, int to) {
  if (from == to) return absl::OkStatus();
  const auto name = [&](int state) {
    const auto* value = states->FindValueByNumber(state);
    return value == nullptr ? absl::StrCat(state) : value->name();
  };
  std::vector<std::string> next;
  for (const Step<int>& step : allowed) {
    if (step.from != from) continue;
    if (step.to == to) return absl::OkStatus();
    next.push_back(name(step.to));
  }
  return status::Precondition(
      "STATE_STEP",
      absl::StrCat(field, " cannot go from ", name(from), " to ", name(to), "; ",
                   next.empty() ? "it has to stay as it is"
                                : absl::StrCat("it can become ", absl::StrJoin(next, " or "))));
}

}  // namespace mostove::domain
