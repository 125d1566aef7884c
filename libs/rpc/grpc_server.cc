#include "libs/rpc/grpc_server.h"

#include <grpc/grpc.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/resource_quota.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/listen/unix_socket.h"
#include "libs/rpc/grpc_acceptor.h"
#include "libs/rpc/grpc_runtime.h"
#include "libs/status/macros.h"

namespace mostove::rpc {
namespace {

// How long clients may take to close their connections when every call has
// been answered.
constexpr std::chrono::milliseconds kFarewell(100);

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(std::min(absl::ToInt64Milliseconds(duration), int64_t{INT_MAX}));
}

void SetLimits(grpc::ServerBuilder& builder, const GrpcLimits& limits) {
  builder.SetMaxReceiveMessageSize(static_cast<int>(limits.request_bytes_max));
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, limits.metadata_bytes_max);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.streams_per_connection_max);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS,
                             Milliseconds(limits.connection_age_max));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
                             Milliseconds(limits.connection_age_grace));
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             Milliseconds(limits.ping_interval_min));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(limits.keepalive));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(limits.keepalive_timeout));
  builder.SetResourceQuota(grpc::ResourceQuota("mostove").Resize(limits.memory_bytes_max));
  // A few compressed bytes could unpack to gigabytes before any limit is asked.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  // A second server on the same port is a mistake, not a sharing of load.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

// Reflection is a service of gRPC's own with threads of its own: one will do.
void EnableReflection(grpc::ServerBuilder& builder) {
  static std::once_flag once;  // the plug-in is global, and doubled if added twice
  std::call_once(once, grpc::reflection::InitProtoReflectionServerBuilderPlugin);
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 1);
}

class Server : public GrpcServer {
 public:
  explicit Server(const GrpcServerOptions& options) {
    for (Invoker* invoker : options.invokers) {
      for (const auto* service : invoker->services()) {
        services_.push_back(std::make_unique<GrpcService>(*service, invoker));
      }
    }
    grpc::ServerBuilder builder;
    SetLimits(builder, options.limits);
    EnableReflection(builder);
    Listen(builder, options);
    for (const auto& service : services_) builder.RegisterService(service.get());
    queue_ = builder.AddCompletionQueue();
    runtime_ = std::make_unique<GrpcRuntime>(queue_.get(), options);
    {
      const listen::PrivateFiles files;  // the socket is for this user only
      server_ = builder.BuildAndStart();
    }
    if (server_ != nullptr) AwaitCalls();
    if (acceptor_ != nullptr) acceptor_->Start();
    thread_ = std::thread([this] { Loop(); });
  }

  ~Server() override { Drain(absl::ZeroDuration()); }

  bool started() const { return server_ != nullptr; }
  int port() const override { return port_ > 1 ? port_ : 0; }

  void Drain(absl::Duration grace) override {
    std::lock_guard lock(drain_mutex_);
    if (!thread_.joinable()) return;
    if (acceptor_ != nullptr) acceptor_->Stop();
    runtime_->StartDraining();
    if (server_ != nullptr) StopServer(absl::Now() + grace);
    queue_->Shutdown();
    thread_.join();
  }

 private:
  void Listen(grpc::ServerBuilder& builder, const GrpcServerOptions& options) {
    if (options.listener >= 0) {
      acceptor_ = std::make_unique<GrpcAcceptor>(builder, options.listener);
    } else {
      builder.AddListeningPort(options.address, grpc::InsecureServerCredentials(), &port_);
    }
  }

  void StopServer(absl::Time deadline) {
    const auto stopped =
        std::async(std::launch::async, [&] { server_->Shutdown(absl::ToChronoTime(deadline)); });
    // Calls whose functions still run have answers to deliver; shutting the
    // queue down under them would crash.
    runtime_->WaitUntilNoCalls();
    // gRPC 1.51 forgets a call that it was about to hand out when the shutdown
    // came, and would keep its connection until the deadline.
    if (stopped.wait_for(kFarewell) == std::future_status::timeout) {
      grpc_server_cancel_all_calls(server_->c_server());
    }
  }

  void AwaitCalls() {
    for (const auto& service : services_) {
      const auto& methods = service->methods();
      for (int i = 0; i < static_cast<int>(methods.size()); ++i) {
        if (methods[i].descriptor->server_streaming()) {
          AwaitStream(*runtime_, *service, i);
        } else {
          AwaitUnary(*runtime_, *service, i);
        }
      }
    }
  }

  void Loop() {
    void* tag = nullptr;
    bool ok = false;
    while (queue_->Next(&tag, &ok)) static_cast<Tag*>(tag)->Complete(ok);
  }

  std::vector<std::unique_ptr<GrpcService>> services_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<GrpcRuntime> runtime_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<GrpcAcceptor> acceptor_;  // of a listener that was given
  int port_ = 0;
  std::thread thread_;
  std::mutex drain_mutex_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(const GrpcServerOptions& options) {
  if (options.listener < 0) RETURN_IF_ERROR(listen::RemoveDeadSocket(options.address));
  auto server = std::make_unique<Server>(options);
  if (!server->started()) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot serve gRPC on ", options.address,
                     ": the address is wrong or another program listens there"));
  }
  return server;
}

}  // namespace mostove::rpc
