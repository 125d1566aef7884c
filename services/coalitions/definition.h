// The coalitions service: coalitions with their members, and policy processes.
// All of its RPCs are standard methods; what is particular stands in the rules
// files.
#pragma once

#include <vector>

#include "libs/service/definition.h"

namespace mostove::coalitions {

service::Definition Define();
std::vector<sql::Migration> Schema();  // schema/*.sql

}  // namespace mostove::coalitions
