#include "libs/http/connection.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <utility>

#include "libs/http/address_counter.h"
#include "libs/loop/write.h"

namespace mostove::http {
namespace {

using boost::asio::socket_base;
using ErrorCode = boost::system::error_code;

constexpr Refusal kHeadTime{408, "HEADERS_TIMEOUT", "the request's head did not arrive in time"};
constexpr Refusal kBodyTime{408, "BODY_TIMEOUT", "the request's body did not arrive in time"};
constexpr Refusal kBusy{503, "QUEUE_FULL", "the system is busy; try again"};
constexpr absl::string_view kContinueLine = "HTTP/1.1 100 Continue\r\n\r\n";

// Answers to pipelined requests are collected up to this before they are sent.
constexpr size_t kOutBytesEnough = 64 * 1024;
constexpr size_t kOutBytesKept = 256 * 1024;
// Sent in one turn; then the others have theirs.
constexpr size_t kTurnBytesMax = 1024 * 1024;
// What the kernel takes beyond what is on its way: without a bound it holds megabytes for each peer
// that does not read.
constexpr int kUnsentBytesMax = 128 * 1024;
// What is read ahead while a request runs.
constexpr size_t kKeptBytesMax = 64 * 1024;
constexpr absl::Duration kLingerTime = absl::Seconds(2);

}  // namespace

Connection::Connection(std::shared_ptr<Loop> loop, Socket socket,
                       const boost::asio::ip::address& remote)
    : loop_(std::move(loop)),
      socket_(std::move(socket)),
      remote_(remote),
      remote_text_(remote.to_string()),
      parser_(loop_->parts().options.limits) {
  parser_.request().cancelled = cancelled_;
  parser_.request().remote_address = remote_text_;
}

Connection::~Connection() {
  loop_->parts().load->bytes -= counted_bytes_;
  if (!closed_) loop_->parts().addresses->Remove(remote_);
}

void Connection::Start() {
  ErrorCode ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsentBytesMax,
             sizeof kUnsentBytesMax);
  UpdateDeadline();
  WaitReadable();
}

void Connection::Close() {
  if (closed_) return;
  const auto self = shared_from_this();
  closed_ = true;
  loop_->parts().load->bytes -= std::exchange(counted_bytes_, 0);
  deadline_ = Clock::time_point::max();
  cancelled_->store(true, std::memory_order_relaxed);
  ErrorCode ignored;
  socket_.close(ignored);
  loop_->Remove(this);
  loop_->parts().addresses->Remove(remote_);
  LoseStream();
}

void Connection::Drain() {
  draining_ = true;
  if (streaming_ != nullptr) return FinishStream();
  const bool idle =
      !running_ && out_.empty() && kept_.empty() && parser_.phase() == RequestParser::Phase::kIdle;
  if (idle && !lingering_) Close();
}

// --- reading

void Connection::WaitReadable() {
  if (read_pending_ || closed_ || input_ended_ || paused_ || kept_.size() >= kKeptBytesMax) return;
  read_pending_ = true;
  socket_.async_wait(socket_base::wait_read, [self = shared_from_this()](const ErrorCode& error) {
    self->read_pending_ = false;
    if (!error && !self->closed_) self->OnReadable();
  });
}

void Connection::OnReadable() {
  std::vector<char>& scratch = loop_->scratch();
  ErrorCode error;
  const size_t count = socket_.read_some(boost::asio::buffer(scratch), error);
  if (loop::WouldBlock(error)) return WaitReadable();
  if (error == boost::asio::error::eof) return OnEndOfInput();
  if (error) return Close();
  if (lingering_) return WaitReadable();
  const absl::string_view bytes(scratch.data(), count);
  const bool waits = running_ || write_pending_ || paused_;
  if (kept_.empty() && !waits) return Advance(bytes);
  kept_.append(bytes.data(), bytes.size());
  if (waits) {
    CountBytes();
    return WaitReadable();
  }
  AdvanceKept();
}

void Connection::OnEndOfInput() {
  input_ended_ = true;
  // Nobody reads on a half-closed connection for hours.
  if (streaming_ != nullptr || (!running_ && !write_pending_)) return Close();
  socket_.async_wait(socket_base::wait_error, [self = shared_from_this()](const ErrorCode& error) {
    if (!error) self->Close();  // reset
  });
}

