// The Connect protocol (connectrpc.com) for unary RPCs: POST /package.Service/Method with JSON or
// protobuf, and GET for methods without side effects. Stock clients in browsers speak it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/call/call.h"
#include "libs/http/request.h"
#include "libs/rpc/invoker.h"
#include "services/gateway/exchange.h"

namespace mostove::gateway {

// Immutable, thread-safe. The invokers outlive it.
class Connect : public std::enable_shared_from_this<Connect> {
 public:
  // What header fields say of a call; the same for REST.
  using CallReader =
      std::function<absl::StatusOr<call::Call>(const google::protobuf::MethodDescriptor*)>;

  explicit Connect(const std::vector<rpc::Invoker*>& invokers);

  // Answers every path of two segments with a dot in the first one, also where no such method is
  // there. Errors are Connect's JSON: code, message, details. False, and nothing done, for other
  // paths.
  bool Answer(const http::Request& request, const CallReader& read_call,
              const std::shared_ptr<Exchange>& exchange) const;

 private:
  struct Method {
    std::string path;  // "/mostove.organizations.v1.OrganizationsService/GetOrganization"
    const google::protobuf::MethodDescriptor* descriptor;
    const google::protobuf::Message* request;
    rpc::Invoker* invoker;
  };

  void Call(const Method& method, const http::Request& request, const CallReader& read_call,
            const std::shared_ptr<Exchange>& exchange) const;

  absl::flat_hash_map<std::string, Method> methods_;  // by path
};

}  // namespace mostove::gateway
