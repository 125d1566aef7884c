// What did not fit, for people and for files.
#pragma once

#include <string>

#include "libs/exchange/loss.h"
#include "services/cli/session.h"

namespace mostove::cli {

// One line for each kind of value, with how many there are: of
// "organizations/a: locations[0].url" and "organizations/b: locations[3].url"
// one line "locations[].url (2)". Says nothing when nothing was lost.
void TellLosses(const Session& session, const exchange::Losses& losses);

// Rows for a report in CSV: row (none), name, outcome, field, reason.
void AppendLosses(const exchange::Losses& losses, std::string& report);

}  // namespace mostove::cli
