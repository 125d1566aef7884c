// Answers that come piece by piece: body_stream.h.
#include <boost/asio/socket_base.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/http/body_stream.h"
#include "libs/http/connection.h"

namespace mostove::http {
namespace {

// What the kernel holds for a peer that does not read.
constexpr int kSendBufferBytes = 64 * 1024;

}  // namespace

struct Connection::Streaming {
  bool chunked;
  std::function<void()> ended;
  std::function<void(bool)> sent;  // of the piece under way; empty for none
};

BodyStream::BodyStream(std::shared_ptr<Connection> connection, uint64_t number)
    : connection_(std::move(connection)), number_(number) {}

BodyStream::~BodyStream() { End(); }

void BodyStream::Send(std::string bytes, std::function<void(bool)> sent) {
  connection_->SendPiece(number_, std::move(bytes), std::move(sent));
}

void BodyStream::End() { connection_->EndStream(number_); }

void Connection::BeginStream(uint64_t number, Response head, std::function<void()> ended) {
  // At once on the loop's thread: what is posted there is overtaken by the piece that another
  // thread posts.
  if (loop_->OnThisThread()) return BeginStreamHere(number, head, std::move(ended));
  loop_->Post([self = shared_from_this(), number, head = std::move(head),
               ended = std::move(ended)]() mutable {
    self->BeginStreamHere(number, head, std::move(ended));
  });
}

void Connection::BeginStreamHere(uint64_t number, const Response& head,
                                 std::function<void()> ended) {
  if (closed_ || !running_ || number != number_) return loop_->Post(std::move(ended));
  const bool chunked = parser_.http_1_1();
  ComposeStreamHead(head, chunked, loop_->Date(), out_);
  boost::system::error_code ignored;
  socket_.set_option(boost::asio::socket_base::send_buffer_size(kSendBufferBytes), ignored);
  streaming_ = std::make_shared<Streaming>(Streaming{chunked, std::move(ended), nullptr});
  if (draining_ || input_ended_) return EndStream(number);
  if (!dispatching_) AdvanceKept();
}

void Connection::SendPiece(uint64_t number, std::string bytes, std::function<void(bool)> sent) {
  loop_->Post(
      [self = shared_from_this(), number, bytes = std::move(bytes), sent = std::move(sent)] {
        if (self->closed_ || self->streaming_ == nullptr || number != self->number_)
          return sent(false);
        if (self->streaming_->chunked) {
          absl::StrAppend(&self->out_, absl::Hex(bytes.size()), "\r\n", bytes, "\r\n");
        } else {
          self->out_ += bytes;
        }
        self->streaming_->sent = sent;
        self->AdvanceKept();
      });
}

void Connection::EndStream(uint64_t number) {
  loop_->Post([self = shared_from_this(), number] {
    if (self->closed_ || self->streaming_ == nullptr || number != self->number_) return;
    self->FinishStream();
  });
}

// All of out_ is with the kernel.
void Connection::TellSent() {
  if (streaming_ == nullptr || streaming_->sent == nullptr) return;
  // Not from here: the producer may send the next piece at once.
  loop_->Post([sent = std::exchange(streaming_->sent, nullptr)] { sent(true); });
}

void Connection::FinishStream() {
  const bool chunked = streaming_->chunked;
  LoseStream();
  if (chunked) out_ += "0\r\n\r\n";
  running_ = false;
  finished_ = draining_ || !chunked || !parser_.keep_alive();
  parser_.Next();
  AdvanceKept();
}

void Connection::LoseStream() {
  if (streaming_ == nullptr) return;
  const auto streaming = std::exchange(streaming_, nullptr);
  if (streaming->sent) streaming->sent(false);
  streaming->ended();
}

}  // namespace mostove::http
