// The trainings service: topics, programs and their sessions. All of its RPCs
// are standard methods; what is particular stands in session_rules.
#pragma once

#include <vector>

#include "libs/service/definition.h"

namespace mostove::trainings {

service::Definition Define();
std::vector<sql::Migration> Schema();  // schema/*.sql

}  // namespace mostove::trainings
