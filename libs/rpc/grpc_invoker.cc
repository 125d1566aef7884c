#include "libs/rpc/grpc_invoker.h"

#include <condition_variable>
#include <future>
#include <mutex>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "libs/rpc/remote_call.h"
#include "libs/rpc/remote_client.h"
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
      : methods_(DescribeMethods(options.services)), shared_(std::move(options)) {
    if (shared_.options.loop == nullptr) {
      own_loop_ = std::make_unique<loop::Loop>();
      own_loop_->Run();
    }
    base_loop().Post([this] { ClientOn(base_loop()); });
  }

  ~RemoteInvoker() override {
    // What was posted here uses this.
    std::promise<void> quiet;
    if (base_loop().Post([&] { quiet.set_value(); })) quiet.get_future().wait();
    std::unique_lock lock(mutex_);
    ending_ = true;
    // A loop outlives the clients on it, and they need the lock to end.
    for (const auto& [client, loop] : clients_) {
      loop->Post([this, loop = loop] { loop->Dismiss(this); });
    }
    none_.wait(lock, [this] { return clients_.empty(); });
    lock.unlock();
    if (own_loop_ != nullptr) own_loop_->Join();
  }

  std::vector<const ServiceDescriptor*> services() const override {
    return shared_.options.services;
  }

  void Invoke(const MethodDescriptor* descriptor, call::Call call, call::MessagePtr request,
              Done done) override {
    const auto method = methods_.find(descriptor);
    if (method == methods_.end() || descriptor->server_streaming())
      return done(Unknown(descriptor));
    auto parsed = [done = std::move(done),
                   method = &method->second](const absl::StatusOr<std::string>& bytes) {
      if (!bytes.ok()) return done(bytes.status());
      done(ParseAnswer(*method, *bytes));
    };
    Begin(MakeRemoteUnary(shared_, method->second, std::move(call), std::move(parsed)), *request);
  }

  // Without making the message.
  void Read(const MethodDescriptor* descriptor, call::Call call, absl::string_view /*key*/,
            std::shared_ptr<Reading> reading) override {
    const auto method = methods_.find(descriptor);
    if (method == methods_.end() || descriptor->server_streaming()) {
      return reading->Finish(Unknown(descriptor));
    }
    const absl::StatusOr<call::MessagePtr> request = reading->MakeRequest();
    if (!request.ok()) return reading->Finish(request.status());
    auto rendered = [reading = std::move(reading)](absl::StatusOr<std::string> bytes) {
      if (!bytes.ok()) return reading->Finish(bytes.status());
      absl::StatusOr<answers::Answer> answer =
          reading->RenderBytes(*std::move(bytes), /*shared=*/false);
      if (!answer.ok()) return reading->Finish(answer.status());
      reading->Finish(std::make_shared<const answers::Answer>(*std::move(answer)));
    };
    Begin(MakeRemoteUnary(shared_, method->second, std::move(call), std::move(rendered)),
          **request);
  }

  std::shared_ptr<Stream> Open(const MethodDescriptor* descriptor, call::Call call,
                               call::MessagePtr request) override {
    const auto method = methods_.find(descriptor);
    if (method == methods_.end() || !descriptor->server_streaming()) {
      return FailedStream(Unknown(descriptor));
    }
    const RemoteStream opened = MakeRemoteStream(shared_, method->second, std::move(call));
    Begin(opened.call, *request);
    return opened.stream;
  }

  absl::Status Check() const override {
    if (shared_.connected > 0) return absl::OkStatus();
    const auto& services = shared_.options.services;
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
  static absl::Status Stopping() {
    return status::Unavailable("STOPPING", "the program stops; try again", absl::Seconds(1));
  }

  loop::Loop& base_loop() const {
    return own_loop_ != nullptr ? *own_loop_ : *shared_.options.loop;
  }

  void Begin(const std::shared_ptr<RemoteCall>& call, google::protobuf::Message& request) {
    if (const absl::Status ready = call->Prepare(request); !ready.ok()) return call->Fail(ready);
    if (shared_.calls.fetch_add(1, std::memory_order_relaxed) >= shared_.options.calls_max) {
      return Refuse(*call, status::Unavailable("QUEUE_FULL", "the system is busy; try again",
                                               absl::Seconds(1)));
    }
    if (loop::Loop* const here = loop::Loop::Current()) return BeginOn(*here, call);
    const bool posted = base_loop().Post([this, call] { BeginOn(base_loop(), call); });
    if (!posted) Refuse(*call, Stopping());
  }

  void BeginOn(loop::Loop& loop, const std::shared_ptr<RemoteCall>& call) {
    RemoteClient* const client = ClientOn(loop);
    if (client == nullptr) return Refuse(*call, Stopping());
    call->Begin(*client);
  }

  void Refuse(RemoteCall& call, const absl::Status& status) {
    shared_.calls.fetch_sub(1, std::memory_order_relaxed);
    call.Fail(status);
  }

  // On the loop's thread. Null when the invoker ends.
  RemoteClient* ClientOn(loop::Loop& loop) {
    if (loop::Guest* const known = loop.Find(this)) return static_cast<RemoteClient*>(known);
    auto client = std::make_shared<RemoteClient>(loop, shared_,
                                                 [this](RemoteClient* ended) { Forget(ended); });
    {
      std::lock_guard lock(mutex_);
      if (ending_) return nullptr;
      clients_[client.get()] = &loop;
    }
    loop.Add(this, client);
    client->Start();
    return client.get();
  }

  void Forget(RemoteClient* client) {
    std::lock_guard lock(mutex_);
    clients_.erase(client);
    if (clients_.empty()) none_.notify_all();
  }

  const Methods methods_;
  RemoteShared shared_;
  std::unique_ptr<loop::Loop> own_loop_;
  std::mutex mutex_;
  std::condition_variable none_;
  absl::flat_hash_map<RemoteClient*, loop::Loop*> clients_;  // guarded by mutex_
  bool ending_ = false;                                      // guarded by mutex_
};

}  // namespace

std::unique_ptr<GrpcInvoker> MakeGrpcInvoker(GrpcInvokerOptions options) {
  return std::make_unique<RemoteInvoker>(std::move(options));
}

}  // namespace mostove::rpc
