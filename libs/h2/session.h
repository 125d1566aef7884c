// An HTTP/2 connection without its socket: bytes in, events and bytes out. The
// protocol itself is libnghttp2's. For one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

struct nghttp2_session;

namespace mostove::h2 {

using StreamId = int32_t;

// Why a stream was closed: codes of RFC 9113, 7, and one of ours.
inline constexpr uint32_t kNoError = 0x0;
inline constexpr uint32_t kInternalError = 0x2;
inline constexpr uint32_t kRefusedStream = 0x7;  // the peer did nothing with it
inline constexpr uint32_t kCancel = 0x8;
inline constexpr uint32_t kEnhanceYourCalm = 0xb;
inline constexpr uint32_t kConnectionLost = 0xffffffff;  // what the peer did is unknown

// A header field; the name is in lower case. One that differs each time is not
// worth a place in the peer's table.
struct Field {
  absl::string_view name;
  absl::string_view value;
  bool indexed = true;
};
using Trailers = std::vector<std::pair<std::string, std::string>>;

// What happens on one stream. May call the session in turn.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void OnField(absl::string_view name, absl::string_view value) = 0;
  // The head, or the trailers, are complete. `too_large`: fields beyond the limit
  // were left out.
  virtual void OnFields(bool too_large) = 0;
  // Session::Consume tells that the peer may send as much again.
  virtual void OnData(absl::string_view bytes) = 0;
  virtual void OnEnd() = 0;  // the peer sends nothing more
  virtual void OnSent() {}   // all that was written is on its way
  // The last event, once.
  virtual void OnClose(uint32_t error) = 0;
};

struct Limits {
  uint32_t streams_max = 100;            // open at once, by the peer
  uint32_t header_bytes_max = 16 << 10;  // of one head; eight times that ends the connection
  uint32_t window_bytes = 256 << 10;     // of a stream, received and not consumed
  // Frames that cost a server and bring nothing (pings, settings, priorities, empty
  // data): so many in a second, and ten more for each stream.
  int idle_frames_max = 1000;
};

class Session {
 public:
  // The listener of a stream that the peer opens.
  using Accept = std::function<std::shared_ptr<Listener>(StreamId)>;

  // A client's if `accept` is null.
  Session(const Limits& limits, Accept accept);
  ~Session();  // tells no listener
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // False when the peer broke the rules: what is to be said about it can still
  // be produced, then the connection ends.
  bool Receive(absl::string_view bytes);
  // Appends what is to be sent, until `out` has about `bytes_max`. False when it
  // cannot go on.
  bool Produce(std::string& out, size_t bytes_max);
  // Neither side has anything to say any more.
  bool finished() const;
  // Tells all listeners that their streams have ended with the connection.
  void CloseAll();

  // ---- client

  // A request with its whole body.
  StreamId Open(absl::Span<const Field> head, std::string body, std::shared_ptr<Listener> listener);
  // The peer's settings have come; it takes no further streams.
  bool ready() const { return ready_; }
  bool going_away() const { return going_away_; }

  // ---- server

  // The whole answer: trailers may be empty.
  void Answer(StreamId id, absl::Span<const Field> head, std::string body, Trailers trailers);
  // An answer that has a head only.
  void AnswerHead(StreamId id, absl::Span<const Field> head);
  // An answer in pieces: begin, write any number, end.
  void BeginAnswer(StreamId id, absl::Span<const Field> head);
  void Write(StreamId id, std::string bytes);
  void EndAnswer(StreamId id, Trailers trailers);

  // ---- both; without effect on streams that are closed

  void Reset(StreamId id, uint32_t error);
  void Consume(StreamId id, size_t bytes);
  void Ping();  // at most one under way
  bool pinging() const { return pinging_; }
  void Refill();  // every second: see Limits::idle_frames_max
  // Takes no streams beyond those that have come.
  void GoAway(uint32_t error);
  size_t streams() const { return streams_.size(); }

 private:
  struct Stream;
  struct Callbacks;

  Stream* Find(StreamId id) const;
  Stream& Add(StreamId id, std::shared_ptr<Listener> listener);
  void Respond(StreamId id, absl::Span<const Field> head, Stream& stream);
  void Resume(Stream& stream);
  bool TellDrained();
  void OnStreamClose(StreamId id, uint32_t error);
  bool CountIdleFrame();

  const Limits limits_;
  const Accept accept_;
  nghttp2_session* session_ = nullptr;
  absl::flat_hash_map<StreamId, std::unique_ptr<Stream>> streams_;
  Stream* head_of_ = nullptr;  // whose fields are coming
  std::vector<StreamId> drained_;
  int idle_frames_left_;
  bool ready_ = false;
  bool going_away_ = false;  // the peer
  bool leaving_ = false;     // we
  bool pinging_ = false;
};

}  // namespace mostove::h2
