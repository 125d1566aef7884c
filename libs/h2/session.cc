#include "libs/h2/session.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cstring>

#include "absl/container/inlined_vector.h"

namespace mostove::h2 {
namespace {

constexpr int32_t kConnectionWindow = 16 << 20;
constexpr uint32_t kHeaderHardFactor = 8;
// Callers that give up all at once are no attack; a stream that was reset costs
// little more than any other.
constexpr uint64_t kResetBurst = 20'000, kResetsPerSecond = 2'000;
constexpr int kFramesPerStream = 10;  // a stream brings an allowance with it

using NameValues = absl::InlinedVector<nghttp2_nv, 16>;

uint8_t* Bytes(absl::string_view text) {
  return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));  // nghttp2 only reads it
}

NameValues ToNameValues(absl::Span<const Field> fields) {
  NameValues all;
  for (const Field& field : fields) {
    const uint8_t flags = field.indexed ? NGHTTP2_NV_FLAG_NONE : NGHTTP2_NV_FLAG_NO_INDEX;
    all.push_back(
        {Bytes(field.name), Bytes(field.value), field.name.size(), field.value.size(), flags});
  }
  return all;
}

absl::string_view View(const uint8_t* bytes, size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

struct Session::Stream {
  Session* session;
  StreamId id;
  std::shared_ptr<Listener> listener;
  size_t header_bytes = 0;
  bool too_large = false;
  bool head_sent = false;
  bool peer_ended = false;
  // What is to be sent.
  std::string out;
  size_t sent = 0;
  Trailers trailers;
  bool ended = false;     // nothing is written any more
  bool deferred = false;  // nghttp2 waits for Resume
};

// What nghttp2 calls; a negative answer ends the connection.
struct Session::Callbacks {
  static Session& Of(void* user) { return *static_cast<Session*>(user); }

  // nghttp2 reads over priorities, and says so nowhere else.
  static int OnBeginFrame(nghttp2_session* /*session*/, const nghttp2_frame_hd* head, void* user) {
    if (head->type != NGHTTP2_PRIORITY) return 0;
    return Of(user).CountIdleFrame() ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
  }

  static int OnBeginHeaders(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* user) {
    Session& self = Of(user);
    const StreamId id = frame->hd.stream_id;
    Stream* stream = self.Find(id);
    const bool is_new = stream == nullptr && self.accept_ && !self.leaving_;
    if (is_new && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
      self.idle_frames_left_ =
          std::min(self.idle_frames_left_ + kFramesPerStream, self.limits_.idle_frames_max);
      stream = &self.Add(id, self.accept_(id));
    }
    self.head_of_ = stream;
    if (stream != nullptr) stream->header_bytes = 0;
    return 0;
  }

  static int OnHeader(nghttp2_session* /*session*/, const nghttp2_frame* /*frame*/,
                      const uint8_t* name, size_t name_size, const uint8_t* value,
                      size_t value_size, uint8_t /*flags*/, void* user) {
    Session& self = Of(user);
    Stream* const stream = self.head_of_;
    if (stream == nullptr) return 0;
    stream->header_bytes += name_size + value_size + 32;  // as RFC 9113, 6.5.2 counts
    if (stream->header_bytes > self.limits_.header_bytes_max) {
      stream->too_large = true;
      const bool hostile =
          stream->header_bytes > size_t{self.limits_.header_bytes_max} * kHeaderHardFactor;
      return hostile ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
    }
    stream->listener->OnField(View(name, name_size), View(value, value_size));
    return 0;
  }

  static int OnFrame(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* user) {
    Session& self = Of(user);
    const bool is_last = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    const bool is_ack = (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0;
    switch (frame->hd.type) {
      case NGHTTP2_HEADERS:
        self.head_of_ = nullptr;
        if (Stream* const stream = self.Find(frame->hd.stream_id)) {
          const std::shared_ptr<Listener> listener = stream->listener;
          stream->peer_ended = is_last;
          listener->OnFields(stream->too_large);
          if (is_last) listener->OnEnd();
        }
        return 0;
      case NGHTTP2_DATA:
        if (is_last) {
          if (Stream* const stream = self.Find(frame->hd.stream_id)) {
            const std::shared_ptr<Listener> listener = stream->listener;
            stream->peer_ended = true;
            listener->OnEnd();
          }
          return 0;
        }
        return frame->hd.length > 0 || self.CountIdleFrame() ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
      case NGHTTP2_PING:
        if (is_ack) {
          self.pinging_ = false;
          return 0;
        }
        return self.CountIdleFrame() ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
      case NGHTTP2_SETTINGS:
        self.ready_ = true;
        return is_ack || self.CountIdleFrame() ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
      case NGHTTP2_GOAWAY:
        self.going_away_ = true;
        return 0;
      default:
        return 0;
    }
  }

  static int OnData(nghttp2_session* session, uint8_t /*flags*/, int32_t id, const uint8_t* bytes,
                    size_t size, void* user) {
    // A stream that nobody reads holds up no other one.
    nghttp2_session_consume_connection(session, size);
    Stream* const stream = Of(user).Find(id);
    if (stream == nullptr) return 0;
    const std::shared_ptr<Listener> listener = stream->listener;
    listener->OnData(View(bytes, size));
    return 0;
  }

  static int OnClose(nghttp2_session* /*session*/, int32_t id, uint32_t error, void* user) {
    Of(user).OnStreamClose(id, error);
    return 0;
  }

  static int OnFrameSent(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* user) {
    const bool is_head = frame->hd.type == NGHTTP2_HEADERS;
    if (!is_head && frame->hd.type != NGHTTP2_DATA) return 0;
    Session& self = Of(user);
    Stream* const stream = self.Find(frame->hd.stream_id);
    if (stream == nullptr) return 0;
    if (is_head) stream->head_sent = true;
    // An answer that came before its request has ended: the rest is not wanted.
    const bool is_last = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (self.accept_ && is_last && !stream->peer_ended) self.Reset(stream->id, kNoError);
    return 0;
  }

  // A request that was not sent, and will not be.
  static int OnFrameNotSent(nghttp2_session* /*session*/, const nghttp2_frame* frame, int /*error*/,
                            void* user) {
    const bool is_request =
        frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST;
    if (is_request) Of(user).OnStreamClose(frame->hd.stream_id, kRefusedStream);
    return 0;
  }

  static ssize_t ReadBody(nghttp2_session* session, int32_t id, uint8_t* bytes, size_t size,
                          uint32_t* flags, nghttp2_data_source* source, void* /*user*/) {
    Stream& stream = *static_cast<Stream*>(source->ptr);
    const size_t count = std::min(size, stream.out.size() - stream.sent);
    std::memcpy(bytes, stream.out.data() + stream.sent, count);
    stream.sent += count;
    if (stream.sent < stream.out.size()) return static_cast<ssize_t>(count);
    if (stream.ended) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
      if (stream.trailers.empty()) return static_cast<ssize_t>(count);
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      NameValues trailers;
      for (const auto& [name, value] : stream.trailers) {
        trailers.push_back(
            {Bytes(name), Bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
      }
      if (nghttp2_submit_trailer(session, id, trailers.data(), trailers.size()) != 0) {
        return NGHTTP2_ERR_CALLBACK_FAILURE;
      }
      return static_cast<ssize_t>(count);
    }
    if (count == 0) {
      stream.deferred = true;
      return NGHTTP2_ERR_DEFERRED;
    }
    stream.out = std::string();
    stream.sent = 0;
    stream.session->drained_.push_back(id);
    return static_cast<ssize_t>(count);
  }

  static const nghttp2_session_callbacks* All() {
    static const nghttp2_session_callbacks* const all = [] {
      nghttp2_session_callbacks* made = nullptr;
      nghttp2_session_callbacks_new(&made);
      nghttp2_session_callbacks_set_on_begin_frame_callback(made, OnBeginFrame);
      nghttp2_session_callbacks_set_on_begin_headers_callback(made, OnBeginHeaders);
      nghttp2_session_callbacks_set_on_header_callback(made, OnHeader);
      nghttp2_session_callbacks_set_on_frame_recv_callback(made, OnFrame);
      nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, OnData);
      nghttp2_session_callbacks_set_on_stream_close_callback(made, OnClose);
      nghttp2_session_callbacks_set_on_frame_send_callback(made, OnFrameSent);
      nghttp2_session_callbacks_set_on_frame_not_send_callback(made, OnFrameNotSent);
      return made;
    }();
    return all;
  }
};

Session::Session(const Limits& limits, Accept accept)
    : limits_(limits), accept_(std::move(accept)), idle_frames_left_(limits.idle_frames_max) {
  nghttp2_option* option = nullptr;
  nghttp2_option_new(&option);
  nghttp2_option_set_no_auto_window_update(option, 1);
  nghttp2_option_set_no_closed_streams(option, 1);
  nghttp2_option_set_stream_reset_rate_limit(option, kResetBurst, kResetsPerSecond);
  std::vector<nghttp2_settings_entry> settings = {
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.window_bytes},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.header_bytes_max}};
  if (accept_) {
    nghttp2_session_server_new2(&session_, Callbacks::All(), this, option);
    settings.push_back({NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.streams_max});
    settings.push_back({NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1});
  } else {
    nghttp2_session_client_new2(&session_, Callbacks::All(), this, option);
    settings.push_back({NGHTTP2_SETTINGS_ENABLE_PUSH, 0});
  }
  nghttp2_option_del(option);
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
}

