// The organizations service: organizations of the network and what they do
// where. All of its RPCs are standard methods; what is particular stands in
// organization_rules and activity_rules.
#pragma once

#include <vector>

#include "libs/service/definition.h"

namespace mostove::organizations {

service::Definition Define();
std::vector<sql::Migration> Schema();  // schema/*.sql

}  // namespace mostove::organizations
