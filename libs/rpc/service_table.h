// A service as a table of functions bound to its descriptor. Everything that
// calls a service (gRPC server, gateway, another service in the process) goes
// through the table, so that permission, validation, deadline, redaction, log
// line and metrics happen once and nobody finds a way around them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "libs/call/method.h"
#include "libs/resource/aliases.h"
#include "libs/resource/validate.h"
#include "libs/rpc/permission.h"
#include "mostove/resource/v1/annotations.pb.h"

namespace mostove::audit {
class AccessLog;
}
namespace mostove::telemetry {
class Metrics;
}

namespace mostove::rpc {

// One row of the table.
struct Method {
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  std::string full_name;  // "mostove.organizations.v1.OrganizationsService/GetOrganization"
  Permission permission;
  bool runs_inline = false;
  call::UnaryFunction unary;  // one of the two
  call::StreamFunction stream;
  call::BytesFunction bytes;  // may be empty

  // Makes empty requests: request->New().
  const google::protobuf::Message* request = nullptr;
  // Not a GET of google.api.http: its calls are logged.
  bool is_write = false;
  // A GET, or marked with an idempotency_level: repeating it does no harm.
  bool is_repeatable = false;
  // The request's `request_id`; null if it has none.
  const google::protobuf::FieldDescriptor* request_id = nullptr;
  // The request has an `update_mask`: the resource in it is checked after the
  // merge, by the store.
  bool has_update_mask = false;
  // The function says what its answer rests on, and callers who see the same get
  // the same: not so where the answer depends on their roles.
  bool keepable = false;
  // Create or BatchCreate: the store checks the resources, together with what
  // they refer to.
  bool is_create = false;
};

// What the descriptor says of the method: a row without function.
Method DescribeMethod(const google::protobuf::MethodDescriptor& descriptor);

struct TableOptions {
  // Checks of shared types in requests; may be null. Outlives the table.
  const resource::TypeChecks* checks = nullptr;
  telemetry::Metrics* metrics = nullptr;  // may be null
  // Told of refusals and of answers with private fields; may be null. Outlives
  // the table.
  audit::AccessLog* access = nullptr;
  // Names of merged resources: who has a role on one has it on what it stands for; may
  // be null. Outlives the table.
  const resource::Aliases* aliases = nullptr;
  // Methods without a permission annotation that everybody may call
  // (grpc.health.v1 has no annotations of ours).
  bool public_without_annotation = false;
  // Such methods run inline.
  bool inline_without_annotation = false;
  // The functions wait for another program, such as a database server: none runs inline, whatever
  // is annotated.
  bool never_inline = false;
};

class ServiceTable {
 public:
  // All faults in one sentence: a method of the descriptor without a function,
  // a function without a method, types that do not fit, a method without a
  // permission or with one that contradicts itself.
  static absl::StatusOr<std::unique_ptr<const ServiceTable>> Bind(
      absl::string_view service, std::vector<call::UnaryMethod> unary,
      std::vector<call::StreamMethod> streams, TableOptions options);

  const google::protobuf::ServiceDescriptor* descriptor() const { return descriptor_; }
  const std::vector<Method>& methods() const { return methods_; }
  const Method* Find(absl::string_view method_name) const;  // "GetOrganization"; null if none

  // The whole way of a unary call: sets method and request id (see
  // request_id.h), takes the request's request_id as idempotency key (with the
  // hash of the rest), checks deadline and permission (permission.h), turns texts into NFC,
  // validates, runs, strips what the caller may not see, counts and logs
  // (method, code, reason, duration, request id; never values). Blocks.
  // A key that the call brings counts for methods with a request_id only; when
  // the request has one too they have to be the same. An INTERNAL error keeps
  // its message, which is for logs: send status::ToProto of it.
  absl::StatusOr<call::MessagePtr> Run(const Method& method, call::Call call,
                                       call::MessagePtr request) const;
  // The same; answers with bytes where the method has them at hand and the caller
  // is an administrator, from whom nothing is stripped.
  absl::StatusOr<call::Response> RunForBytes(const Method& method, call::Call call,
                                             call::MessagePtr request) const;
  // The same for an answer that is kept: there is no request to check and nothing
  // to run or strip. OK: this caller may have it, and what it shows is recorded.
  absl::Status RunKept(const Method& method, call::Call call, const call::ShownList& shown) const;
  // The same up to the first message; each message is stripped as it passes.
  // The call is counted and logged when the stream has ended or is destroyed
  // (then as CANCELLED). The table outlives the stream.
  absl::StatusOr<std::unique_ptr<call::MessageStream>> Open(const Method& method, call::Call call,
                                                            call::MessagePtr request) const;
  // Counts and logs a call that was refused before it came here: a full queue.
  void CountRefusal(const Method& method, absl::string_view request_id,
                    const absl::Status& status) const;

 private:
  ServiceTable() = default;
  template <class Answer, class Function>
  absl::StatusOr<Answer> RunAs(const Method& method, call::Call call, call::MessagePtr request,
                               const Function& function) const;

  const google::protobuf::ServiceDescriptor* descriptor_ = nullptr;
  std::vector<Method> methods_;
  absl::flat_hash_map<std::string, int> index_;
  TableOptions options_;
};

}  // namespace mostove::rpc
