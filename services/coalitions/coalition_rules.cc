#include "services/coalitions/coalition_rules.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/digest/digest.h"
#include "libs/domain/localized_text.h"
#include "libs/domain/path.h"
#include "libs/domain/steps.h"
#include "libs/domain/web_address.h"
#include "libs/resource/value_checks.h"

namespace mostove::coalitions {
namespace {

using domain::Join;
using v1::CharterVersion;
using v1::Coalition;

constexpr domain::Step<Coalition::State> kSteps[] = {
    {Coalition::FORMING, Coalition::ACTIVE}, {Coalition::FORMING, Coalition::DISSOLVED},
    {Coalition::ACTIVE, Coalition::DORMANT}, {Coalition::ACTIVE, Coalition::DISSOLVED},
    {Coalition::DORMANT, Coalition::ACTIVE}, {Coalition::DORMANT, Coalition::DISSOLVED},
};

void CheckCharter(const Coalition& coalition, absl::string_view path,
                  status::Violations& violations) {
  for (int i = 0; i < coalition.charter_versions_size(); ++i) {
    const CharterVersion& version = coalition.charter_versions(i);
    const std::string at = Join(path, absl::StrCat("charter_versions[", i, "]"));
    if (!version.language().empty()) {
      domain::CheckLanguageTag(version.language(), Join(at, "language"), violations);
    }
    if (i == 0 || !version.has_adoption_date()) continue;
    const CharterVersion& older = coalition.charter_versions(i - 1);
    if (!older.has_adoption_date()) {
      violations.Add(Join(at, "adoption_date"), "CHARTER_ORDER",
                     "has to stand before the drafts: an adopted text comes after adopted ones");
    } else if (resource::IsBefore(version.adoption_date(), older.adoption_date())) {
      violations.Add(Join(at, "adoption_date"), "CHARTER_ORDER",
                     "has to be no earlier than the version before");
    }
  }
}

}  // namespace

void PrepareCoalition(Coalition& coalition) {
  if (coalition.state() == Coalition::STATE_UNSPECIFIED) coalition.set_state(Coalition::FORMING);
  if (coalition.publication() == common::v1::PUBLICATION_UNSPECIFIED) {
    coalition.set_publication(common::v1::DRAFT);
  }
  for (CharterVersion& version : *coalition.mutable_charter_versions()) {
    version.set_sha256(digest::Sha256Hex(version.text()));
  }
}

void CheckCoalition(const Coalition& coalition, absl::string_view path,
                    status::Violations& violations) {
  domain::CheckWebAddress(coalition.website(), Join(path, "website"), violations);
  CheckCharter(coalition, path, violations);
  if (coalition.state() == Coalition::DISSOLVED && !coalition.has_end_date()) {
    violations.Add(Join(path, "end_date"), "REQUIRED",
                   "has to say when the coalition was dissolved");
  }
}

absl::Status CheckCoalitionChange(const Coalition& before, const Coalition& after) {
  for (int i = 0; i < before.charter_versions_size(); ++i) {
    const CharterVersion& adopted = before.charter_versions(i);
    if (!adopted.has_adoption_date()) break;
    if (i < after.charter_versions_size() &&
        google::protobuf::util::MessageDifferencer::Equals(adopted, after.charter_versions(i))) {
      continue;
    }
    return status::Precondition(
        "CHARTER_ADOPTED",
        absl::StrCat("charter_versions[", i,
                     "] was adopted and stays as it is; a new text is a new version after it"));
  }
  return domain::CheckStep("state", kSteps, before.state(), after.state());
}

}  // namespace mostove::coalitions
