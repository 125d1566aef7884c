// RPCs that are no standard methods: functions on the store.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/call/method.h"
#include "libs/store/collection.h"
#include "libs/store/row.h"
#include "libs/store/store.h"

namespace mostove::organizations {

template <class Request, class Response>
call::UnaryMethod Own(std::string name, const store::Store& store,
                      absl::StatusOr<Response> (*function)(const store::Store&, const call::Call&,
                                                           const Request&)) {
  return {std::move(name), Request::descriptor(), Response::descriptor(),
          [&store, function](const call::Call& call, const google::protobuf::Message& request)
              -> absl::StatusOr<call::MessagePtr> {
            auto response = function(store, call, static_cast<const Request&>(request));
            if (!response.ok()) return std::move(response).status();
            return std::make_unique<Response>(*std::move(response));
          }};
}

inline constexpr int kReadAllMax = 20000;
absl::Status TooManyToRead();

// All that the caller sees, up to kReadAllMax: RESOURCE_EXHAUSTED, reason
// TOO_MANY_TO_READ, when there are more. `parent`: "" for top-level types.
template <class Resource>
absl::StatusOr<std::vector<Resource>> ReadAll(const store::Store& store, const call::Call& call,
                                              const std::string& parent,
                                              const std::string& filter) {
  const store::Collection& collection = *store.ByDescriptor(Resource::descriptor());
  std::vector<Resource> all;
  store::ListRequest request{.parent = parent, .page_size = store::kPageSizeMax, .filter = filter};
  do {
    auto page = collection.List(call, request);
    if (!page.ok()) return std::move(page).status();
    for (call::MessagePtr& message : page->resources) {
      all.push_back(std::move(static_cast<Resource&>(*message)));
    }
    if (all.size() > kReadAllMax) return TooManyToRead();
    request.page_token = page->next_page_token;
  } while (!request.page_token.empty());
  return all;
}

// Whether the caller sees what only owners of the organization see.
bool SeesAsOwner(const call::Caller& caller, absl::string_view organization);

}  // namespace mostove::organizations
