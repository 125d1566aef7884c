// The part of an invoker on one loop: connections to all copies, and the calls
// under way over them. Private to the invoker.
//
// While there are calls a tick every 10 ms looks after those that wait for
// something which no event tells: the end of a pause or of a deadline, a caller
// that goes away. Streams that were sent are looked after once a second: they are
// many and long, and their ends are mostly told.
#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/random/random.h"
#include "libs/loop/loop.h"
#include "libs/rpc/grpc_invoker.h"
#include "libs/rpc/remote_copy.h"
#include "libs/rpc/retry_budget.h"
#include "libs/telemetry/metrics.h"

namespace mostove::rpc {

class RemoteCall;

// What the parts of one invoker share. For all threads.
struct RemoteShared {
  explicit RemoteShared(GrpcInvokerOptions given);

  const GrpcInvokerOptions options;
  RetryBudget budget;
  std::atomic<int> calls = 0;      // under way
  std::atomic<int> connected = 0;  // connections that are ready
  telemetry::Counter* sent_again;
  telemetry::Counter* found_nobody;
};

class RemoteClient final : public loop::Guest,
                           public RemoteCopy::Owner,
                           public std::enable_shared_from_this<RemoteClient> {
 public:
  RemoteClient(loop::Loop& loop, RemoteShared& shared, std::function<void(RemoteClient*)> on_end);

  loop::Loop& loop() { return loop_; }
  RemoteShared& shared() { return shared_; }

  // ---- on the loop's thread

  void Start();         // connects, without waiting
  void End() override;  // answers all calls

  // The copy with the fewest streams under way, so that one that hangs gets no
  // more of them; another than `avoided` if there is one; null if none is ready.
  std::shared_ptr<RemoteCopy> Pick(const RemoteCopy* avoided);
  // From here on the call is looked after, until it is removed.
  void Add(std::shared_ptr<RemoteCall> call);
  // It is a stream and was sent.
  void OnStreamSent(RemoteCall* call);
  void Remove(RemoteCall* call);
  absl::InsecureBitGen& random() { return random_; }

 private:
  // An address of the options: a copy, or all of a name.
  struct Target {
    h2::Address address;
    std::vector<std::shared_ptr<RemoteCopy>> copies;
    h2::Clock::time_point look_up;  // next; for names
    bool looking_up = false;
  };

  void OnCopyChanged(bool ready) override;
  void Keep(Target& target, const std::vector<h2::SocketAddress>& addresses);
  RemoteCopy::ConnectTls ConnectTls(const h2::Address& address) const;
  void LookUp(size_t index, h2::Clock::time_point now);
  using Calls = absl::flat_hash_set<std::shared_ptr<RemoteCall>>;
  static void TickAll(const Calls& calls, absl::Time now, bool stopping);
  void SetTimer();
  void Tick();

  loop::Loop& loop_;
  RemoteShared& shared_;
  const std::function<void(RemoteClient*)> on_end_;
  absl::InsecureBitGen random_;
  // Gone after the end, which others may hold this beyond; the loop too.
  std::optional<boost::asio::steady_timer> timer_;
  std::optional<boost::asio::ip::tcp::resolver> resolver_;
  std::vector<Target> targets_;
  std::vector<std::shared_ptr<RemoteCopy>> copies_;  // of all targets
  size_t next_copy_ = 0;
  Calls calls_;    // all but these:
  Calls streams_;  // those that were sent
  h2::Clock::time_point streams_due_;
  bool fast_ = false;  // the timer is set for calls
  bool ended_ = false;
};

}  // namespace mostove::rpc
