// Finds the RPC that answers an HTTP method and path.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "libs/transcoding/path_template.h"

namespace mostove::transcoding {

// One HTTP binding of an RPC.
struct Route {
  const google::protobuf::MethodDescriptor* method;
  std::string http_method;  // "GET", "POST", "PUT", "PATCH", "DELETE"
  PathTemplate path;        // path.text() is for logs
  // Where the body goes: nowhere, into the whole request, or into a field.
  enum class Body { kNone, kRequest, kField };
  Body body = Body::kNone;
  const google::protobuf::FieldDescriptor* body_field = nullptr;  // with kField
  // The field of the response that is the answer's body; null means all of it.
  const google::protobuf::FieldDescriptor* response_field = nullptr;
  // Per variable of `path`, the fields from the request down.
  std::vector<std::vector<const google::protobuf::FieldDescriptor*>> variable_fields;
};

// What of an RPC's response is written as the body of the HTTP answer.
const google::protobuf::Message& BodyOf(const Route& route,
                                        const google::protobuf::Message& response);

struct RouteMatch {
  enum class Outcome { kFound, kNotFound, kMethodNotAllowed, kBadPath };
  Outcome outcome = Outcome::kNotFound;
  const Route* route = nullptr;       // with kFound
  std::vector<std::string> captures;  // decoded, one per variable of route->path
  // With kMethodNotAllowed: what goes into the header Allow, "GET, HEAD, PATCH".
  std::string allow;
  // Other than OK for every outcome but kFound: NOT_FOUND (ROUTE_NOT_FOUND),
  // UNIMPLEMENTED (METHOD_NOT_ALLOWED), INVALID_ARGUMENT with a violation on
  // "path".
  absl::Status status;
};

// Immutable after Build, thread-safe.
class Router {
 public:
  // Takes every method with a google.api.http option, with its additional
  // bindings. Fails with a sentence that names every fault: a template that
  // does not parse, a variable or body that is no field of the request (or one
  // that cannot be bound), custom methods, client streams, two routes that could
  // answer the same request while neither is more specific.
  static absl::StatusOr<Router> Build(
      const std::vector<const google::protobuf::ServiceDescriptor*>& services);

  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;
  ~Router();

  // `path` as it came, without the query. Where several templates match, the
  // one with a literal in the first segment that differs wins. A verb counts as
  // one only where a template has it: "/v1/organizations/a:b" is the name
  // "organizations/a:b" unless there is a ":b". HEAD is answered by GET.
  RouteMatch Match(absl::string_view http_method, absl::string_view path) const;

  // In the order of services and methods.
  const std::vector<std::unique_ptr<const Route>>& routes() const { return routes_; }

 private:
  struct Node;
  class Builder;
  Router();

  std::vector<std::unique_ptr<const Route>> routes_;
  std::unique_ptr<Node> root_;
};

}  // namespace mostove::transcoding
