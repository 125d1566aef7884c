#include "services/gateway/connect.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/protobuf/descriptor.pb.h"
#include "libs/status/status.h"
#include "services/gateway/conditional.h"
#include "services/gateway/connect_message.h"

namespace mostove::gateway {
namespace {

using google::protobuf::MethodDescriptor;
using google::protobuf::MethodOptions;

bool HasNoSideEffects(const MethodDescriptor& method) {
  return method.options().idempotency_level() == MethodOptions::NO_SIDE_EFFECTS;
}

// "/mostove.organizations.v1.OrganizationsService/GetOrganization"
bool IsMethodPath(absl::string_view path) {
  const size_t slash = path.find('/', 1);
  return slash != absl::string_view::npos && path.find('/', slash + 1) == absl::string_view::npos &&
         absl::StrContains(path.substr(0, slash), '.');
}

absl::Status Unimplemented(absl::string_view reason, absl::string_view text) {
  return status::Make(absl::StatusCode::kUnimplemented, reason, text);
}

http::Response MethodNotAllowed(const MethodDescriptor& method) {
  const bool get = HasNoSideEffects(method);
  http::Response response =
      ConnectError(Unimplemented("METHOD_NOT_ALLOWED", get ? "this RPC is served for GET and POST"
                                                           : "this RPC is served for POST only"),
                   405);
  response.AddHeader("Allow", get ? "GET, POST, OPTIONS" : "POST, OPTIONS");
  return response;
}

http::Response AnswerOf(const ConnectRequest& request, const google::protobuf::Message& message,
                        const std::string& if_none_match, const call::Outcome* outcome) {
  http::Response response = ConnectAnswer(request.codec, message);
  if (outcome != nullptr && !outcome->position.empty()) {
    response.AddHeader("Change-Position", outcome->position);
  }
  if (!request.is_get) return response;
  const std::string tag = TagOfBytes(response.body);
  if (NamesTag(if_none_match, tag)) {
    response = {.status = 304};
    response.AddHeader("Cache-Control", "private, no-cache");
  }
  response.AddHeader("ETag", tag);
  return response;
}

}  // namespace

Connect::Connect(const std::vector<rpc::Invoker*>& invokers) {
  auto* const factory = google::protobuf::MessageFactory::generated_factory();
  for (rpc::Invoker* invoker : invokers) {
    for (const auto* service : invoker->services()) {
      for (int i = 0; i < service->method_count(); ++i) {
        const MethodDescriptor* method = service->method(i);
        const std::string path = absl::StrCat("/", service->full_name(), "/", method->name());
        methods_.emplace(path, Method{.path = path,
                                      .descriptor = method,
                                      .request = factory->GetPrototype(method->input_type()),
                                      .invoker = invoker});
      }
    }
  }
}

bool Connect::Answer(const http::Request& request, const CallReader& read_call,
                     const std::shared_ptr<Exchange>& exchange) const {
  if (!IsMethodPath(request.path)) return false;
  const auto found = methods_.find(request.path);
  if (found == methods_.end()) {
    exchange->Respond(ConnectError(
        Unimplemented("METHOD_UNKNOWN", "there is no such service, or it has no such method"),
        404));
    return true;
  }
  const Method& method = found->second;
  exchange->set_route_label(method.path);
  const bool allowed =
      request.method == http::Method::kPost ||
      (request.method == http::Method::kGet && HasNoSideEffects(*method.descriptor));
  if (!allowed) {
    exchange->Respond(MethodNotAllowed(*method.descriptor));
  } else if (method.descriptor->server_streaming() || method.descriptor->client_streaming()) {
    exchange->Respond(ConnectError(
        Unimplemented("STREAM", "streams are served over gRPC and as server-sent events")));
  } else {
    Call(method, request, read_call, exchange);
  }
  return true;
}

void Connect::Call(const Method& method, const http::Request& request, const CallReader& read_call,
                   const std::shared_ptr<Exchange>& exchange) const {
  const bool reads = method.descriptor->options().idempotency_level() ==
                     google::protobuf::MethodOptions::NO_SIDE_EFFECTS;
  if (const absl::Status entered = exchange->Enter(reads); !entered.ok())
    return exchange->Respond(ConnectError(entered));
  ConnectRequest read;
  const ConnectRefusal refusal = ReadConnectRequest(request, read);
  if (!refusal.status.ok()) {
    return exchange->Respond(ConnectError(refusal.status, refusal.http_status));
  }
  call::MessagePtr message(method.request->New());
  absl::Status parsed = ParseConnectMessage(read, *message);
  absl::StatusOr<call::Call> call = parsed.ok() ? read_call(method.descriptor) : std::move(parsed);
  if (!call.ok()) return exchange->Respond(ConnectError(call.status()));
  call->deadline = std::min(call->deadline, absl::Now() + read.timeout);
  if (call->Expired()) {
    return exchange->Respond(
        ConnectError(status::Make(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                                  "the deadline passed before the call was run")));
  }
  read.message.clear();
  const auto outcome = reads ? nullptr : std::make_shared<call::Outcome>();
  call->outcome = outcome;
  method.invoker->Invoke(method.descriptor, *std::move(call), std::move(message),
                         [self = shared_from_this(), exchange, read = std::move(read), outcome,
                          tags = JoinedField(request.headers, "If-None-Match")](
                             const absl::StatusOr<call::MessagePtr>& answer) {
                           exchange->Respond(answer.ok()
                                                 ? AnswerOf(read, **answer, tags, outcome.get())
                                                 : ConnectError(answer.status()));
                         });
}

}  // namespace mostove::gateway
