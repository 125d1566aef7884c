// The pages that people read: the directory of organizations at "/", and the page of each.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/rpc/invoker.h"
#include "services/dashboard/frame.h"
#include "services/dashboard/visit.h"

namespace mostove::dashboard {

// "/" or "/organizations/{id}" for the label of figures and logs; "" for what is no page here.
absl::string_view TemplateOf(absl::string_view path);

// `done` runs once, on whatever thread, and must not block. The path has a template. The invokers
// outlive the visit.
void Answer(const std::vector<rpc::Invoker*>& invokers, Visit visit,
            std::function<void(Page)> done);

}  // namespace mostove::dashboard
