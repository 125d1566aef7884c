// Updates as JSON merge patches (RFC 7396).
#pragma once

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "libs/transcoding/router.h"

namespace mostove::gateway {

// A member of the body that is null takes its field away: where there is one, and the request has
// no update_mask of its own, the mask becomes the members that the body has. `request` was read
// from that body. A message field is replaced as a whole, as without null.
void MaskNulls(const transcoding::Route& route, absl::string_view body,
               google::protobuf::Message& request);

}  // namespace mostove::gateway
