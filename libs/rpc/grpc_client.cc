#include "libs/rpc/grpc_client.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/time/clock.h"
#include "libs/rpc/grpc_remote_call.h"
#include "libs/status/status.h"

namespace mostove::rpc {
namespace {

constexpr std::chrono::milliseconds kTick(10);

grpc::ChannelArguments Arguments(const GrpcInvokerOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxSendMessageSize(static_cast<int>(options.request_bytes_max));
  arguments.SetMaxReceiveMessageSize(static_cast<int>(options.response_bytes_max));
  // Connections come back soon after the program does; the second bound is also
  // how long one attempt may take.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 2000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  // Finds a machine that is gone without a word. More often than the servers'
  // GrpcLimits::ping_interval_min they would hang up.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // Every client has connections of its own, to these addresses and no proxy's.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  // RemoteUnary tries again, and knows when that does no harm.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // Among the addresses of one name; connects again without being asked.
  arguments.SetLoadBalancingPolicyName("round_robin");
  return arguments;
}

std::vector<Copy> Connect(const GrpcInvokerOptions& options) {
  const grpc::ChannelArguments arguments = Arguments(options);
  std::vector<Copy> copies;
  for (const std::string& address : options.addresses) {
    auto channel =
        grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
    channel->GetState(true);
    auto stub = std::make_unique<grpc::GenericStub>(channel);
    copies.push_back({std::move(channel), std::move(stub)});
  }
  return copies;
}

}  // namespace

GrpcClient::GrpcClient(GrpcInvokerOptions options)
    : options_(std::move(options)),
      copies_(Connect(options_)),
      budget_(options_.retry_tokens_max),
      thread_([this] { Loop(); }) {}

GrpcClient::~GrpcClient() {
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    idle_.wait(lock, [this] { return calls_.empty() && !ticking_; });
  }
  queue_.Shutdown();
  thread_.join();
}

const Copy* GrpcClient::Pick(const Copy* avoided) {
  const unsigned first = next_copy_.fetch_add(1, std::memory_order_relaxed);
  const Copy* last_resort = nullptr;
  for (size_t i = 0; i < copies_.size(); ++i) {
    const Copy& copy = copies_[(first + i) % copies_.size()];
    if (!copy.connected()) continue;
    if (&copy != avoided) return &copy;
    last_resort = &copy;
  }
  return last_resort;
}

bool GrpcClient::AnyConnected() const {
  return std::any_of(copies_.begin(), copies_.end(),
                     [](const Copy& copy) { return copy.connected(); });
}

absl::Status GrpcClient::Add(std::shared_ptr<RemoteCall> call) {
  std::lock_guard lock(mutex_);
  if (stopping_ || static_cast<int>(calls_.size()) >= options_.calls_max) {
    return status::Unavailable("QUEUE_FULL", "the system is busy; try again", absl::Seconds(1));
  }
  calls_.insert(std::move(call));
  if (!std::exchange(ticking_, true)) SetAlarm();
  return absl::OkStatus();
}

void GrpcClient::Remove(RemoteCall* call) {
  std::shared_ptr<RemoteCall> removed;  // what it holds is released without the lock
  std::lock_guard lock(mutex_);
  const auto found = calls_.find(call);
  if (found == calls_.end()) return;
  removed = *found;
  calls_.erase(found);
}

void GrpcClient::Loop() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) static_cast<Tag*>(tag)->Complete(ok);
}

void GrpcClient::OnTick(bool /*ok*/) {
  std::vector<std::shared_ptr<RemoteCall>> calls;
  bool stopping = false;
  {
    std::lock_guard lock(mutex_);
    calls.assign(calls_.begin(), calls_.end());
    stopping = stopping_;
  }
  const absl::Time now = absl::Now();
  for (const auto& call : calls) call->Tick(now, stopping);
  calls.clear();
  std::lock_guard lock(mutex_);
  ticking_ = !calls_.empty();
  if (ticking_) return SetAlarm();
  idle_.notify_all();
}

void GrpcClient::SetAlarm() {
  alarm_.Set(&queue_, std::chrono::system_clock::now() + kTick, &tick_);
}

}  // namespace mostove::rpc
