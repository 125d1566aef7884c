// A request as REST has it, by the google.api.http of its RPC.
#pragma once

#include <optional>
#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace mostove::access {

struct RestRequest {
  std::string method;  // "PATCH"
  std::string target;  // "/v1/grants/own?validateOnly=true"
  std::string body;    // JSON; "" for none
};

// None for an RPC without a route. By the first route that the names fit.
std::optional<RestRequest> ToRest(const google::protobuf::MethodDescriptor& method,
                                  const google::protobuf::Message& request);

// Names something of this id in fields of the first route's path that are empty.
void FillPath(const google::protobuf::MethodDescriptor& method, const std::string& id,
              google::protobuf::Message& request);

}  // namespace mostove::access
