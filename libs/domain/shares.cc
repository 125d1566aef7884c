#include "libs/domain/shares.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/domain/path.h"

namespace mostove::domain {
namespace {

constexpr int kWhole = 10000;

std::string Percent(int64_t basis_points) {
  return absl::StrFormat("%d.%02d %%", basis_points / 100, basis_points % 100);
}

}  // namespace

void CompleteShares(Shares& shares) {
  std::map<std::string, int> counts;
  for (const auto& share : shares) ++counts[share.classification().scheme()];
  for (auto& share : shares) {
    if (share.basis_points() == 0 && counts[share.classification().scheme()] == 1) {
      share.set_basis_points(kWhole);
    }
  }
}

void CheckShares(const Shares& shares, absl::string_view path, status::Violations& violations) {
  std::map<std::string, int64_t> sums;
  std::set<std::pair<std::string, std::string>> seen;
  for (int i = 0; i < shares.size(); ++i) {
    const common::v1::Classification& classification = shares[i].classification();
    sums[classification.scheme()] += shares[i].basis_points();
    const std::string& key =
        classification.code().empty() ? classification.label() : classification.code();
    if (!seen.emplace(classification.scheme(), key).second) {
      violations.Add(absl::StrCat(path, "[", i, "].classification"), "DUPLICATE",
                     "has to stand once, with the whole of its share");
    }
  }
  for (const auto& [scheme, sum] : sums) {
    if (sum == kWhole) continue;
    violations.Add(path, "SHARES_SUM",
                   absl::StrCat("has to sum to 100 % (10000 basis points) in ",
                                scheme.empty() ? "those without a scheme" : scheme, ", sums to ",
                                Percent(sum)));
  }
}

}  // namespace mostove::domain
