#include "services/organizations/obligation_making.h"

#include <functional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/resource/name.h"
#include "libs/status/macros.h"
#include "libs/store/collection.h"
#include "libs/telemetry/log.h"
#include "mostove/organizations/v1/obligation.pb.h"
#include "services/organizations/own_methods.h"

namespace mostove::organizations {
namespace {

using v1::Obligation;

constexpr int kTries = 5;
constexpr size_t kIdMax = 63;

// "bg-financial-statement-2026"; "" for a UUID, where that is too long or taken.
absl::StatusOr<std::string> FreeId(const store::Collection& collection, sql::Connection& connection,
                                   const std::string& organization, const std::string& rule,
                                   int year) {
  const std::string id = absl::StrCat(rule.substr(rule.rfind('/') + 1), "-", year);
  if (id.size() > kIdMax) return "";
  ASSIGN_OR_RETURN(
      const auto row,
      store::ReadRow(collection.layout(), connection,
                     resource::JoinName(organization, "obligations", id), store::Lock::kNone));
  return row == nullptr ? id : "";
}

}  // namespace

absl::StatusOr<std::string> FindObligation(sql::Connection& connection, Rows rows,
                                           const std::string& organization, const std::string& rule,
                                           int year) {
  std::string name;
  RETURN_IF_ERROR(connection.Query(
      absl::StrCat("SELECT name FROM obligations WHERE parent = ?1 AND rule = ?2 AND year = ?3",
                   rows == Rows::kLiving ? " AND deleted = 0" : "", " LIMIT 1"),
      {organization, rule, int64_t{year}}, [&](const sql::Row& row) {
        name = std::string(row.Text(0));
        return false;
      }));
  return name;
}

absl::StatusOr<ObligationMaking> ObligationMaking::Read(const store::Store& store,
                                                        const call::Call& call) {
  ASSIGN_OR_RETURN(auto rules, ReadAll<v1::ComplianceRule>(store, call, "", ""));
  ASSIGN_OR_RETURN(const auto calendars, ReadAll<v1::WorkCalendar>(store, call, "", ""));
  return ObligationMaking(store, std::move(rules), calendars);
}

absl::StatusOr<int> ObligationMaking::Make(const call::Call& call, sql::Transaction& transaction,
                                           const v1::Organization& organization,
                                           absl::CivilDay first, absl::CivilDay last) const {
  const store::Collection& collection = *store_->ByDescriptor(Obligation::descriptor());
  sql::Connection& connection = transaction.connection();
  int created = 0;
  for (const v1::ComplianceRule& rule : rules_) {
    if (!Applies(rule, organization)) continue;
    for (const Period& period : PeriodsOf(rule, organization, work_days_, first, last)) {
      ASSIGN_OR_RETURN(
          const std::string there,
          FindObligation(connection, Rows::kAll, organization.name(), rule.name(), period.year));
      if (!there.empty()) continue;
      ASSIGN_OR_RETURN(std::string id, FreeId(collection, connection, organization.name(),
                                              rule.name(), period.year));
      Obligation obligation;
      obligation.set_rule(rule.name());
      obligation.set_year(period.year);
      RETURN_IF_ERROR(
          collection
              .CreateWithin(
                  call, transaction,
                  {.parent = organization.name(), .id = std::move(id), .resource = &obligation})
              .status());
      ++created;
    }
  }
  return created;
}

absl::Status RepeatWhereOvertaken(const std::function<absl::Status()>& make) {
  absl::Status made = make();
  for (int i = 1; i < kTries && absl::IsAlreadyExists(made); ++i) made = make();
  return made;
}

}  // namespace mostove::organizations
