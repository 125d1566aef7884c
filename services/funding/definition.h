// The funding service: donors, grants and projects. All of its RPCs are
// standard methods; what is particular stands in the rules files.
#pragma once

#include <vector>

#include "libs/service/definition.h"

namespace mostove::funding {

service::Definition Define();
std::vector<sql::Migration> Schema();  // schema/*.sql

}  // namespace mostove::funding