Session::~Session() { nghttp2_session_del(session_); }

bool Session::Receive(absl::string_view bytes) {
  const ssize_t used = nghttp2_session_mem_recv(session_, Bytes(bytes), bytes.size());
  if (used == static_cast<ssize_t>(bytes.size())) return true;
  nghttp2_session_terminate_session(session_, used == NGHTTP2_ERR_CALLBACK_FAILURE
                                                  ? NGHTTP2_ENHANCE_YOUR_CALM
                                                  : NGHTTP2_PROTOCOL_ERROR);
  return false;
}

bool Session::Produce(std::string& out, size_t bytes_max) {
  while (out.size() < bytes_max) {
    const uint8_t* bytes = nullptr;
    const ssize_t count = nghttp2_session_mem_send(session_, &bytes);
    if (count < 0) return false;
    if (count > 0) {
      out.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(count));
    } else if (!TellDrained()) {
      return true;
    }
  }
  return true;
}

// False when there was nothing to tell.
bool Session::TellDrained() {
  if (drained_.empty()) return false;
  for (const StreamId id : std::exchange(drained_, {})) {
    Stream* const stream = Find(id);
    if (stream == nullptr) continue;
    const std::shared_ptr<Listener> listener = stream->listener;
    listener->OnSent();
  }
  return true;
}

