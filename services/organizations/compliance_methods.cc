#include "services/organizations/compliance_methods.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/domain/date.h"
#include "libs/resource/name.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/store/log_entry.h"
#include "libs/store/resource_store.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "services/organizations/as_known.h"
#include "services/organizations/compliance_rules.h"
#include "services/organizations/legal_standing.h"
#include "services/organizations/obligation_rules.h"
#include "services/organizations/own_methods.h"

namespace mostove::organizations {
namespace {

using call::Call;
using store::ResourceStore;
using store::Store;
using v1::Obligation;
using v1::Organization;

constexpr int kDueDays = 30;
constexpr size_t kOrganizationsAtOnce = 100;  // in one transaction
constexpr char kAll[] = "organizations/-";

absl::CivilDay DayOf(const Call& call, const google::type::Date& date) {
  return date.year() == 0 ? domain::Today(call.Now()) : domain::LastDay(date);
}

// ---- standing

absl::StatusOr<LegalFacts> FactsNow(const Store& store, const Call& call,
                                    const Organization& organization) {
  LegalFacts facts{.organization = organization};
  ASSIGN_OR_RETURN(facts.rules, ReadAll<v1::ComplianceRule>(store, call, "", ""));
  ASSIGN_OR_RETURN(facts.calendars, ReadAll<v1::WorkCalendar>(store, call, "", ""));
  ASSIGN_OR_RETURN(facts.obligations, ReadAll<Obligation>(store, call, organization.name(), ""));
  return facts;
}

absl::StatusOr<LegalFacts> FactsKnownAt(const Store& store, const Call& call,
                                        const Organization& organization, absl::Time known) {
  LegalFacts facts;
  ASSIGN_OR_RETURN(sql::Database::Reader reader, store.database().Read(call.deadline));
  ASSIGN_OR_RETURN(const call::MessagePtr then,
                   ReadOneAsKnown(store, *reader, organization.name(), known));
  // Of an organization that nobody knew nothing was asked.
  if (then != nullptr) facts.organization = static_cast<const Organization&>(*then);
  ASSIGN_OR_RETURN(facts.rules, AllAsKnown<v1::ComplianceRule>(store, *reader, "", known));
  ASSIGN_OR_RETURN(facts.calendars, AllAsKnown<v1::WorkCalendar>(store, *reader, "", known));
  ASSIGN_OR_RETURN(facts.obligations,
                   AllAsKnown<Obligation>(store, *reader, organization.name(), known));
  return facts;
}

absl::StatusOr<v1::LegalStanding> ReadLegalStanding(const Store& store, const Call& call,
                                                    const v1::ReadLegalStandingRequest& request) {
  ASSIGN_OR_RETURN(const Organization organization,
                   ResourceStore<Organization>(store).Get(call, request.name()));
  if (!SeesAsOwner(call.caller, organization.name()) && !call.caller.service) {
    return status::PermissionDenied("NOT_OWNER",
                                    "only the organization and administrators can read this");
  }
  const absl::CivilDay day = DayOf(call, request.date());
  if (!request.has_known_time()) {
    ASSIGN_OR_RETURN(const LegalFacts facts, FactsNow(store, call, organization));
    return StandingOn(facts, day);
  }
  const absl::Time known = absl::FromUnixSeconds(request.known_time().seconds()) +
                           absl::Nanoseconds(request.known_time().nanos());
  ASSIGN_OR_RETURN(const LegalFacts facts, FactsKnownAt(store, call, organization, known));
  v1::LegalStanding standing = StandingOn(facts, day);
  *standing.mutable_known_time() = request.known_time();
  return standing;
}

// ---- obligations

std::string IdFor(const std::string& rule, int year) {
  const std::string id = absl::StrCat(rule.substr(rule.rfind('/') + 1), "-", year);
  return id.size() <= 63 ? id : "";  // then a UUID
}

// `names`: all of the organization.
absl::StatusOr<bool> IsThere(sql::Connection& connection, const std::vector<std::string>& names,
                             const std::string& rule, int year) {
  bool found = false;
  for (const std::string& organization : names) {
    RETURN_IF_ERROR(connection.Query(
        "SELECT 1 FROM obligations WHERE parent = ?1 AND rule = ?2 AND year = ?3 LIMIT 1",
        {organization, rule, int64_t{year}}, [&](const sql::Row&) {
          found = true;
          return false;
        }));
  }
  return found;
}

absl::StatusOr<int> CreateMissing(const Store& store, const Call& call,
                                  sql::Transaction& transaction, const Organization& organization,
                                  const v1::ComplianceRule& rule, const std::vector<Period>& due) {
  int created = 0;
  for (const Period& period : due) {
    ASSIGN_OR_RETURN(const bool there,
                     IsThere(transaction.connection(), store.aliases().NamesOf(organization.name()),
                             rule.name(), period.year));
    if (there) continue;
    Obligation obligation;
    obligation.set_rule(rule.name());
    obligation.set_year(period.year);
    RETURN_IF_ERROR(store.ByDescriptor(Obligation::descriptor())
                        ->CreateWithin(call, transaction,
                                       {.parent = organization.name(),
                                        .id = IdFor(rule.name(), period.year),
                                        .resource = &obligation})
                        .status());
    ++created;
  }
  return created;
}

absl::StatusOr<v1::GenerateObligationsResponse> GenerateObligations(
    const Store& store, const Call& call, const v1::GenerateObligationsRequest& request) {
  std::vector<Organization> organizations;
  if (request.parent() != kAll) {
    ASSIGN_OR_RETURN(Organization one,
                     ResourceStore<Organization>(store).Get(call, request.parent()));
    organizations.push_back(std::move(one));
  } else if (call.caller.administrator) {
    ASSIGN_OR_RETURN(organizations, ReadAll<Organization>(store, call, "", ""));
  } else {
    return status::PermissionDenied("NOT_OWNER",
                                    "only administrators can do this for all organizations");
  }
  ASSIGN_OR_RETURN(const auto rules, ReadAll<v1::ComplianceRule>(store, call, "", ""));
  ASSIGN_OR_RETURN(const auto calendars, ReadAll<v1::WorkCalendar>(store, call, "", ""));
  const WorkDays work_days(calendars);
  const int year =
      request.year() != 0 ? request.year() : static_cast<int>(domain::Today(call.Now()).year());
  v1::GenerateObligationsResponse response;
  response.set_organizations(static_cast<int>(organizations.size()));
  for (size_t begin = 0; begin < organizations.size(); begin += kOrganizationsAtOnce) {
    const size_t end = std::min(begin + kOrganizationsAtOnce, organizations.size());
    int created = 0;
    RETURN_IF_ERROR(
        store.database().Write(call.deadline, [&](sql::Transaction& transaction) -> absl::Status {
          created = 0;
          for (size_t i = begin; i < end; ++i) {
            for (const v1::ComplianceRule& rule : rules) {
              if (!Applies(rule, organizations[i])) continue;
              ASSIGN_OR_RETURN(const int more,
                               CreateMissing(store, call, transaction, organizations[i], rule,
                                             PeriodsOf(rule, organizations[i], work_days,
                                                       absl::CivilDay(year, 1, 1),
                                                       absl::CivilDay(year, 12, 31))));
              created += more;
            }
          }
          return absl::OkStatus();
        }));
    response.set_created(response.created() + created);
  }
  return response;
}

absl::StatusOr<v1::ReadDueObligationsResponse> ReadDueObligations(
    const Store& store, const Call& call, const v1::ReadDueObligationsRequest& request) {
  ASSIGN_OR_RETURN(const auto open,
                   ReadAll<Obligation>(store, call, request.parent(), "state = OPEN"));
  const absl::CivilDay day = DayOf(call, request.date());
  const int days = request.days() == 0 ? kDueDays : request.days();
  v1::ReadDueObligationsResponse response;
  for (const Obligation& obligation : open) {
    v1::DueObligation due = DueOn(obligation, day);
    if (due.days_left() <= days) *response.add_due() = std::move(due);
  }
  std::stable_sort(
      response.mutable_due()->begin(), response.mutable_due()->end(),
      [](const auto& one, const auto& other) { return one.days_left() < other.days_left(); });
  return response;
}

absl::StatusOr<Obligation> FulfillObligation(const Store& store, const Call& call,
                                             const v1::FulfillObligationRequest& request) {
  return ResourceStore<Obligation>(store).Modify(
      call, request.name(), request.etag(), [&](Obligation& obligation) {
        return Fulfill(domain::Today(call.Now()), request.fulfill_date(), request.evidence(),
                       obligation);
      });
}

absl::StatusOr<Obligation> ExemptObligation(const Store& store, const Call& call,
                                            const v1::ExemptObligationRequest& request) {
  return ResourceStore<Obligation>(store).Modify(
      call, request.name(), request.etag(),
      [&](Obligation& obligation) { return Exempt(request.reason(), obligation); });
}

}  // namespace

std::vector<call::UnaryMethod> ComplianceMethods(const Store& store) {
  return {Own("ReadLegalStanding", store, ReadLegalStanding),
          Own("GenerateObligations", store, GenerateObligations),
          Own("ReadDueObligations", store, ReadDueObligations),
          Own("FulfillObligation", store, FulfillObligation),
          Own("ExemptObligation", store, ExemptObligation)};
}

}  // namespace mostove::organizations
