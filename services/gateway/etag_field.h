// Where an entity tag stands in requests and responses, found in their descriptors once.
#pragma once

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "libs/transcoding/router.h"
#include "services/gateway/conditional.h"

namespace mostove::gateway {

// A text field `etag`; null if there is none.
const google::protobuf::FieldDescriptor* FindTextField(const google::protobuf::Descriptor& message,
                                                       const char* name);

// The etag of a write: of the request itself, or of the resource in an update.
class RequestEtag {
 public:
  explicit RequestEtag(const transcoding::Route& route);

  // INVALID_ARGUMENT where the request has no etag, its body already gives another one, or "*"
  // meets allow_missing.
  absl::Status Set(const IfMatch& if_match, google::protobuf::Message& request) const;

 private:
  const google::protobuf::FieldDescriptor* resource_ = nullptr;  // null: the request's own etag
  const google::protobuf::FieldDescriptor* etag_ = nullptr;
  const google::protobuf::FieldDescriptor* allow_missing_ = nullptr;
};

}  // namespace mostove::gateway
