#include "libs/domain/checks.h"

#include "libs/domain/classification.h"
#include "libs/domain/identifier.h"
#include "libs/domain/localized_text.h"
#include "libs/domain/money.h"
#include "libs/domain/place.h"

namespace mostove::domain {
namespace {

template <typename T>
void Register(void (*check)(const T&, absl::string_view, status::Violations&),
              resource::TypeChecks& checks) {
  // A message of a dynamic factory has T's name but not its type.
  checks[T::descriptor()->full_name()] = [check](const google::protobuf::Message& message,
                                                 absl::string_view path,
                                                 status::Violations& violations) {
    if (const T* typed = google::protobuf::DynamicCastToGenerated<T>(&message)) {
      check(*typed, path, violations);
    } else {
      T copy;
      copy.ParsePartialFromString(message.SerializePartialAsString());
      check(copy, path, violations);
    }
  };
}

resource::TypeChecks MakeChecks() {
  resource::TypeChecks checks;
  Register(CheckArea, checks);
  Register(CheckClassification, checks);
  Register(CheckIdentifier, checks);
  Register(CheckLocalizedText, checks);
  Register(CheckMoney, checks);
  Register(CheckPlace, checks);
  return checks;
}

}  // namespace

const resource::TypeChecks& Checks() {
  static const resource::TypeChecks* const checks = new resource::TypeChecks(MakeChecks());
  return *checks;
}

}  // namespace mostove::domain
