// One thread and the connections that live on it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <ctime>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "libs/http/load.h"
#include "libs/http/server.h"
#include "libs/loop/loop.h"

namespace mostove::http {

class Connection;
class AddressCounter;

using Clock = std::chrono::steady_clock;
using Socket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

// What the loops of a server have in common.
struct ServerParts {
  ServerOptions options;
  Handler handler;
  std::shared_ptr<AddressCounter> addresses;
  std::shared_ptr<Load> load = std::make_shared<Load>();
};

// Everything but Post, Run and Join is for its own thread.
class Loop : public std::enable_shared_from_this<Loop> {
 public:
  explicit Loop(std::shared_ptr<const ServerParts> parts);
  ~Loop();

  void Run();  // starts the thread
  // Runs `work` on the thread; drops it when the loop has ended.
  void Post(std::function<void()> work) { loop_.Post(std::move(work)); }
  // Ends the thread. Closes what is left.
  void Join();

  bool OnThisThread() const { return loop_.OnThisThread(); }
  boost::asio::io_context& context() { return loop_.context(); }
  const ServerParts& parts() const { return *parts_; }
  // Memory to read into, for the time of one callback.
  std::vector<char>& scratch() { return scratch_; }
  const std::string& Date();  // now, as an HTTP date

  // What TurnAway writes into.
  Response& refusal() { return refusal_; }
  // Calls Resume() of the connection after Limits.busy_pause.
  void Pause(std::shared_ptr<Connection> connection);

  void Add(std::shared_ptr<Connection> connection);
  void Remove(Connection* connection) { connections_.erase(connection); }
  // Idle connections end now, the others after their answer.
  void Drain();
  void CloseAll();
  size_t connections() const { return connections_.size(); }

 private:
  struct Paused {
    Clock::time_point end;
    std::shared_ptr<Connection> connection;
  };

  void Tick();
  void WaitForPaused();
  void ResumePaused();

  const std::shared_ptr<const ServerParts> parts_;
  loop::Loop loop_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer paused_timer_;
  const Clock::duration tick_;
  std::vector<char> scratch_;
  absl::flat_hash_map<Connection*, std::shared_ptr<Connection>> connections_;
  std::deque<Paused> paused_;  // by their ends
  bool waits_for_paused_ = false;
  Response refusal_;
  std::string date_;
  std::time_t date_time_ = 0;
  bool draining_ = false;
  bool ended_ = false;
};

}  // namespace mostove::http