void Connection::AdvanceKept() {
  const std::string input = std::exchange(kept_, {});
  Advance(input);
}

void Connection::Advance(absl::string_view input) {
  turn_bytes_ = 0;
  for (;;) {
    input.remove_prefix(Handle(input));
    if (!Send() || lingering_ || running_ || starved_ || paused_) break;
  }
  if (closed_) return;
  if (!lingering_) kept_.assign(input.data(), input.size());
  CountBytes();
  if (input_ended_ && !running_ && !write_pending_) return Close();
  UpdateDeadline();
  WaitReadable();
}

// --- requests and answers

size_t Connection::Handle(absl::string_view input) {
  size_t used_in_all = 0;
  starved_ = false;
  while (!running_ && !finished_ && !starved_ && !paused_ && shared_ == nullptr &&
         out_.size() < kOutBytesEnough) {
    size_t used = 0;
    const RequestParser::Progress progress = parser_.Feed(input.substr(used_in_all), used);
    used_in_all += used;
    switch (progress) {
      case RequestParser::Progress::kNeedMore:
        starved_ = true;
        if (parser_.phase() == RequestParser::Phase::kBody && !CountBytes()) Refuse(kBusy);
        break;
      case RequestParser::Progress::kContinue:
        out_.append(kContinueLine.data(), kContinueLine.size());
        break;
      case RequestParser::Progress::kComplete:
        Dispatch();
        break;
      case RequestParser::Progress::kRefused:
        Refuse(parser_.refusal());
        break;
    }
  }
  return used_in_all;
}

void Connection::Dispatch() {
  if (TurnedAway()) return;
  running_ = true;
  dispatching_ = true;
  try {
    loop_->parts().handler(parser_.request(), Responder(shared_from_this(), ++number_));
  } catch (const std::exception&) {
    // The responder went with the handler's frame and has answered 500.
  }
  dispatching_ = false;
}

bool Connection::TurnedAway() {
  const ServerOptions& options = loop_->parts().options;
  if (!options.turn_away) return false;
  Response& response = loop_->refusal();
  if (!options.turn_away(parser_.request(), response)) return false;
  ++number_;
  Append(response, draining_ || !parser_.keep_alive());
  parser_.Next();
  if (response.busy) Pause();
  return true;
}

void Connection::Answer(uint64_t number, Response response) {
  if (loop_->OnThisThread()) return AnswerHere(number, response);
  loop_->Post([self = shared_from_this(), number, response = std::move(response)] {
    self->AnswerHere(number, response);
  });
}

void Connection::AnswerRefusal(uint64_t number, const Refusal& refusal) {
  Answer(number, loop_->parts().options.error_handler(refusal));
}

void Connection::AnswerHere(uint64_t number, const Response& response) {
  if (closed_ || !running_ || number != number_) return;
  running_ = false;
  Append(response, draining_ || !parser_.keep_alive());
  parser_.Next();
  if (response.busy) Pause();
  if (!dispatching_) AdvanceKept();
}

void Connection::Append(const Response& response, bool last) {
  finished_ = last;
  const bool head = parser_.request().method == Method::kHead && !parser_.refused();
  const Framing framing{.head = head, .close = last};
  const auto& shared = response.shared_body;
  if (shared == nullptr || shared->size() < kOutBytesEnough) {
    return Compose(response, framing, loop_->Date(), out_);
  }
  if (ComposeHead(response, framing, loop_->Date(), out_)) shared_ = shared;
}

void Connection::Refuse(const Refusal& refusal) {
  Refusal with_headers = refusal;
  with_headers.headers = &parser_.request().headers;
  Append(loop_->parts().options.error_handler(with_headers), true);
}

bool Connection::CountBytes() {
  const ServerParts& parts = loop_->parts();
  // A shared body counts for its last owner.
  const size_t shared = shared_ != nullptr && shared_.use_count() == 1 ? shared_->size() : 0;
  const size_t bytes = kept_.size() + parser_.body_bytes() + out_.size() + shared;
  if (bytes != counted_bytes_) {
    parts.load->bytes += bytes - counted_bytes_;
    counted_bytes_ = bytes;
  }
  return bytes == 0 || parts.load->bytes <= parts.options.limits.buffered_bytes_max;
}

