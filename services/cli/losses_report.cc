#include "services/cli/losses_report.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/exchange/csv.h"
#include "re2/re2.h"

namespace mostove::cli {
namespace {

constexpr size_t kKindsShown = 40;

// The record that a path of an export begins with, and the path in it.
std::pair<std::string, std::string> Split(const std::string& path) {
  const size_t colon = path.find(": ");
  if (colon == std::string::npos) return {"", path};
  return {path.substr(0, colon), path.substr(colon + 2)};
}

}  // namespace

void TellLosses(const Session& session, const exchange::Losses& losses) {
  if (losses.empty()) return;
  std::vector<std::pair<std::string, int>> kinds;  // line and count, in the order of the file
  std::map<std::pair<std::string, std::string>, size_t> known;
  for (const exchange::Loss& loss : losses) {
    std::string field = Split(loss.path).second;
    static const RE2& index = *new RE2("\\[[0-9]+\\]");
    RE2::GlobalReplace(&field, index, "[]");
    const auto [at, is_new] = known.try_emplace({field, loss.reason}, kinds.size());
    if (is_new) kinds.emplace_back(absl::StrCat(field, " ", loss.reason), 0);
    ++kinds[at->second].second;
  }
  session.Tell(Say(session.language, Text::kLost, absl::StrCat(losses.size())));
  for (size_t i = 0; i < std::min(kinds.size(), kKindsShown); ++i) {
    const auto& [line, count] = kinds[i];
    session.Tell(absl::StrCat("  ", line, count > 1 ? absl::StrCat(" (", count, ")") : ""));
  }
  if (kinds.size() > kKindsShown) {
    session.Tell(absl::StrCat("  ", Say(session.language, Text::kMoreInReport,
                                        absl::StrCat(kinds.size() - kKindsShown))));
  }
}

void AppendLosses(const exchange::Losses& losses, std::string& report) {
  for (const exchange::Loss& loss : losses) {
    const auto [name, field] = Split(loss.path);
    exchange::AppendCsvRow({"", name, loss.changed ? "changed" : "lost", field, loss.reason},
                           report);
  }
}

}  // namespace mostove::cli
