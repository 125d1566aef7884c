#include "libs/domain/shares.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"

namespace mostove::domain {
namespace {

struct Part {
  std::string scheme, code;
  int basis_points;
};

TEST(SharesTest, SumTo100PercentInEveryScheme) {
  const struct {
    std::vector<Part> parts;
    std::vector<std::string> expected;
  } cases[] = {
      {{}, {}},
      {{{"DAC-5", "15150", 0}}, {}},
      {{{"DAC-5", "15150", 10000}}, {}},
      {{{"DAC-5", "15150", 9999}}, {"s SHARES_SUM"}},
      {{{"DAC-5", "15150", 3333}, {"DAC-5", "72010", 6667}}, {}},
      {{{"DAC-5", "15150", 3333}, {"DAC-5", "72010", 6666}}, {"s SHARES_SUM"}},
      {{{"DAC-5", "15150", 10000}, {"DAC-5", "72010", 0}}, {}},
      {{{"DAC-5", "15150", 0}, {"TOPIC", "donors", 0}}, {}},
      {{{"DAC-5", "15150", 5000}, {"TOPIC", "donors", 5000}}, {"s SHARES_SUM", "s SHARES_SUM"}},
      {{{"DAC-5", "15150", 5000}, {"DAC-5", "15150", 5000}}, {"s[1].classification DUPLICATE"}},
      {{{"DAC-5", "1", 5000}, {"DAC-5", "2", 5000}, {"TOPIC", "1", 10000}}, {}},
  };
  for (const auto& [parts, expected] : cases) {
    Shares shares;
    std::string text;
    for (const Part& part : parts) {
      auto& share = *shares.Add();
      share.mutable_classification()->set_scheme(part.scheme);
      share.mutable_classification()->set_code(part.code);
      share.set_basis_points(part.basis_points);
      absl::StrAppend(&text, part.scheme, " ", part.code, " ", part.basis_points, "; ");
    }
    CompleteShares(shares);
    status::Violations violations;
    CheckShares(shares, "s", violations);
    std::vector<std::string> found;
    for (const auto& v : violations.all()) found.push_back(absl::StrCat(v.field, " ", v.reason));
    EXPECT_EQ(found, expected) << text;
  }
}

TEST(SharesTest, TellsTheSumAndTheScheme) {
  Shares shares;
  auto& share = *shares.Add();
  share.mutable_classification()->set_scheme("DAC-5");
  share.set_basis_points(3305);
  status::Violations violations;
  CheckShares(shares, "sectors", violations);
  ASSERT_EQ(violations.all().size(), 1u);
  EXPECT_EQ(violations.all()[0].description,
            "has to sum to 100 % (10000 basis points) in DAC-5, sums to 33.05 %");
}

}  // namespace
}  // namespace mostove::domain
