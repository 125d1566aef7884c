#include "libs/rpc/grpc_invoker.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "libs/rpc/grpc_client.h"
#include "libs/rpc/grpc_remote_call.h"
#include "libs/status/status.h"

namespace mostove::rpc {
namespace {

using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

using Methods = absl::flat_hash_map<const MethodDescriptor*, RemoteMethod>;

Methods DescribeMethods(const std::vector<const ServiceDescriptor*>& services) {
  Methods methods;
  for (const ServiceDescriptor* service : services) {
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodDescriptor* const descriptor = service->method(i);
      RemoteMethod& method = methods[descriptor];
      method.method = DescribeMethod(*descriptor);
      method.path = absl::StrCat("/", method.method.full_name);
      method.response = google::protobuf::MessageFactory::generated_factory()->GetPrototype(
          descriptor->output_type());
    }
  }
  return methods;
}

class RemoteInvoker : public GrpcInvoker {
 public:
  explicit RemoteInvoker(GrpcInvokerOptions options)
      : methods_(DescribeMethods(options.services)), client_(std::move(options)) {}

  std::vector<const ServiceDescriptor*> services() const override {
    return client_.options().services;
  }

  void Invoke(const MethodDescriptor* descriptor, call::Call call, call::MessagePtr request,
              Done done) override {
    const auto method = methods_.find(descriptor);
    if (method == methods_.end() || descriptor->server_streaming())
      return done(Unknown(descriptor));
    MakeRemoteUnary(client_, method->second, std::move(call), std::move(done))
        ->Begin(std::move(request));
  }

  std::shared_ptr<Stream> Open(const MethodDescriptor* descriptor, call::Call call,
                               call::MessagePtr request) override {
    const auto method = methods_.find(descriptor);
    if (method == methods_.end() || !descriptor->server_streaming()) {
      return FailedStream(Unknown(descriptor));
    }
    const RemoteStream opened = MakeRemoteStream(client_, method->second, std::move(call));
    opened.call->Begin(std::move(request));
    return opened.stream;
  }

  absl::Status Check() const override {
    if (client_.AnyConnected()) return absl::OkStatus();
    const auto& services = client_.options().services;
    return status::Unavailable(
        "SERVICE_AWAY",
        absl::StrCat(services.empty() ? "the service" : services.front()->full_name(),
                     " is not there; try again soon"),
        absl::Seconds(1));
  }

 private:
  static absl::Status Unknown(const MethodDescriptor* method) {
    return status::Make(absl::StatusCode::kUnimplemented, "METHOD_UNKNOWN",
                        absl::StrCat(method->full_name(), " cannot be called here"));
  }

  const Methods methods_;
  GrpcClient client_;
};

}  // namespace

std::unique_ptr<GrpcInvoker> MakeGrpcInvoker(GrpcInvokerOptions options) {
  return std::make_unique<RemoteInvoker>(std::move(options));
}

}  // namespace mostove::rpc
