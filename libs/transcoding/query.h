// Query parameters of a URL, into the fields of a request.
#pragma once

#include <functional>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "libs/status/status.h"

namespace mostove::transcoding {

// Whether the path or the body already binds a field, given by its path from
// the request down.
using IsBound = std::function<bool(const std::vector<const google::protobuf::FieldDescriptor*>&)>;

// `query` is still encoded. Reasons of violations: see BuildRequest.
void ReadQuery(absl::string_view query, const IsBound& is_bound, google::protobuf::Message& request,
               status::Violations& violations);

}  // namespace mostove::transcoding
