#include "libs/http/parser.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <optional>

#include "absl/strings/match.h"

namespace mostove::http {
namespace {

namespace beast = boost::beast;
using beast::http::error;
using ErrorCode = beast::error_code;

constexpr Refusal kBadHeader{400, "BAD_HEADER",
                             "a header field is \"Name: value\" without a space before the colon"};
constexpr Refusal kTooManyFields{431, "HEADERS_TOO_LARGE",
                                 "there are more header fields than this server reads"};
constexpr Refusal kBodyTooLarge{413, "BODY_TOO_LARGE", "the body is larger than this server reads"};
constexpr Refusal kBadChunk{400, "BAD_CHUNK", "the chunked body is malformed"};
constexpr Refusal kChunkTooLong{400, "BAD_CHUNK",
                                "chunk extensions or trailer fields are too long"};
constexpr Refusal kUnexpected{500, "INTERNAL", "the request could not be read"};

// A body buffer that grew beyond this is given back after the request.
constexpr size_t kBodyBytesKept = 64 * 1024;

// Beast stops at the first field that it does not like; `headers` are those before.
Refusal RefusalOf(const ErrorCode& code, const Headers& headers) {
  if (code == error::header_limit) return kTooManyFields;
  if (code == error::multiple_content_length) return kBadLength;
  if (code == error::bad_content_length) {
    return headers.Find("Transfer-Encoding") != nullptr ? kBothLengths : kBadLength;
  }
  if (code == error::bad_transfer_encoding) {
    return headers.Find("Content-Length") != nullptr ? kBothLengths : kCodingTwice;
  }
  return kBadHeader;
}

absl::string_view View(beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

class RequestParser::Engine {
 public:
  // Reads a whole head and adds its fields, which are views of it.
  ErrorCode Read(absl::string_view head, Headers& headers, size_t fields_max) {
    parser_.emplace(headers, fields_max);
    parser_->header_limit(UINT32_MAX);  // bounded by HeadScanner
    parser_->body_limit(boost::none);   // bounded by FeedBody
    ErrorCode code;
    parser_->put(boost::asio::buffer(head.data(), head.size()), code);
    if (code) return code;
    return parser_->is_header_done() ? code : error::partial_message;
  }

  bool chunked() const { return parser_->chunked(); }
  bool keep_alive() const { return parser_->keep_alive(); }
  uint64_t content_length() const { return parser_->content_length().value_or(0); }
  bool http_1_1() const { return parser_->version() == 11; }

 private:
  class Parser final : public beast::http::basic_parser<true> {
   public:
    Parser(Headers& headers, size_t fields_max) : headers_(headers), fields_max_(fields_max) {
      eager(true);
    }
    int version() const { return version_; }

   private:
    void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value,
                       ErrorCode& code) override {
      headers_.Add({View(name), View(value)});
      if (headers_.fields().size() > fields_max_) code = error::header_limit;
    }
    // The request line is read by ReadRequestLine, the body by FeedBody.
    void on_request_impl(beast::http::verb, beast::string_view, beast::string_view, int version,
                         ErrorCode&) override {
      version_ = version;
    }
    void on_response_impl(int, beast::string_view, int, ErrorCode&) override {}
    void on_header_impl(ErrorCode&) override {}
    void on_body_init_impl(const boost::optional<uint64_t>&, ErrorCode&) override {}
    size_t on_body_impl(beast::string_view, ErrorCode&) override { return 0; }
    void on_chunk_header_impl(uint64_t, beast::string_view, ErrorCode&) override {}
    size_t on_chunk_body_impl(uint64_t, beast::string_view, ErrorCode&) override { return 0; }
    void on_finish_impl(ErrorCode&) override {}

    Headers& headers_;
    const size_t fields_max_;
    int version_ = 11;
  };

  std::optional<Parser> parser_;
};

RequestParser::RequestParser(const Limits& limits)
    : limits_(limits), engine_(std::make_unique<Engine>()), chunks_(limits) {}

RequestParser::~RequestParser() = default;

void RequestParser::Next() {
  phase_ = Phase::kIdle;
  scanner_.Reset();
  skipped_empty_line_ = false;
  request_.headers.Clear();
  if (body_.capacity() > kBodyBytesKept) body_ = std::string();
  body_.clear();
}

bool RequestParser::keep_alive() const { return engine_->keep_alive(); }

bool RequestParser::http_1_1() const { return engine_->http_1_1(); }

RequestParser::Progress RequestParser::Refuse(const Refusal& refusal) {
  refusal_ = refusal;
  refused_ = true;
  phase_ = Phase::kDone;
  return Progress::kRefused;
}

RequestParser::Progress RequestParser::Complete() {
  request_.body = body_;
  phase_ = Phase::kDone;
  return Progress::kComplete;
}

RequestParser::Progress RequestParser::Feed(absl::string_view input, size_t& used) {
  used = 0;
  try {
    return phase_ == Phase::kBody ? FeedBody(input, used) : FeedHead(input, used);
  } catch (const std::exception&) {
    return Refuse(kUnexpected);
  }
}

RequestParser::Progress RequestParser::FeedHead(absl::string_view input, size_t& used) {
  // An empty line before a request is passed over once (RFC 9112, 2.2).
  if (phase_ == Phase::kIdle && !skipped_empty_line_ && absl::StartsWith(input, "\r\n")) {
    used = 2;
    skipped_empty_line_ = true;
    input.remove_prefix(2);
  }
  if (input.empty() || (phase_ == Phase::kIdle && !skipped_empty_line_ && input == "\r"))
    return Progress::kNeedMore;
  phase_ = Phase::kHead;
  const size_t length = scanner_.Scan(input, limits_);
  if (scanner_.refusal()) return Refuse(*scanner_.refusal());
  if (length == 0) return Progress::kNeedMore;
  head_.assign(input.data(), length);
  used += length;
  input.remove_prefix(length);
  const Progress progress = ReadHead();
  if (phase_ != Phase::kBody || input.empty()) return progress;
  size_t body_used = 0;
  const Progress body_progress = FeedBody(input, body_used);
  used += body_used;
  return body_progress;
}

RequestParser::Progress RequestParser::ReadHead() {
  const absl::string_view head = head_;
  const absl::string_view line = head.substr(0, head.find('\r'));
  if (const auto refusal = ReadRequestLine(line, request_)) return Refuse(*refusal);
  const bool http11 = absl::EndsWith(line, "1.1");

  const ErrorCode code = engine_->Read(head, request_.headers, limits_.header_fields_max);
  if (code) return Refuse(RefusalOf(code, request_.headers));
  if (const auto refusal = CheckFraming(request_.headers, http11)) return Refuse(*refusal);

  body_left_ = engine_->content_length();
  if (body_left_ == 0 && !engine_->chunked()) return Complete();
  const size_t body_max =
      limits_.body_bytes_max_of ? limits_.body_bytes_max_of(request_) : limits_.body_bytes_max;
  if (body_left_ > body_max) return Refuse(kBodyTooLarge);
  chunks_.Begin(body_max);
  phase_ = Phase::kBody;
  const bool waits = http11 && request_.headers.Find("Expect") != nullptr;
  return waits ? Progress::kContinue : Progress::kNeedMore;
}

RequestParser::Progress RequestParser::FeedBody(absl::string_view input, size_t& used) {
  if (!engine_->chunked()) {
    used = std::min<uint64_t>(body_left_, input.size());
    body_.append(input.data(), used);
    body_left_ -= used;
    return body_left_ == 0 ? Complete() : Progress::kNeedMore;
  }
  switch (chunks_.Feed(input, used, body_)) {
    case ChunkDecoder::Progress::kNeedMore:
      return Progress::kNeedMore;
    case ChunkDecoder::Progress::kDone:
      return Complete();
    case ChunkDecoder::Progress::kMalformed:
      return Refuse(kBadChunk);
    case ChunkDecoder::Progress::kTooLong:
      return Refuse(kChunkTooLong);
    case ChunkDecoder::Progress::kBodyTooLarge:
      return Refuse(kBodyTooLarge);
  }
  return Refuse(kUnexpected);
}

}  // namespace mostove::http
