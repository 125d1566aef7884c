#include "services/funding/grant_rules.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/domain/money.h"
#include "libs/domain/path.h"
#include "libs/domain/shares.h"
#include "libs/domain/steps.h"
#include "libs/status/macros.h"
#include "mostove/funding/v1/donor.pb.h"

namespace mostove::funding {
namespace {

using domain::Join;
using domain::MinorUnits;
using google::type::Money;
using v1::Grant;

// From the first giver to the last recipient.
constexpr int kLayersMax = 8;

constexpr domain::Step<v1::ActivityStatus> kStatusSteps[] = {
    {v1::PIPELINE, v1::IMPLEMENTATION},
    {v1::PIPELINE, v1::CANCELLED},
    {v1::IMPLEMENTATION, v1::FINALISATION},
    {v1::IMPLEMENTATION, v1::CLOSED},
    {v1::IMPLEMENTATION, v1::CANCELLED},
    {v1::IMPLEMENTATION, v1::SUSPENDED},
    {v1::SUSPENDED, v1::IMPLEMENTATION},
    {v1::SUSPENDED, v1::FINALISATION},
    {v1::SUSPENDED, v1::CLOSED},
    {v1::SUSPENDED, v1::CANCELLED},
    {v1::FINALISATION, v1::CLOSED},
    {v1::FINALISATION, v1::IMPLEMENTATION},
    {v1::CLOSED, v1::FINALISATION},
};

// Many people, or the organization itself.
bool HasNoDonor(Grant::Mechanism mechanism) {
  return mechanism == Grant::INDIVIDUAL_DONATIONS || mechanism == Grant::MEMBERSHIP_FEES ||
         mechanism == Grant::OWN_ECONOMIC_ACTIVITY;
}

void CheckDonor(const Grant& grant, absl::string_view path, status::Violations& violations) {
  if (HasNoDonor(grant.mechanism())) {
    if (!grant.donor().empty()) {
      violations.Add(path, "NO_DONOR",
                     absl::StrCat("has to be left out: no single donor stands behind ",
                                  Grant::Mechanism_Name(grant.mechanism())));
    }
  } else if (grant.donor().empty() && grant.mechanism() != Grant::MECHANISM_UNSPECIFIED) {
    violations.Add(path, "REQUIRED", "has to name the donor, such as donors/unhcr");
  }
}

void CheckBudget(const v1::Budget& budget, absl::string_view path, status::Violations& violations) {
  const std::string& currency = budget.amount().currency_code();
  if (budget.has_amount() && MinorUnits(budget.amount()) <= 0) {
    violations.Add(Join(path, "amount"), "AMOUNT", "has to be more than nothing");
  }
  absl::int128 sum = 0;
  bool comparable = true;
  for (int i = 0; i < budget.lines_size(); ++i) {
    const Money& amount = budget.lines(i).amount();
    const std::string at = Join(path, absl::StrCat("lines[", i, "].amount"));
    if (amount.currency_code() != currency) {
      violations.Add(at, "CURRENCY_MIXED",
                     absl::StrCat("has to be in the budget's currency ", currency));
      comparable = false;
    } else if (MinorUnits(amount) < 0) {
      violations.Add(at, "AMOUNT", "has to be nothing or more");
    }
    sum += MinorUnits(amount);
  }
  if (budget.lines().empty() || !comparable || sum == MinorUnits(budget.amount())) return;
  violations.Add(Join(path, "lines"), "LINES_SUM",
                 absl::StrCat("has to sum to the amount, ",
                              domain::MoneyText(MinorUnits(budget.amount()), currency),
                              ", sums to ", domain::MoneyText(sum, currency)));
}

// What the grants pass on out of `parent`, in its minor units, as far as their
// currencies can be compared.
absl::int128 PassedOn(const std::vector<Grant>& grants, const Grant& parent, const Grant* instead) {
  const std::string& currency = parent.budget().amount().currency_code();
  absl::int128 sum = 0;
  const auto add = [&](const Grant& grant) {
    if (grant.status() == v1::CANCELLED) return;
    sum += domain::MinorUnitsIn(currency, grant.budget().amount()).value_or(0);
  };
  for (const Grant& grant : grants) {
    if (instead == nullptr || grant.name() != instead->name()) add(grant);
  }
  if (instead != nullptr) add(*instead);
  return sum;
}

// Walks up from the parent: this grant must not stand above itself.
absl::Status CheckLayers(const store::Neighbours& neighbours, const Grant& grant, Grant above,
                         absl::string_view path, status::Violations& violations) {
  for (int layers = 2; !above.parent_grant().empty(); ++layers) {
    if (above.parent_grant() == grant.name()) {
      violations.Add(path, "LOOP", "has to be a grant that does not come out of this one");
      return absl::OkStatus();
    }
    if (layers == kLayersMax) {
      violations.Add(path, "DEPTH",
                     absl::StrCat("has to end a chain of at most ", kLayersMax, " grants"));
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(auto next, neighbours.Find<Grant>(above.parent_grant()));
    if (!next) return absl::OkStatus();
    above = *std::move(next);
  }
  return absl::OkStatus();
}

absl::Status SettleWithParent(const store::Neighbours& neighbours, const Grant& grant,
                              absl::string_view path, status::Violations& violations) {
  if (grant.parent_grant().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto parent, neighbours.Hold<Grant>(grant.parent_grant()));
  if (!parent) return absl::OkStatus();  // the check of references tells
  if (parent->recipient() != grant.donor_organization()) {
    violations.Add(path, "CHAIN",
                   "has to be a grant that went to the organization which gives this one");
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(CheckLayers(neighbours, grant, *parent, path, violations));
  ASSIGN_OR_RETURN(const std::vector<Grant> siblings,
                   neighbours.With<Grant>("parent_grant", parent->name()));
  if (PassedOn(siblings, *parent, &grant) > MinorUnits(parent->budget().amount())) {
    // By how much, and who has it, is not for every recipient.
    violations.Add(path, "EXCEEDS_PARENT",
                   "has to be large enough for all grants out of it, together with this one");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckStatusStep(v1::ActivityStatus before, v1::ActivityStatus after) {
  return domain::CheckStep("status", kStatusSteps, before, after);
}

void PrepareGrant(Grant& grant) {
  if (grant.status() == v1::ACTIVITY_STATUS_UNSPECIFIED) grant.set_status(v1::PIPELINE);
  if (grant.publication() == common::v1::PUBLICATION_UNSPECIFIED) {
    grant.set_publication(common::v1::DRAFT);
  }
  domain::CompleteShares(*grant.mutable_sectors());
}

void CheckGrant(const Grant& grant, absl::string_view path, status::Violations& violations) {
  CheckDonor(grant, Join(path, "donor"), violations);
  if (grant.has_budget()) CheckBudget(grant.budget(), Join(path, "budget"), violations);
  domain::CheckShares(grant.sectors(), Join(path, "sectors"), violations);
  if (!grant.parent_grant().empty() && grant.parent_grant() == grant.name()) {
    violations.Add(Join(path, "parent_grant"), "LOOP", "has to be another grant");
  }
}

absl::Status CheckGrantWriter(const call::Caller& caller, const Grant* before, const Grant& after) {
  const std::string present = before == nullptr ? "" : before->parent_grant();
  if (caller.administrator || after.parent_grant() == present) return absl::OkStatus();
  for (const std::string& organization : caller.acts_for) {
    if (organization == after.donor_organization()) return absl::OkStatus();
  }
  return status::PermissionDenied(
      "DONOR_REQUIRED", "only the organization that gives a grant says out of which it comes");
}

absl::Status CheckGrantChange(const Grant& before, const Grant& after) {
  return CheckStatusStep(before.status(), after.status());
}

absl::Status SettleGrant(const store::Neighbours& neighbours, Grant& grant, absl::string_view path,
                         status::Violations& violations) {
  ASSIGN_OR_RETURN(const auto donor, neighbours.Find<v1::Donor>(grant.donor()));
  if (!donor && !grant.donor().empty()) return absl::OkStatus();  // the check of references tells
  grant.set_donor_organization(donor ? donor->organization() : "");
  RETURN_IF_ERROR(SettleWithParent(neighbours, grant, Join(path, "parent_grant"), violations));
  ASSIGN_OR_RETURN(const std::vector<Grant> below,
                   neighbours.With<Grant>("parent_grant", grant.name()));
  const absl::int128 passed_on = PassedOn(below, grant, nullptr);
  if (passed_on > MinorUnits(grant.budget().amount())) {
    violations.Add(
        Join(path, "budget.amount"), "BELOW_PASSED_ON",
        absl::StrCat("has to be no less than what the grants out of it pass on, ",
                     domain::MoneyText(passed_on, grant.budget().amount().currency_code())));
  }
  return absl::OkStatus();
}

}  // namespace mostove::funding
