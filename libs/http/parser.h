// Turns bytes into requests, without sockets: one parser per connection.
#pragma once

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "libs/http/chunks.h"
#include "libs/http/head.h"
#include "libs/http/limits.h"
#include "libs/http/request.h"
#include "libs/http/response.h"

namespace mostove::http {

class RequestParser {
 public:
  enum class Progress {
    kNeedMore,  // feed what follows
    kContinue,  // the peer waits for "100 Continue" before it sends the body; then feed what
                // follows
    kComplete,  // request() is there; Next() before the bytes of the one after it
    kRefused,   // refusal() says why; the connection has to end
  };
  // What is being waited for.
  enum class Phase { kIdle, kHead, kBody, kDone };

  // `limits` outlives it.
  explicit RequestParser(const Limits& limits);
  ~RequestParser();

  // Takes bytes from the front of `input` and says how many in `used`. What was not taken has to be
  // given again, with more behind it; it is never more than Limits.header_bytes_max. Catches
  // everything.
  Progress Feed(absl::string_view input, size_t& used);
  void Next();

  Phase phase() const { return phase_; }
  // The views in it live until Next().
  Request& request() { return request_; }
  const Refusal& refusal() const { return refusal_; }
  bool refused() const { return refused_; }
  size_t body_bytes() const { return body_.size(); }
  // False when the peer asked for the connection to end with this request.
  bool keep_alive() const;
  // False for HTTP/1.0, which has no chunks.
  bool http_1_1() const;

 private:
  class Engine;  // Beast's parser for the head

  Progress FeedHead(absl::string_view input, size_t& used);
  Progress FeedBody(absl::string_view input, size_t& used);
  Progress ReadHead();
  Progress Complete();
  Progress Refuse(const Refusal& refusal);

  const Limits& limits_;
  Phase phase_ = Phase::kIdle;
  HeadScanner scanner_;
  bool skipped_empty_line_ = false;
  std::string head_;
  std::string body_;
  Request request_;
  Refusal refusal_;
  bool refused_ = false;
  std::unique_ptr<Engine> engine_;
  ChunkDecoder chunks_;
  uint64_t body_left_ = 0;  // with a Content-Length
};

}  // namespace mostove::http
