#include "libs/rpc/remote_client.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/rpc/remote_call.h"
#include "libs/telemetry/log.h"
#include "libs/tls/credentials.h"

namespace mostove::rpc {
namespace {

constexpr std::chrono::milliseconds kTick(10);
constexpr std::chrono::milliseconds kIdleTick(100);
constexpr std::chrono::seconds kStreamsTick(1);
// Names: how often, and how soon again when no copy is reached.
constexpr std::chrono::seconds kLookUp(30), kLookUpAgain(2);

}  // namespace

RemoteShared::RemoteShared(GrpcInvokerOptions given)
    : options(std::move(given)), budget(options.retry_tokens_max) {
  telemetry::Metrics& metrics =
      options.metrics == nullptr ? telemetry::Metrics::Nowhere() : *options.metrics;
  const std::string service = options.services.empty() ? "" : options.services.front()->full_name();
  const telemetry::Metrics::Labels labels = {{"service", service}};
  sent_again = &metrics.Counter("mostove_hop_retries_total",
                                "Calls of a service that were sent again.", labels);
  found_nobody =
      &metrics.Counter("mostove_hop_away_total",
                       "Calls that ended because no copy of the service was connected.", labels);
  metrics.Gauge("mostove_hop_calls", "Calls of a service that are under way.", labels,
                [this] { return calls.load(); });
  metrics.Gauge("mostove_hop_connections", "Connections to a service's copies that are ready.",
                labels, [this] { return connected.load(); });
}

RemoteClient::RemoteClient(loop::Loop& loop, RemoteShared& shared,
                           std::function<void(RemoteClient*)> on_end)
    : loop_(loop),
      shared_(shared),
      on_end_(std::move(on_end)),
      timer_(loop.context()),
      resolver_(loop.context()) {}

void RemoteClient::Start() {
  for (const std::string& text : shared_.options.addresses) {
    const auto address = h2::ParseAddress(text);
    if (!address.ok()) {
      telemetry::Log(telemetry::Level::kError, "address_malformed",
                     {{"error", address.status().message()}});
      continue;
    }
    targets_.push_back({.address = *address});
    if (const auto numeric = address->ToSocketAddress()) Keep(targets_.back(), {*numeric});
  }
  Tick();
}

void RemoteClient::End() {
  if (std::exchange(ended_, true)) return;
  const auto self = shared_from_this();
  timer_.reset();
  resolver_.reset();
  TickAll(calls_, absl::Now(), true);
  TickAll(streams_, absl::Now(), true);
  for (const auto& copy : std::exchange(copies_, {})) copy->End();
  targets_.clear();
  on_end_(this);
}

std::shared_ptr<RemoteCopy> RemoteClient::Pick(const RemoteCopy* avoided) {
  const size_t first = next_copy_++;
  std::shared_ptr<RemoteCopy> best, last_resort;
  for (size_t i = 0; i < copies_.size(); ++i) {
    const std::shared_ptr<RemoteCopy>& copy = copies_[(first + i) % copies_.size()];
    if (!copy->ready()) continue;
    if (copy.get() == avoided) {
      last_resort = copy;
    } else if (best == nullptr || copy->under_way < best->under_way) {
      best = copy;
    }
  }
  return best != nullptr ? best : last_resort;
}

void RemoteClient::Add(std::shared_ptr<RemoteCall> call) {
  calls_.insert(std::move(call));
  if (!fast_) SetTimer();
}

void RemoteClient::OnStreamSent(RemoteCall* call) {
  if (auto node = calls_.extract(call)) streams_.insert(std::move(node));
}

void RemoteClient::Remove(RemoteCall* call) {
  // What it holds may be the last of much else: it goes with this.
  auto node = calls_.extract(call);
  if (!node) node = streams_.extract(call);
  if (!node) return;
  shared_.calls.fetch_sub(1, std::memory_order_relaxed);
}

void RemoteClient::OnCopyChanged(bool ready) {
  shared_.connected.fetch_add(ready ? 1 : -1, std::memory_order_relaxed);
  if (!ready) {
    // One of a name's may have moved.
    const h2::Clock::time_point soon = h2::Clock::now() + kLookUpAgain;
    for (Target& target : targets_) target.look_up = std::min(target.look_up, soon);
    return;
  }
  TickAll(calls_, absl::Now(), false);
}

// The copies of the target are at these addresses. One that is not named any more
// and serves ends its connection itself.
void RemoteClient::Keep(Target& target, const std::vector<h2::SocketAddress>& addresses) {
  std::vector<std::shared_ptr<RemoteCopy>> kept;
  for (const h2::SocketAddress& address : addresses) {
    const auto known = std::find_if(target.copies.begin(), target.copies.end(),
                                    [&](const auto& copy) { return copy->address() == address; });
    if (known != target.copies.end()) {
      kept.push_back(*known);
      continue;
    }
    kept.push_back(std::make_shared<RemoteCopy>(loop_, address, target.address.Authority(),
                                                ConnectTls(target.address),
                                                static_cast<RemoteCopy::Owner&>(*this)));
    kept.back()->Connect();
  }
  for (const auto& copy : target.copies) {
    if (std::find(kept.begin(), kept.end(), copy) != kept.end()) continue;
    if (copy->ready()) {
      kept.push_back(copy);
    } else {
      copy->End();
    }
  }
  target.copies = std::move(kept);
  copies_.clear();
  for (const Target& each : targets_) {
    copies_.insert(copies_.end(), each.copies.begin(), each.copies.end());
  }
}

RemoteCopy::ConnectTls RemoteClient::ConnectTls(const h2::Address& address) const {
  if (shared_.options.tls == nullptr || !address.path.empty()) return nullptr;
  return [options = &shared_.options] { return options->tls->Connect(options->peer); };
}

void RemoteClient::LookUp(size_t index, h2::Clock::time_point now) {
  Target& target = targets_[index];
  target.looking_up = true;
  target.look_up = now + kLookUp;
  resolver_->async_resolve(
      target.address.host, absl::StrCat(target.address.port),
      [self = shared_from_this(), index](const auto& error, const auto& results) {
        if (self->ended_) return;
        Target& target = self->targets_[index];
        target.looking_up = false;
        // A name server that is away takes nothing from what is known.
        if (error) {
          target.look_up = h2::Clock::now() + kLookUpAgain;
          return;
        }
        std::vector<h2::SocketAddress> addresses;
        for (const auto& result : results) {
          addresses.push_back(h2::ToSocketAddress(result.endpoint()));
        }
        self->Keep(target, addresses);
      });
}

void RemoteClient::SetTimer() {
  fast_ = !calls_.empty();
  timer_->expires_after(fast_ ? kTick : kIdleTick);  // cancels the wait before
  timer_->async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error && !self->ended_) self->Tick();
  });
}

void RemoteClient::Tick() {
  const h2::Clock::time_point now = h2::Clock::now();
  for (size_t i = 0; i < targets_.size(); ++i) {
    const Target& target = targets_[i];
    const bool is_name = !target.address.ToSocketAddress().has_value();
    if (is_name && !target.looking_up && now >= target.look_up) LookUp(i, now);
  }
  const auto copies = copies_;
  for (const auto& copy : copies) copy->Tick(now);
  TickAll(calls_, absl::Now(), false);
  if (now >= streams_due_) {
    streams_due_ = now + kStreamsTick;
    TickAll(streams_, absl::Now(), false);
  }
  if (!ended_) SetTimer();
}

// Of a copy: they come and go meanwhile.
void RemoteClient::TickAll(const Calls& calls, absl::Time now, bool stopping) {
  const std::vector<std::shared_ptr<RemoteCall>> present(calls.begin(), calls.end());
  for (const auto& call : present) call->Tick(now, stopping);
}

}  // namespace mostove::rpc
