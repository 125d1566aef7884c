// The page of one organization: what the visitor may see of it.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "libs/rpc/invoker.h"
#include "services/dashboard/frame.h"

namespace mostove::dashboard {

// The visit's path is "/organizations/sofia-help". `done` runs once, on whatever thread. The
// invokers outlive it.
void AnswerOrganization(const std::vector<rpc::Invoker*>& invokers,
                        const std::shared_ptr<const Visit>& visit, std::function<void(Page)> done);

}  // namespace mostove::dashboard
