// An HTTP/2 connection on its socket, on a loop's thread.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/h2/session.h"
#include "libs/loop/loop.h"
#include "libs/tls/engine.h"

namespace mostove::h2 {

using Clock = std::chrono::steady_clock;
using Socket = boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol,
                                                boost::asio::io_context::executor_type>;

// When a silent peer is asked whether it is there.
struct Keepalive {
  absl::Duration idle = absl::Seconds(20);
  // While streams are open; not more often than `gap`.
  absl::Duration busy = absl::Seconds(20);
  absl::Duration gap = absl::Seconds(10);
  absl::Duration timeout = absl::Seconds(5);  // for its answer
};

// Everything is for the loop's thread. What several callers write in one turn of
// the loop leaves in one system call.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // `on_event` is called after each arrival of bytes, and when the connection has
  // ended: closed() is true then, and its streams have been told. Without `tls`
  // everything is sent as it is.
  Connection(loop::Loop& loop, Socket socket, const Limits& limits, Session::Accept accept,
             const Keepalive& keepalive, std::function<void()> on_event,
             std::unique_ptr<tls::Engine> tls = nullptr);

  void Start();
  // What to say is said to the session; then FlushSoon.
  Session& session() { return session_; }
  void FlushSoon();
  void Close();            // after sending what there is
  void Abort() { End(); }  // now; not from a stream's event
  // Ends when the streams that are open have ended.
  void Drain(uint32_t error = kNoError);
  // Often enough for the shortest time of the keepalive.
  void Tick(Clock::time_point now);
  bool closed() const { return closed_; }
  const tls::Engine* tls() const { return tls_.get(); }  // null without TLS
  // Bytes that wait for the peer to read them.
  size_t unsent_bytes() const { return out_.size() - sent_; }

 private:
  void Read();
  void OnRead(const boost::system::error_code& error, size_t count);
  bool Receive(absl::string_view bytes);
  bool Produce();
  void Flush();
  bool WriteOut();
  void Linger();
  void WaitWritable();
  void End();

  loop::Loop& loop_;
  const bool is_server_;
  Socket socket_;
  Session session_;
  const std::unique_ptr<tls::Engine> tls_;
  const Keepalive keepalive_;
  const std::function<void()> on_event_;
  std::vector<char> in_;
  std::string out_;
  std::string plain_;  // of what TLS takes or gives
  size_t sent_ = 0;    // of out_
  Clock::time_point heard_, pinged_, refilled_;
  bool flush_posted_ = false;
  bool flushing_ = false;
  bool write_pending_ = false;
  bool receiving_ = false;
  bool closing_ = false;    // ends with the next flush
  bool lingering_ = false;  // all is said; waits until the peer has read it
  Clock::time_point lingers_since_;
  bool closed_ = false;
};

}  // namespace mostove::h2
