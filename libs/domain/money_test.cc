#include "libs/domain/money.h"

#include "gmock/gmock.h"
#include "libs/domain/violations_of.h"

namespace mostove::domain {
namespace {

using google::type::Money;

Money Amount(const std::string& currency, int64_t units, int32_t nanos = 0) {
  Money money;
  money.set_currency_code(currency);
  money.set_units(units);
  money.set_nanos(nanos);
  return money;
}

TEST(MoneyTest, IsACurrencyAndAnAmountInItsSmallestPart) {
  const Case cases[] = {
      {R"(currency_code: "EUR" units: 12 nanos: 500000000)", {}},
      {R"(currency_code: "BGN" units: -12 nanos: -10000000)", {}},
      {R"(currency_code: "USD")", {}},
      {R"(currency_code: "JPY" units: 500)", {}},
      {R"(currency_code: "KWD" nanos: 1000000)", {}},
      {R"(units: 1)", {"x.currency_code CURRENCY"}},
      {R"(currency_code: "eur" units: 1)", {"x.currency_code CURRENCY"}},
      {R"(currency_code: "EURO" units: 1)", {"x.currency_code CURRENCY"}},
      {R"(currency_code: "XXX" units: 1)", {"x.currency_code CURRENCY"}},
      {R"(currency_code: "XAU" units: 1)", {"x.currency_code CURRENCY"}},
      {R"(currency_code: "EUR" units: 1 nanos: -500000000)", {"x.nanos SIGN"}},
      {R"(currency_code: "EUR" units: -1 nanos: 500000000)", {"x.nanos SIGN"}},
      {R"(currency_code: "EUR" nanos: 1000000000)", {"x.nanos NANOS"}},
      {R"(currency_code: "EUR" nanos: 5000000)", {"x.nanos NANOS"}},
      {R"(currency_code: "JPY" nanos: 500000000)", {"x.nanos NANOS"}},
      {R"(currency_code: "EUR" units: 1000000000000000)", {}},
      {R"(currency_code: "EUR" units: 1000000000000001)", {"x.units TOO_LARGE"}},
      {R"(currency_code: "EUR" units: -9223372036854775808)", {"x.units TOO_LARGE"}},
  };
  for (const auto& [message, expected] : cases) {
    EXPECT_EQ(ViolationsOf<Money>(message), expected) << message;
  }
}

TEST(MoneyTest, CountsInTheSmallestPart) {
  EXPECT_EQ(MinorUnits(Amount("EUR", 12, 500'000'000)), 1250);
  EXPECT_EQ(MinorUnits(Amount("EUR", -12, -10'000'000)), -1201);
  EXPECT_EQ(MinorUnits(Amount("JPY", 12)), 12);
  EXPECT_EQ(MinorUnits(Amount("KWD", 1, 1'000'000)), 1001);
}

TEST(MoneyTest, LevAndEuroHaveAFixedRate) {
  const struct {
    Money from;
    std::string to;
    int64_t expected;
  } cases[] = {
      {Amount("BGN", 100), "EUR", 5113},
      {Amount("BGN", 1, 955'830'000), "EUR", 100},
      {Amount("BGN", 0, 10'000'000), "EUR", 1},  // 0.51 cents
      {Amount("BGN", -100), "EUR", -5113},
      {Amount("EUR", 51, 130'000'000), "BGN", 10000},
      {Amount("EUR", 100), "BGN", 19558},
      {Amount("EUR", 100), "EUR", 10000},
      {Amount("BGN", 1'000'000'000'000'000), "EUR", 51'129'188'119'621'849},
  };
  for (const auto& [from, to, expected] : cases) {
    EXPECT_EQ(MinorUnitsIn(to, from), absl::int128(expected)) << from.ShortDebugString();
  }
  EXPECT_EQ(MinorUnitsIn("EUR", Amount("USD", 1)), std::nullopt);
  EXPECT_EQ(MinorUnitsIn("USD", Amount("BGN", 1)), std::nullopt);
}

// An amount that is turned into euro and back is the same stotinki, give or
// take the one that a cent cannot tell.
TEST(MoneyTest, ThereAndBackAgainLosesNoMoreThanACentHolds) {
  for (int stotinki = -20000; stotinki <= 20000; ++stotinki) {
    const Money levs = Amount("BGN", stotinki / 100, stotinki % 100 * 10'000'000);
    const auto cents = static_cast<int64_t>(*MinorUnitsIn("EUR", levs));
    const Money euros = Amount("EUR", cents / 100, cents % 100 * 10'000'000);
    const auto back = static_cast<int64_t>(*MinorUnitsIn("BGN", euros));
    EXPECT_LE(std::abs(back - stotinki), 1) << stotinki;
  }
}

TEST(MoneyTest, WritesAmountsForPeople) {
  EXPECT_EQ(MoneyText(1250, "EUR"), "12.50 EUR");
  EXPECT_EQ(MoneyText(5, "EUR"), "0.05 EUR");
  EXPECT_EQ(MoneyText(-5, "EUR"), "-0.05 EUR");
  EXPECT_EQ(MoneyText(0, "EUR"), "0.00 EUR");
  EXPECT_EQ(MoneyText(12, "JPY"), "12 JPY");
}

}  // namespace
}  // namespace mostove::domain
