// Obligations from rules: what is asked of an organization, as rows.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "libs/call/call.h"
#include "libs/sql/database.h"
#include "libs/store/store.h"
#include "mostove/organizations/v1/compliance_rule.pb.h"
#include "mostove/organizations/v1/organization.pb.h"
#include "services/organizations/compliance_rules.h"

namespace mostove::organizations {

// The name of the obligation of that rule and year, "" where there is none.
enum class Rows { kAll, kLiving };
absl::StatusOr<std::string> FindObligation(sql::Connection& connection, Rows rows,
                                           const std::string& organization, const std::string& rule,
                                           int year);

// The rules and days off of one moment.
class ObligationMaking {
 public:
  static absl::StatusOr<ObligationMaking> Read(const store::Store& store, const call::Call& call);

  // Makes what falls due from the first day to the last and is not there; what was deleted stays
  // so. How many are new. ALREADY_EXISTS when somebody else makes one of them at the same time.
  absl::StatusOr<int> Make(const call::Call& call, sql::Transaction& transaction,
                           const v1::Organization& organization, absl::CivilDay first,
                           absl::CivilDay last) const;

 private:
  ObligationMaking(const store::Store& store, std::vector<v1::ComplianceRule> rules,
                   const std::vector<v1::WorkCalendar>& calendars)
      : store_(&store), rules_(std::move(rules)), work_days_(calendars) {}

  const store::Store* store_;
  std::vector<v1::ComplianceRule> rules_;
  WorkDays work_days_;
};

// Runs it again, some times, where it ended with ALREADY_EXISTS: of two that make the same at once
// the second finds it there.
absl::Status RepeatWhereOvertaken(const std::function<absl::Status()>& make);

}  // namespace mostove::organizations
