// One peer: reads requests, gives them to the handler one after another, writes the answers.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "libs/http/loop.h"
#include "libs/http/parser.h"

namespace mostove::http {

// For its loop's thread, but for the two Answers.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // Already counted among the server's addresses.
  Connection(std::shared_ptr<Loop> loop, Socket socket, const boost::asio::ip::address& remote);
  ~Connection();

  void Start();
  // Answers request `number`. From any thread; no effect when the connection has ended.
  void Answer(uint64_t number, Response response);
  void AnswerRefusal(uint64_t number, const Refusal& refusal);
  // Answers it piece by piece: body_stream.h. From any thread.
  void BeginStream(uint64_t number, Response head, std::function<void()> ended);
  void SendPiece(uint64_t number, std::string bytes, std::function<void(bool)> sent);
  void EndStream(uint64_t number);
  // Ends after the present request, or now if there is none; a body that comes piece by piece ends.
  void Drain();
  void Close();

  Clock::time_point deadline() const { return deadline_; }
  void OnDeadline();
  // Reads again after a pause.
  void Resume();

 private:
  enum class Waiting { kNothing, kIdle, kHead, kBody, kWrite, kLinger };

  void WaitReadable();
  void OnReadable();
  void OnEndOfInput();
  // Parses, answers and sends as far as `input` and the peer allow; keeps the rest of `input`.
  void Advance(absl::string_view input);
  void AdvanceKept();
  // Handles whole requests until one runs on, the bytes are used up, or enough is there to be sent.
  // Answers how many bytes it used.
  size_t Handle(absl::string_view input);
  void Dispatch();
  bool TurnedAway();
  void AnswerHere(uint64_t number, const Response& response);
  void Append(const Response& response, bool last);
  void Refuse(const Refusal& refusal);
  // True when all of out_ is sent.
  bool Send();
  bool SendFrom(absl::string_view bytes, size_t& sent);
  void WaitWritable();
  void Linger();
  // Of the present answer, if it comes piece by piece.
  struct Streaming;
  void BeginStreamHere(uint64_t number, const Response& head, std::function<void()> ended);
  void TellSent();
  void FinishStream();  // well
  void LoseStream();    // without an end
  // A new deadline when what we wait for has changed.
  void UpdateDeadline();
  // Says what it holds now to the server's load; false when all together hold too much.
  bool CountBytes();
  // Reads nothing for Limits.busy_pause.
  void Pause();
  Waiting WaitsFor() const;

  const std::shared_ptr<Loop> loop_;
  Socket socket_;
  const boost::asio::ip::address remote_;
  const std::string remote_text_;
  const std::shared_ptr<std::atomic<bool>> cancelled_ = std::make_shared<std::atomic<bool>>(false);
  RequestParser parser_;
  std::string kept_;  // bytes that are not parsed yet
  std::string out_;   // answers that are not sent yet
  size_t sent_ = 0;   // of out_
  // Sent behind out_: the body of its last answer, if that is large and has other owners.
  std::shared_ptr<const std::string> shared_;
  size_t shared_sent_ = 0;
  size_t turn_bytes_ = 0;  // sent since others had their turn
  std::shared_ptr<Streaming> streaming_;

  uint64_t number_ = 0;       // of the present request, from 1
  bool running_ = false;      // the handler has it
  bool paused_ = false;       // see Pause
  size_t counted_bytes_ = 0;  // see CountBytes
  bool dispatching_ = false;  // within the handler's call
  bool starved_ = false;      // the parser needs more bytes
  bool draining_ = false;     // no request after the present one
  bool finished_ = false;     // the last answer is in out_ or sent
  bool lingering_ = false;    // it is sent; waiting for the peer to close
  bool read_pending_ = false;
  bool write_pending_ = false;
  bool input_ended_ = false;
  bool closed_ = false;

  Waiting waiting_ = Waiting::kNothing;
  uint64_t waiting_number_ = 0;
  Clock::time_point deadline_ = Clock::time_point::max();
};

}  // namespace mostove::http
