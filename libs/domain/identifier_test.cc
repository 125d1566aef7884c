#include "libs/domain/identifier.h"

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "libs/domain/violations_of.h"

namespace mostove::domain {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(EikTest, TakesValidNumbers) {
  for (const char* eik :
       {"204853663", "020469788", "131071587", "175000039", "100000550", "1213961230342"}) {
    EXPECT_TRUE(IsEik(eik)) << eik;
  }
}

TEST(EikTest, TakesThoseThatPublicBodiesPublish) {
  struct Case {
    const char* body;
    const char* eik;
  };
  const Case cases[] = {
      {"Sofia Municipality", "000696327"},
      {"Burgas Municipality", "000056814"},
      {"Varna Municipality", "000093442"},
      {"Plovdiv Municipality", "000471504"},
      {"Ruse Municipality", "000530632"},
      {"Stara Zagora Municipality", "000590654"},
      {"Pleven Municipality", "000413974"},
      {"Blagoevgrad Municipality", "000024663"},
      {"Ministry of Education and Science", "000695114"},
      {"Ministry of Finance", "000695406"},
      {"National Revenue Agency", "131063188"},
      {"National Social Security Institute", "121082521"},
  };
  for (const Case& c : cases) EXPECT_TRUE(IsEik(c.eik)) << c.body;
}

TEST(EikTest, RefusesTheRest) {
  for (const char* wrong : {"123456789", "1234567891234", "000000000", "0000000000000", "",
                            "20485366", "2048536630", "204853663 ", "BG204853663", "20485366x",
                            "1213961230343", "1213961240342", "\xD9\xA2\xD9\xA0\xD9\xA4\xD9\xA8"}) {
    EXPECT_FALSE(IsEik(wrong)) << wrong;
  }
}

// Numbers spread over the whole range; 9,973 has no factor in common with 10^8.
std::vector<std::string> SampleOfEiks() {
  std::vector<std::string> eiks;
  for (int i = 1; i <= 2000; ++i) {
    const std::string body = absl::StrFormat("%08d", int64_t{i} * 9973 * 4999 % 100'000'000);
    for (char check = '0'; check <= '9'; ++check) {
      if (IsEik(body + check)) eiks.push_back(body + check);
    }
  }
  return eiks;
}

TEST(EikTest, EveryEightDigitsHaveOneCheckDigit) { EXPECT_EQ(SampleOfEiks().size(), 2000u); }

// The weights have no factor in common with 11, so another digit always gives
// another remainder. It is missed only where one of the two remainders is 10
// and the second weights happen to give the same digit: about
// 1/11 * 1/10 + 1/11 * 1/11 = 1.7 % of the changes in the first eight places, and
// none in the ninth: 1.6 % of all.
TEST(EikTest, AChangedDigitIsNearlyAlwaysNoticed) {
  int changes = 0, missed = 0;
  for (const std::string& eik : SampleOfEiks()) {
    for (size_t place = 0; place < eik.size(); ++place) {
      for (char digit = '0'; digit <= '9'; ++digit) {
        if (digit == eik[place]) continue;
        std::string changed = eik;
        changed[place] = digit;
        ++changes;
        if (!IsEik(changed)) continue;
        ++missed;
        EXPECT_LT(place, 8u) << eik << " and " << changed;
      }
    }
  }
  EXPECT_EQ(changes, 2000 * 9 * 9);
  EXPECT_NEAR(static_cast<double>(missed) / changes, 0.0155, 0.003);
}

TEST(IdentifierTest, ChecksTheFormOfEachRegister) {
  const Case cases[] = {
      {R"(scheme: "BG-EIK" value: "204853663")", {}},
      {R"(scheme: "BG-EIK" value: "1213961230342")", {}},
      {R"(scheme: "BG-EIK" value: "204853664")", {"x.value EIK"}},
      {R"(scheme: "BG-EIK" value: "BG204853663")", {"x.value EIK"}},
      {R"(scheme: "BG-EIK" value: "000000000")", {"x.value EIK"}},
      {R"(scheme: "bg-eik" value: "204853664")", {"x.value EIK"}},
      {R"(scheme: "UA-EDR" value: "38422948")", {}},
      {R"(scheme: "UA-EDR" value: "00012925")", {}},
      {R"(scheme: "UA-EDR" value: "3842294")", {"x.value EDR"}},
      {R"(scheme: "UA-EDR" value: "3842294x")", {"x.value EDR"}},
      {R"(scheme: "XI-IATI" value: "XM-DAC-41121")", {}},
      {R"(scheme: "DE-CR" value: "HRB 1234567890")", {}},
      {R"(scheme: "BG-EIK")", {}},  // the annotation says REQUIRED
  };
  for (const auto& [message, expected] : cases) {
    EXPECT_EQ(ViolationsOf<common::v1::Identifier>(message), expected) << message;
  }
}

TEST(IdentifierTest, RefusesWhatMayBeAPersonsNumber) {
  const char* const cases[] = {
      R"(scheme: "BG-EIK" value: "8001014509")",
      R"(scheme: "bg-eik" value: "8001014509")",
      R"(scheme: "BG-EGN" value: "8001014509")",
      R"(scheme: "UA-EDR" value: "2935277368")",
      R"(scheme: "UA-RNOKPP" value: "2935277368")",
      R"(value: "8001014509")",
      R"(scheme: " " value: "8001014509")",
      R"(scheme: "BG-EIK" value: "80 01 01 45 09")",
      R"(scheme: "BG-EIK" value: "800101-4509")",
      R"(scheme: "BG-EIK" value: "BG8001014509")",
      R"(scheme: "BG-EIK" value: "ЕГН 8001014509")",
      R"(scheme: "BG-EIK" value: "80.01.01/4509 г.")",
      R"(scheme: "BG-EIK" value: "8001014509/2")",
      R"(scheme: "BG-EIK" value: "2-8001014509")",
      R"(scheme: "BG-EIK" value: "٨٠٠١٠١٤٥٠٩")",
      R"(scheme: "BG-EIK" value: "８００１０１４５０９")",
      R"(scheme: "XI-IATI" value: "BG-EIK-8001014509")",
  };
  for (const char* message : cases) {
    EXPECT_EQ(ViolationsOf<common::v1::Identifier>(message),
              std::vector<std::string>{"x.value PERSONAL_NUMBER"})
        << message;
  }
}

TEST(IdentifierTest, NoTextRepeatsTheValue) {
  for (const char* value : {"8001014509", "204853664", "80 01 01 45 09"}) {
    common::v1::Identifier identifier;
    identifier.set_scheme("BG-EIK");
    identifier.set_value(value);
    status::Violations violations;
    CheckIdentifier(identifier, "identifiers[0]", violations);
    ASSERT_EQ(violations.all().size(), 1u) << value;
    EXPECT_THAT(violations.all()[0].description, Not(HasSubstr(value)));
    EXPECT_THAT(violations.all()[0].description, Not(HasSubstr("4509")));
    EXPECT_THAT(std::string(violations.ToStatus().message()), Not(HasSubstr(value)));
  }
}

}  // namespace
}  // namespace mostove::domain
