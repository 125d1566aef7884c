// How many of planted pairs the report of duplicates finds, and how many others it
// takes for such. Prints.
//
//   duplicates_bench [organizations, 20000] [planted pairs, 500]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/organizations/duplicates.h"
#include "services/organizations/made_names.h"

namespace mostove::organizations {
namespace {

constexpr size_t kOblasts = 28;

v1::Organization Make(MadeNames& names, size_t number) {
  v1::Organization organization;
  organization.set_name(absl::StrCat("organizations/o", number));
  organization.set_legal_name(names.Name());
  organization.mutable_seat()->mutable_area()->set_code(
      absl::StrCat("BG-", 10 + names.Below(kOblasts)));
  if (names.Below(2) == 0) {
    auto* identifier = organization.add_identifiers();
    identifier->set_scheme("BG-EIK");
    identifier->set_value(names.Eik());
  }
  return organization;
}

constexpr const char* kKinds[] = {"other script", "other legal form", "a typo", "same EIK"};

// The same organization as somebody else would enter it.
v1::Organization Again(const v1::Organization& one, size_t kind, size_t number, MadeNames& names) {
  v1::Organization other = one;
  other.set_name(absl::StrCat("organizations/o", number));
  if (kind != 3) other.clear_identifiers();
  switch (kind) {
    case 0:
      other.set_legal_name(MadeNames::InLatin(one.legal_name()));
      break;
    case 1:
      other.set_legal_name(names.WithOtherForm(one.legal_name()));
      break;
    case 2:
      other.set_legal_name(names.WithOneTypo(one.legal_name()));
      break;
    default:
      other.set_legal_name(names.Name());
  }
  return other;
}

void Run(size_t count, size_t planted) {
  MadeNames names(11);
  std::vector<v1::Organization> all;
  for (size_t i = 0; i + planted < count; ++i) all.push_back(Make(names, i));
  std::map<std::pair<size_t, size_t>, size_t> pairs;  // to the kind
  std::set<size_t> used;
  while (pairs.size() < planted) {
    const size_t kind = pairs.size() % 4;
    const size_t which = names.Below(count - planted);
    if (kind == 0 && static_cast<unsigned char>(all[which].legal_name()[0]) < 0x80) continue;
    if (kind == 3 && all[which].identifiers().empty()) continue;
    if (!used.insert(which).second) continue;
    pairs[{which, all.size()}] = kind;
    all.push_back(Again(all[which], kind, all.size(), names));
  }
  const auto begin = std::chrono::steady_clock::now();
  std::vector<Profile> profiles;
  for (const v1::Organization& organization : all) profiles.push_back(ProfileOf(organization));
  const std::vector<AlikePair> found = FindAlike(profiles);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  size_t right[4] = {};
  size_t false_alarms = 0;
  for (const AlikePair& pair : found) {
    const auto planted_pair = pairs.find({pair.first, pair.second});
    if (planted_pair != pairs.end()) {
      ++right[planted_pair->second];
      continue;
    }
    if (++false_alarms <= 5) {
      std::printf("  false: %s | %s\n", all[pair.first].legal_name().c_str(),
                  all[pair.second].legal_name().c_str());
    }
  }
  size_t sum = 0;
  for (size_t kind = 0; kind < 4; ++kind) {
    size_t of = 0;
    for (const auto& [pair, its_kind] : pairs) of += its_kind == kind ? 1 : 0;
    std::printf("  %-18s %zu of %zu\n", kKinds[kind], right[kind], of);
    sum += right[kind];
  }
  std::printf(
      "%zu organizations, %zu planted pairs: %.1f %% found; %zu pairs told of, %.2f %% of them "
      "false "
      "alarms; %.2f s\n",
      all.size(), pairs.size(),
      100.0 * static_cast<double>(sum) / static_cast<double>(pairs.size()), found.size(),
      100.0 * static_cast<double>(false_alarms) / static_cast<double>(found.size()), seconds);
}

}  // namespace
}  // namespace mostove::organizations

int main(int argc, char** argv) {
  mostove::organizations::Run(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 20000,
                              argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 500);
  return 0;
}
