#include "libs/domain/money.h"

#include <unicode/ucurr.h>
#include <unicode/uenum.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <sstream>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "libs/domain/path.h"

namespace mostove::domain {
namespace {

using google::type::Money;

constexpr int kNanoDigits = 9;
constexpr int64_t kUnitsMax = 1'000'000'000'000'000;

int64_t PowerOf10(int exponent) {
  int64_t power = 1;
  while (exponent-- > 0) power *= 10;
  return power;
}

// Digits of the minor unit, by currency. Without metals, funds and test codes.
absl::flat_hash_map<std::string, int> LoadCurrencies() {
  absl::flat_hash_map<std::string, int> currencies;
  UErrorCode error = U_ZERO_ERROR;
  UEnumeration* const codes = ucurr_openISOCurrencies(UCURR_COMMON, &error);
  int32_t length = 0;
  while (const char* code = uenum_next(codes, &length, &error)) {
    icu::UnicodeString wide(code, length, US_INV);
    currencies[code] = ucurr_getDefaultFractionDigits(wide.getTerminatedBuffer(), &error);
  }
  uenum_close(codes);
  return currencies;
}

// -1 for what is no currency.
int MinorDigits(const std::string& currency_code) {
  static const auto* const currencies = new absl::flat_hash_map<std::string, int>(LoadCurrencies());
  const auto found = currencies->find(currency_code);
  return found == currencies->end() ? -1 : found->second;
}

// Half away from zero, which is half up for an amount and its reversal alike.
absl::int128 DivideRounded(absl::int128 dividend, absl::int128 divisor) {
  const absl::int128 half = dividend < 0 ? -divisor / 2 : divisor / 2;
  return (dividend + half) / divisor;
}

}  // namespace

void CheckMoney(const Money& money, absl::string_view path, status::Violations& violations) {
  const int digits = MinorDigits(money.currency_code());
  if (digits < 0) {
    violations.Add(Join(path, "currency_code"), "CURRENCY",
                   "has to be a code of ISO 4217 such as EUR");
  }
  if (money.units() > kUnitsMax || money.units() < -kUnitsMax) {
    violations.Add(Join(path, "units"), "TOO_LARGE", "has to be at most 1,000,000,000,000,000");
  }
  if ((money.units() > 0 && money.nanos() < 0) || (money.units() < 0 && money.nanos() > 0)) {
    violations.Add(Join(path, "nanos"), "SIGN", "has to have the sign that units have");
  }
  if (money.nanos() > 999'999'999 || money.nanos() < -999'999'999) {
    violations.Add(Join(path, "nanos"), "NANOS", "has to be less than one unit");
  } else if (digits >= 0 && money.nanos() % PowerOf10(kNanoDigits - digits) != 0) {
    violations.Add(Join(path, "nanos"), "NANOS",
                   absl::StrCat("has to be a multiple of ", PowerOf10(kNanoDigits - digits),
                                ": the smallest part of ", money.currency_code()));
  }
}

absl::int128 MinorUnits(const Money& money) {
  const int digits = std::max(0, MinorDigits(money.currency_code()));
  return absl::int128(money.units()) * PowerOf10(digits) +
         money.nanos() / PowerOf10(kNanoDigits - digits);
}

std::optional<absl::int128> MinorUnitsIn(const std::string& currency_code, const Money& money) {
  const absl::int128 own = MinorUnits(money);
  if (money.currency_code() == currency_code) return own;
  if (money.currency_code() == "BGN" && currency_code == "EUR") {
    return DivideRounded(own * 100000, 195583);
  }
  if (money.currency_code() == "EUR" && currency_code == "BGN") {
    return DivideRounded(own * 195583, 100000);
  }
  return std::nullopt;
}

std::string MoneyText(absl::int128 minor_units, const std::string& currency_code) {
  const int digits = std::max(0, MinorDigits(currency_code));
  std::ostringstream stream;  // Abseil's StrCat takes no int128
  stream << (minor_units < 0 ? -minor_units : minor_units);
  std::string text = stream.str();
  if (digits > 0) {
    if (text.size() <= static_cast<size_t>(digits)) {
      text.insert(0, digits + 1 - text.size(), '0');
    }
    text.insert(text.size() - digits, ".");
  }
  return absl::StrCat(minor_units < 0 ? "-" : "", text, " ", currency_code);
}

}  // namespace mostove::domain
