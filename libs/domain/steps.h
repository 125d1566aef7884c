// Which states may follow which.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/generated_enum_reflection.h"

namespace mostove::domain {

template <class State>
struct Step {
  State from, to;
};

// FAILED_PRECONDITION with reason STATE_STEP, naming what can follow, unless the
// state stays or the step from `from` to `to` is among those allowed. `field` is
// the state's: "state".
absl::Status CheckStep(const google::protobuf::EnumDescriptor* states, absl::string_view field,
                       absl::Span<const Step<int>> allowed, int from, int to);

template <class State, size_t N>
absl::Status CheckStep(absl::string_view field, const Step<State> (&allowed)[N], State from,
                       State to) {
  Step<int> numbers[N];
  for (size_t i = 0; i < N; ++i) numbers[i] = {allowed[i].from, allowed[i].to};
  return CheckStep(google::protobuf::GetEnumDescriptor<State>(), field, numbers,
                   static_cast<int>(from), static_cast<int>(to));
}

}  // namespace mostove::domain
