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
#include "services/organizations/obligation_making.h"
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

// As the standard method; one of the same rule and year is told by its own name.
absl::StatusOr<call::MessagePtr> CreateObligation(const Store& store, const Call& call,
                                                  const v1::CreateObligationRequest& request) {
  auto created = store.ByDescriptor(Obligation::descriptor())
                     ->Create(call,
                              {.parent = request.parent(),
                               .id = request.obligation_id(),
                               .resource = &request.obligation()},
                              request.validate_only());
  if (!absl::IsAlreadyExists(created.status())) return created;
  ASSIGN_OR_RETURN(sql::Database::Reader reader, store.database().Read(call.deadline));
  ASSIGN_OR_RETURN(const std::string there,
                   FindObligation(*reader, Rows::kLiving, request.parent(),
                                  request.obligation().rule(), request.obligation().year()));
  return there.empty() ? created.status()
                       : status::AlreadyExists("organizations.mostove.bg/Obligation", there);
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
  ASSIGN_OR_RETURN(const ObligationMaking making, ObligationMaking::Read(store, call));
  const int year =
      request.year() != 0 ? request.year() : static_cast<int>(domain::Today(call.Now()).year());
  v1::GenerateObligationsResponse response;
  response.set_organizations(static_cast<int>(organizations.size()));
  for (size_t begin = 0; begin < organizations.size(); begin += kOrganizationsAtOnce) {
    const size_t end = std::min(begin + kOrganizationsAtOnce, organizations.size());
    int created = 0;
    const auto make = [&](sql::Transaction& transaction) -> absl::Status {
      created = 0;
      for (size_t i = begin; i < end; ++i) {
        ASSIGN_OR_RETURN(const int more,
                         making.Make(call, transaction, organizations[i],
                                     absl::CivilDay(year, 1, 1), absl::CivilDay(year, 12, 31)));
        created += more;
      }
      return absl::OkStatus();
    };
    RETURN_IF_ERROR(
        RepeatWhereOvertaken([&] { return store.database().Write(call.deadline, make); }));
    response.set_created(response.created() + created);
  }
  return response;
}

absl::StatusOr<v1::ReadDueObligationsResponse> ReadDueObligations(
    const Store& store, const Call& call, const v1::ReadDueObligationsRequest& request) {
  const absl::CivilDay day = DayOf(call, request.date());
  const absl::CivilDay last = day + (request.days() == 0 ? kDueDays : request.days());
  ASSIGN_OR_RETURN(const store::ListPage page,
                   store.ByDescriptor(Obligation::descriptor())
                       ->List(call, {.parent = request.parent(),
                                     .page_size = request.page_size() == 0 ? store::kPageSizeMax
                                                                           : request.page_size(),
                                     .page_token = request.page_token(),
                                     .filter = absl::StrCat("state = OPEN AND due_date <= \"",
                                                            absl::FormatCivilTime(last), "\""),
                                     .order_by = "due_date"}));
  v1::ReadDueObligationsResponse response;
  for (const call::MessagePtr& message : page.resources) {
    *response.add_due() = DueOn(static_cast<const Obligation&>(*message), day);
  }
  response.set_next_page_token(page.next_page_token);
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
  const auto create = [&store](const Call& call, const google::protobuf::Message& request) {
    return CreateObligation(store, call, static_cast<const v1::CreateObligationRequest&>(request));
  };
  return {{"CreateObligation", v1::CreateObligationRequest::descriptor(), Obligation::descriptor(),
           create},
          Own("ReadLegalStanding", store, ReadLegalStanding),
          Own("GenerateObligations", store, GenerateObligations),
          Own("ReadDueObligations", store, ReadDueObligations),
          Own("FulfillObligation", store, FulfillObligation),
          Own("ExemptObligation", store, ExemptObligation)};
}

}  // namespace mostove::organizations
