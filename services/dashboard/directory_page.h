// The first page: organizations that the visitor may see, searched, filtered and by oblast.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "libs/rpc/invoker.h"
#include "services/dashboard/frame.h"

namespace mostove::dashboard {

// Parameters: q (words), kind ("REFUGEE_LED"), oblast ("BG-05"), page (of ListOrganizations).
// `done` runs once, on whatever thread. The invokers outlive it.
void AnswerDirectory(const std::vector<rpc::Invoker*>& invokers,
                     const std::shared_ptr<const Visit>& visit, std::function<void(Page)> done);

}  // namespace mostove::dashboard
