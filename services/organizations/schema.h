// The tables of this service, from schema/*.sql.
#pragma once

#include <vector>

#include "libs/sql/database.h"

namespace mostove::organizations {

std::vector<sql::Migration> Schema();

}  // namespace mostove::organizations
