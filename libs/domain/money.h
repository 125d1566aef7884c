// Amounts of money: exact, in minor units, never in binary floating point.
#pragma once

#include <optional>
#include <string>

#include "absl/numeric/int128.h"
#include "absl/strings/string_view.h"
#include "google/type/money.pb.h"
#include "libs/status/status.h"

namespace mostove::domain {

// Reasons: CURRENCY (no code of ISO 4217, present or past), SIGN (units and
// nanos of different signs), NANOS (out of range, or a part of the currency's
// smallest unit, which is a cent for EUR), TOO_LARGE (beyond 10^15 units).
void CheckMoney(const google::type::Money& money, absl::string_view path,
                status::Violations& violations);

// The amount in minor units: 1250 for 12.50 EUR, 12 for 12 JPY. The functions
// from here on take money that passes CheckMoney; sums do not overflow.
absl::int128 MinorUnits(const google::type::Money& money);

// The amount in minor units of another currency, as far as that can be told
// without the rate of a day: for the currency itself, and between EUR and BGN at
// the fixed 1 EUR = 1.95583 BGN, by the whole rate and rounded half up.
std::optional<absl::int128> MinorUnitsIn(const std::string& currency_code,
                                         const google::type::Money& money);

// "12.50 EUR", for messages.
std::string MoneyText(absl::int128 minor_units, const std::string& currency_code);

}  // namespace mostove::domain