bool Session::finished() const {
  return nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0;
}

void Session::CloseAll() {
  while (!streams_.empty()) {
    const auto& [id, stream] = *streams_.begin();
    OnStreamClose(id, accept_ || stream->head_sent ? kConnectionLost : kRefusedStream);
  }
}

StreamId Session::Open(absl::Span<const Field> head, std::string body,
                       std::shared_ptr<Listener> listener) {
  auto stream = std::make_unique<Stream>();
  stream->session = this;
  stream->listener = std::move(listener);
  stream->out = std::move(body);
  stream->ended = true;
  nghttp2_data_provider provider = {{.ptr = stream.get()}, Callbacks::ReadBody};
  const NameValues fields = ToNameValues(head);
  const StreamId id =
      nghttp2_submit_request(session_, nullptr, fields.data(), fields.size(), &provider, nullptr);
  if (id < 0) {  // no identifier is left
    going_away_ = true;
    stream->listener->OnClose(kRefusedStream);
    return 0;
  }
  stream->id = id;
  streams_.emplace(id, std::move(stream));
  return id;
}

void Session::Answer(StreamId id, absl::Span<const Field> head, std::string body,
                     Trailers trailers) {
  Stream* const stream = Find(id);
  if (stream == nullptr) return;
  stream->out = std::move(body);
  stream->trailers = std::move(trailers);
  stream->ended = true;
  Respond(id, head, *stream);
}

void Session::AnswerHead(StreamId id, absl::Span<const Field> head) {
  if (Find(id) == nullptr) return;
  const NameValues fields = ToNameValues(head);
  nghttp2_submit_response(session_, id, fields.data(), fields.size(), nullptr);
}

void Session::BeginAnswer(StreamId id, absl::Span<const Field> head) {
  if (Stream* const stream = Find(id)) Respond(id, head, *stream);
}

void Session::Respond(StreamId id, absl::Span<const Field> head, Stream& stream) {
  nghttp2_data_provider provider = {{.ptr = &stream}, Callbacks::ReadBody};
  const NameValues fields = ToNameValues(head);
  nghttp2_submit_response(session_, id, fields.data(), fields.size(), &provider);
}

void Session::Write(StreamId id, std::string bytes) {
  Stream* const stream = Find(id);
  if (stream == nullptr) return;
  if (stream->out.empty()) {
    stream->out = std::move(bytes);
  } else {
    stream->out += bytes;
  }
  Resume(*stream);
}

void Session::EndAnswer(StreamId id, Trailers trailers) {
  Stream* const stream = Find(id);
  if (stream == nullptr) return;
  stream->trailers = std::move(trailers);
  stream->ended = true;
  Resume(*stream);
}

void Session::Resume(Stream& stream) {
  if (std::exchange(stream.deferred, false)) nghttp2_session_resume_data(session_, stream.id);
}

void Session::Reset(StreamId id, uint32_t error) {
  if (Find(id) != nullptr) nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, error);
}

void Session::Consume(StreamId id, size_t bytes) {
  if (Find(id) != nullptr) nghttp2_session_consume_stream(session_, id, bytes);
}

void Session::Ping() {
  if (!std::exchange(pinging_, true)) nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
}

void Session::Refill() { idle_frames_left_ = limits_.idle_frames_max; }

// Streams that come before the frame is sent are among those it refuses.
void Session::GoAway(uint32_t error) {
  leaving_ = true;
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session_), error, nullptr, 0);
}

Session::Stream* Session::Find(StreamId id) const {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : found->second.get();
}

Session::Stream& Session::Add(StreamId id, std::shared_ptr<Listener> listener) {
  auto stream = std::make_unique<Stream>();
  stream->session = this;
  stream->id = id;
  stream->listener = std::move(listener);
  return *streams_.emplace(id, std::move(stream)).first->second;
}

void Session::OnStreamClose(StreamId id, uint32_t error) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  const std::unique_ptr<Stream> stream = std::move(found->second);
  streams_.erase(found);
  if (head_of_ == stream.get()) head_of_ = nullptr;
  stream->listener->OnClose(error);
}

bool Session::CountIdleFrame() { return !accept_ || --idle_frames_left_ >= 0; }

}  // namespace mostove::h2
