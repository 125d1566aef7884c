// Tells other processes that a service's log has grown, and is told.
//
// A hint and no more: whoever is woken asks the log itself, and asks it from time
// to time even if nobody wakes it. What travels is the name of the service.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "libs/redis/client.h"

namespace mostove::redis {

struct WakeupOptions {
  Client* client = nullptr;  // outlives the wake-ups
  Address address;           // the same Redis, for a connection that waits
  // One stream for all services of an installation.
  std::string stream = "mostove:changes";
  // After a wake-up the next one of the same service waits so long: many commits, one message.
  absl::Duration pace = absl::Milliseconds(5);
  // After a lost connection; grows to eight times as much.
  absl::Duration retry = absl::Milliseconds(250);
  telemetry::Metrics* metrics = nullptr;  // may be null
};

class Wakeups {
 public:
  // `woken` gets the name of a service that another process says has written;
  // on a thread of the wake-ups. "" stands for every service: some may have been
  // missed.
  using Woken = std::function<void(const std::string& service)>;

  Wakeups(WakeupOptions options, Woken woken);
  ~Wakeups();  // Stop
  void Start();
  void Stop();

  // This process has written. From any thread; does not block.
  void Tell(const std::string& service);

 private:
  void TellLoop();
  void ListenLoop();
  // Until the connection is lost or it is time to end.
  absl::Status Listen();
  bool Pause(absl::Duration time);

  const WakeupOptions options_;
  const Woken woken_;
  const std::string self_;  // names this process in the stream
  const int interrupt_;     // an eventfd, readable at the end

  std::mutex mutex_;
  std::condition_variable changed_;
  bool end_ = false;
  std::set<std::string> to_tell_;
  telemetry::Counter& told_;
  telemetry::Counter& heard_;
  std::thread teller_, listener_;
};

}  // namespace mostove::redis
