// `mostove audit verify`: on the server, beside the running programs.
#pragma once

#include <string>
#include <vector>

#include "services/cli/session.h"

namespace mostove::cli {

struct AuditArguments {
  // Data folders of deploy/up, and URLs as in the setting `database`.
  std::vector<std::string> where;
  std::vector<std::string> heads;  // noted earlier; of any log
};

// The data folder of deploy/up.
std::string DefaultDataFolder();

// Compares every log of every database with its seals. kRefused when something
// was tampered with or a head is not found; kNotReachable when a database cannot
// be read.
int RunAuditVerify(const Session& session, const AuditArguments& arguments);

}  // namespace mostove::cli
