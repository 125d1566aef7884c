// The identity service: who calls, with what roles, and the tokens that prove it.
#pragma once

#include <vector>

#include "libs/service/definition.h"

namespace mostove::identity {

service::Definition Define();
std::vector<sql::Migration> Schema();  // schema/*.sql

}  // namespace mostove::identity
