// The identity service: who calls, with what roles, and the tokens that prove it.
#pragma once

#include <memory>
#include <vector>

#include "libs/service/definition.h"
#include "services/identity/identity_service.h"
#include "services/identity/options.h"

namespace mostove::identity {

// `opened`, which may be null, gets the service when it is opened: for the start,
// while it is not called yet. See Bootstrap.
service::Definition Define(const Options& options,
                           std::shared_ptr<IdentityService>* opened = nullptr);
std::vector<sql::Migration> Schema();  // schema/*.sql

}  // namespace mostove::identity