void Connection::Pause() {
  if (paused_ || loop_->parts().options.limits.busy_pause <= absl::ZeroDuration()) return;
  paused_ = true;
  loop_->Pause(shared_from_this());
}

void Connection::Resume() {
  paused_ = false;
  if (closed_ || running_ || write_pending_) return;
  if (!kept_.empty()) return AdvanceKept();
  // Who does not wait as told has sent more by now: looking is cheaper than being woken.
  if (!read_pending_ && !input_ended_) OnReadable();
}

// --- writing

bool Connection::Send() {
  if (write_pending_) return false;
  if (!SendFrom(out_, sent_) || (shared_ != nullptr && !SendFrom(*shared_, shared_sent_))) {
    return false;
  }
  shared_ = nullptr;
  shared_sent_ = 0;
  if (out_.capacity() > kOutBytesKept) out_ = std::string();
  out_.clear();
  sent_ = 0;
  TellSent();
  if (finished_) Linger();
  return true;
}

// False: the rest waits, or the connection has ended.
bool Connection::SendFrom(absl::string_view bytes, size_t& sent) {
  const size_t before = sent;
  const absl::string_view part = bytes.substr(0, sent + kTurnBytesMax - turn_bytes_);
  const loop::Written written = loop::Write(socket_, part, sent);
  turn_bytes_ += sent - before;
  if (written == loop::Written::kLost) {
    Close();
    return false;
  }
  if (written == loop::Written::kPart || part.size() < bytes.size()) {
    WaitWritable();
    return false;
  }
  return true;
}

void Connection::WaitWritable() {
  write_pending_ = true;
  socket_.async_wait(socket_base::wait_write, [self = shared_from_this()](const ErrorCode& error) {
    self->write_pending_ = false;
    if (!error && !self->closed_) self->AdvanceKept();
  });
}

// Closing while the peer still sends would reset the connection, and it might never read our answer
// (RFC 9112, 9.6).
void Connection::Linger() {
  lingering_ = true;
  kept_.clear();
  ErrorCode ignored;
  socket_.shutdown(socket_base::shutdown_send, ignored);
}

// --- time

Connection::Waiting Connection::WaitsFor() const {
  if (lingering_) return Waiting::kLinger;
  if (write_pending_) return Waiting::kWrite;
  if (running_) return Waiting::kNothing;
  switch (parser_.phase()) {
    case RequestParser::Phase::kIdle:
      return Waiting::kIdle;
    case RequestParser::Phase::kHead:
      return Waiting::kHead;
    case RequestParser::Phase::kBody:
      return Waiting::kBody;
    case RequestParser::Phase::kDone:
      return Waiting::kNothing;
  }
  return Waiting::kNothing;
}

void Connection::UpdateDeadline() {
  const Waiting waits_for = WaitsFor();
  if (waits_for == waiting_ && number_ == waiting_number_) return;
  waiting_ = waits_for;
  waiting_number_ = number_;
  const Limits& limits = loop_->parts().options.limits;
  const auto in = [](absl::Duration time) {
    return Clock::now() + absl::ToChronoNanoseconds(time);
  };
  switch (waits_for) {
    case Waiting::kNothing:
      deadline_ = Clock::time_point::max();
      break;
    case Waiting::kIdle:
      deadline_ = in(limits.idle_time);
      break;
    case Waiting::kHead:
      deadline_ = in(limits.header_time);
      break;
    case Waiting::kBody:
      deadline_ = in(limits.body_time);
      break;
    case Waiting::kWrite:
      deadline_ = in(limits.write_time);
      break;
    case Waiting::kLinger:
      deadline_ = in(kLingerTime);
      break;
  }
}

void Connection::OnDeadline() {
  if (closed_ || deadline_ > Clock::now()) return;
  if (waiting_ != Waiting::kHead && waiting_ != Waiting::kBody) return Close();
  Refuse(waiting_ == Waiting::kHead ? kHeadTime : kBodyTime);
  Advance({});
}

}  // namespace mostove::http
