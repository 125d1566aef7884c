#include "libs/h2/connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "libs/loop/write.h"

namespace mostove::h2 {
namespace {

using boost::asio::socket_base;
using ErrorCode = boost::system::error_code;

constexpr size_t kInBytes = 64 << 10;
constexpr size_t kOutBytes = 256 << 10;  // in one write
constexpr std::chrono::seconds kRefill(1);
constexpr std::chrono::seconds kLinger(2);

}  // namespace

Connection::Connection(loop::Loop& loop, Socket socket, const Limits& limits,
                       Session::Accept accept, const Keepalive& keepalive,
                       std::function<void()> on_event, std::unique_ptr<tls::Engine> tls)
    : loop_(loop),
      is_server_(accept != nullptr),
      socket_(std::move(socket)),
      session_(limits, std::move(accept)),
      tls_(std::move(tls)),
      keepalive_(keepalive),
      on_event_(std::move(on_event)),
      in_(kInBytes) {}

void Connection::Start() {
  ErrorCode ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);  // no effect on Unix sockets
  heard_ = pinged_ = refilled_ = Clock::now();
  FlushSoon();
  Read();
}

void Connection::Read() {
  // Tried at once only if the last one filled the buffer: no system call is lost.
  socket_.async_read_some(boost::asio::buffer(in_),
                          [self = shared_from_this()](const ErrorCode& error, size_t count) {
                            self->OnRead(error, count);
                          });
}

void Connection::OnRead(const ErrorCode& error, size_t count) {
  if (closed_) return;
  if (error) return End();
  if (lingering_) return Read();
  heard_ = Clock::now();
  receiving_ = true;
  const bool goes_on = Receive({in_.data(), count});
  receiving_ = false;
  if (!goes_on) closing_ = true;
  on_event_();
  if (closed_) return;
  Flush();
  if (!closed_) Read();
}

// False when this was the last.
bool Connection::Receive(absl::string_view bytes) {
  if (tls_ == nullptr) return session_.Receive(bytes);
  plain_.clear();
  const bool goes_on = tls_->Receive(bytes, plain_);
  return (plain_.empty() || session_.Receive(plain_)) && goes_on;
}

// Into out_. False when it cannot go on. The session waits for the handshake's end.
bool Connection::Produce() {
  if (tls_ == nullptr) return session_.Produce(out_, kOutBytes);
  plain_.clear();
  const bool goes_on = !tls_->established() || session_.Produce(plain_, kOutBytes);
  tls_->Send(plain_, out_);
  return goes_on;
}

void Connection::FlushSoon() {
  // What is said while bytes are received is sent after them.
  if (closed_ || receiving_ || std::exchange(flush_posted_, true)) return;
  boost::asio::post(loop_.context(), [self = shared_from_this()] {
    self->flush_posted_ = false;
    self->Flush();
  });
}

void Connection::Flush() {
  if (closed_ || lingering_ || write_pending_ || std::exchange(flushing_, true)) return;
  bool goes_on = true;
  do {
    goes_on = Produce();
  } while (WriteOut() && goes_on);
  flushing_ = false;
  if (closed_) return;
  const bool sent = unsent_bytes() == 0;
  if (!goes_on) return End();
  if (sent && (closing_ || session_.finished())) return is_server_ ? Linger() : End();
  if (!sent) return;
  for (std::string* buffer : {&out_, &plain_}) {
    if (buffer->capacity() > 4 * kOutBytes) *buffer = std::string();
  }
}

// True when there may be more to send.
bool Connection::WriteOut() {
  if (out_.empty()) return false;
  const loop::Written written = loop::Write(socket_, out_, sent_);
  if (written == loop::Written::kPart) {
    WaitWritable();
    return false;
  }
  // Flush's caller sees it, outside of the session.
  if (written == loop::Written::kLost) closing_ = true;
  const bool was_full = written == loop::Written::kAll && out_.size() >= kOutBytes;
  out_.clear();
  sent_ = 0;
  return was_full;
}

void Connection::WaitWritable() {
  write_pending_ = true;
  socket_.async_wait(socket_base::wait_write, [self = shared_from_this()](const ErrorCode& error) {
    self->write_pending_ = false;
    if (self->closed_) return;
    if (error) return self->End();
    if (self->WriteOut() || self->unsent_bytes() == 0) self->Flush();
  });
}

// Closing while the peer still sends would reset the connection, and it might
// never read what we said last.
void Connection::Linger() {
  lingering_ = true;
  lingers_since_ = Clock::now();
  ErrorCode error;
  if (tls_ != nullptr) {
    tls_->End(out_);
    socket_.write_some(boost::asio::buffer(out_), error);  // if there is room
    out_.clear();
  }
  socket_.shutdown(socket_base::shutdown_send, error);
  if (error) End();
}

void Connection::Close() {
  closing_ = true;
  FlushSoon();
}

void Connection::Drain(uint32_t error) {
  session_.GoAway(error);
  FlushSoon();
}

void Connection::Tick(Clock::time_point now) {
  if (closed_) return;
  if (lingering_) {
    if (now - lingers_since_ >= kLinger) End();
    return;
  }
  if (now - refilled_ >= kRefill) {
    refilled_ = now;
    session_.Refill();
  }
  const auto since = [now](Clock::time_point time) { return absl::FromChrono(now - time); };
  if (session_.pinging()) {
    if (since(pinged_) >= keepalive_.timeout && since(heard_) >= keepalive_.timeout) End();
    return;
  }
  const absl::Duration patience = session_.streams() > 0 ? keepalive_.busy : keepalive_.idle;
  if (since(heard_) < patience || since(pinged_) < keepalive_.gap) return;
  pinged_ = now;
  session_.Ping();
  FlushSoon();
}

void Connection::End() {
  if (std::exchange(closed_, true)) return;
  const auto self = shared_from_this();
  ErrorCode ignored;
  socket_.close(ignored);
  session_.CloseAll();
  on_event_();
}

}  // namespace mostove::h2
