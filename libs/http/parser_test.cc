#include "libs/http/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace mostove::http {
namespace {

using Progress = RequestParser::Progress;
using ::testing::HasSubstr;

struct Outcome {
  Progress progress = Progress::kNeedMore;
  Refusal refusal;
  int complete = 0;
  std::string method, path, query, body;
};

// Feeds `bytes` in pieces of `piece` bytes, as a connection does, and answers what the last request
// came to.
Outcome Parse(const std::string& bytes, size_t piece, const Limits& limits) {
  RequestParser parser(limits);
  Outcome outcome;
  std::string kept;
  for (size_t position = 0; position < bytes.size(); position += piece) {
    kept += bytes.substr(position, piece);
    for (;;) {
      size_t used = 0;
      outcome.progress = parser.Feed(kept, used);
      kept.erase(0, used);
      if (outcome.progress == Progress::kRefused) {
        outcome.refusal = parser.refusal();
        return outcome;
      }
      if (outcome.progress != Progress::kComplete) break;
      const Request& request = parser.request();
      ++outcome.complete;
      outcome.method = std::string(request.method_name);
      outcome.path = std::string(request.path);
      outcome.query = std::string(request.query);
      outcome.body = std::string(request.body);
      parser.Next();
      if (kept.empty()) break;
    }
    EXPECT_LE(kept.size(), limits.header_bytes_max);
  }
  return outcome;
}

constexpr size_t kPieces[] = {1, 2, 7, 64, 1'000'000};

struct RefusedCase {
  const char* name;
  std::string bytes;
  int status;
  std::string reason;
};

std::vector<RefusedCase> RefusedCases() {
  const std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n";
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
  using namespace std::string_literals;
  return {
      {"lower-case method", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 405, "METHOD_UNKNOWN"},
      {"unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 405, "METHOD_UNKNOWN"},
      {"CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 405, "METHOD_UNKNOWN"},
      {"TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405, "METHOD_UNKNOWN"},
      {"method with a bracket", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "BAD_REQUEST_LINE"},
      {"HTTP/0.9", "GET /\r\n\r\n", 400, "BAD_REQUEST_LINE"},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "HTTP_VERSION"},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 400, "HTTP_VERSION"},
      {"lower-case version", "GET / http/1.1\r\nHost: a\r\n\r\n", 400, "BAD_REQUEST_LINE"},
      {"TLS hello", "\x16\x03\x01\x02"s, 400, "BAD_REQUEST_LINE"},
      {"two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400,
       "BAD_REQUEST_LINE"},
      {"absolute form", "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "BAD_TARGET"},
      {"authority form", "GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "BAD_TARGET"},
      {"asterisk with GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400, "BAD_TARGET"},
      {"fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "BAD_TARGET"},
      {"target in UTF-8", "GET /\xd0\xb0 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "BAD_TARGET"},
      {"space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "BAD_TARGET"},
      {"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "BAD_TARGET"},
      {"tab in the target", "GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n", 400, "BAD_TARGET"},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400, "BAD_HOST"},
      {"two Hosts", get + "Host: a\r\n\r\n", 400, "BAD_HOST"},
      {"empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400, "BAD_HOST"},
      {"Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "BAD_HOST"},
      {"Host with a user", "GET / HTTP/1.1\r\nHost: b@a\r\n\r\n", 400, "BAD_HOST"},
      {"two Hosts, HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400, "BAD_HOST"},
      {"bare LF", "GET / HTTP/1.1\nHost: a\n\n", 400, "BAD_LINE_ENDING"},
      {"empty line of LF alone", get + "\n", 400, "BAD_LINE_ENDING"},
      {"bare LF in a field", get + "A: b\nC: d\r\n\r\n", 400, "BAD_LINE_ENDING"},
      {"bare CR in a field", get + "A: b\rC: d\r\n\r\n", 400, "BAD_HEADER"},
      {"bare CR in the request line", "GET /a\rb HTTP/1.1\r\nHost: a\r\n\r\n", 400, ""},
      {"NUL in a value", get + "A: b\0c\r\n\r\n"s, 400, "BAD_HEADER"},
      {"NUL in a name", get + "A\0: b\r\n\r\n"s, 400, "BAD_HEADER"},
      {"NUL in the target", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"s, 400, "BAD_HEADER"},
      {"control character in a value", get + "A: b\x01\r\n\r\n", 400, "BAD_HEADER"},
      {"folded line", get + "A: b\r\n c\r\n\r\n", 400, "BAD_HEADER"},
      {"folded by a tab", get + "A: b\r\n\tc\r\n\r\n", 400, "BAD_HEADER"},
      {"space first", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400, "BAD_HEADER"},
      {"space before the colon", get + "A : b\r\n\r\n", 400, "BAD_HEADER"},
      {"no colon", get + "A\r\n\r\n", 400, "BAD_HEADER"},
      {"empty name", get + ": b\r\n\r\n", 400, "BAD_HEADER"},
      {"bracket in a name", get + "A[: b\r\n\r\n", 400, "BAD_HEADER"},
      {"differing lengths", post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400,
       "BAD_LENGTH"},
      {"equal lengths", post + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400, "BAD_LENGTH"},
      {"list of lengths", post + "Content-Length: 1, 1\r\n\r\n", 400, "BAD_LENGTH"},
      {"signed length", post + "Content-Length: +1\r\n\r\n", 400, "BAD_LENGTH"},
      {"negative length", post + "Content-Length: -1\r\n\r\n", 400, "BAD_LENGTH"},
      {"hexadecimal length", post + "Content-Length: 0x1\r\n\r\n", 400, "BAD_LENGTH"},
      {"empty length", post + "Content-Length:\r\n\r\n", 400, "BAD_LENGTH"},
      {"length beyond 64 bits", post + "Content-Length: 18446744073709551617\r\n\r\n", 400,
       "BAD_LENGTH"},
      {"unknown coding", post + "Transfer-Encoding: gzip\r\n\r\n", 400, "TRANSFER_CODING_UNKNOWN"},
      {"unknown coding and length", post + "Transfer-Encoding: x\r\nContent-Length: 1\r\n\r\n", 400,
       "TRANSFER_CODING_UNKNOWN"},
      {"gzip, chunked", post + "Transfer-Encoding: gzip, chunked\r\n\r\n", 400,
       "TRANSFER_CODING_UNKNOWN"},
      {"chunked with a parameter", post + "Transfer-Encoding: chunked;q=1\r\n\r\n", 400,
       "TRANSFER_CODING_UNKNOWN"},
      {"chunked behind a vertical tab", post + "Transfer-Encoding: \x0b" + "chunked\r\n\r\n", 400,
       ""},
      {"something like chunked", post + "Transfer-Encoding: xchunked\r\n\r\n", 400,
       "TRANSFER_CODING_UNKNOWN"},
      {"identity", post + "Transfer-Encoding: identity\r\n\r\n", 400, "TRANSFER_CODING_UNKNOWN"},
      {"coding with a space before the colon",
       post + "Transfer-Encoding : chunked\r\nContent-Length: 1\r\n\r\n", 400, "BAD_HEADER"},
      {"chunked, chunked", post + "Transfer-Encoding: chunked, chunked\r\n\r\n", 400,
       "TRANSFER_CODING_UNKNOWN"},
      {"chunked twice", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
       400, "BAD_TRANSFER_CODING"},
      {"coding and length", post + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400,
       "BAD_TRANSFER_CODING"},
      {"length and coding", post + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
       "BAD_TRANSFER_CODING"},
      {"coding in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
       "BAD_TRANSFER_CODING"},
      {"unknown expectation", post + "Content-Length: 1\r\nExpect: tea\r\n\r\n", 417,
       "EXPECTATION_UNKNOWN"},
      {"long line", absl::StrCat("GET /", std::string(9000, 'a'), " HTTP/1.1\r\nHost: a\r\n\r\n"),
       414, "URI_TOO_LONG"},
      {"endless line", absl::StrCat("GET /", std::string(100'000, 'a')), 414, "URI_TOO_LONG"},
      {"long field", absl::StrCat(get, "A: ", std::string(17'000, 'a'), "\r\n\r\n"), 431,
       "HEADERS_TOO_LARGE"},
      {"endless field", absl::StrCat(get, "A: ", std::string(100'000, 'a')), 431,
       "HEADERS_TOO_LARGE"},
      {"many fields",
       absl::StrCat(
           get,
           [] {
             std::string fields;
             for (int i = 0; i < 101; ++i) fields += "A: b\r\n";
             return fields;
           }(),
           "\r\n"),
       431, "HEADERS_TOO_LARGE"},
      {"large body announced", post + "Content-Length: 1048577\r\n\r\n", 413, "BODY_TOO_LARGE"},
      {"large body announced and waiting",
       post + "Content-Length: 1048577\r\nExpect: 100-continue\r\n\r\n", 413, "BODY_TOO_LARGE"},
      {"large chunk announced", chunked + "100001\r\n", 413, "BODY_TOO_LARGE"},
      {"enormous chunk", chunked + "ffffffffffffffff\r\n", 413, "BODY_TOO_LARGE"},
      {"chunk size beyond 64 bits", chunked + "10000000000000000f\r\n", 413, "BODY_TOO_LARGE"},
      {"large chunks together",
       absl::StrCat(chunked, "80000\r\n", std::string(0x80000, 'a'), "\r\n80001\r\n"), 413,
       "BODY_TOO_LARGE"},
      {"no chunk size", chunked + "\r\n\r\n", 400, "BAD_CHUNK"},
      {"wrong chunk size", chunked + "g\r\na\r\n", 400, "BAD_CHUNK"},
      {"prefixed chunk size", chunked + "0x1\r\na\r\n", 400, "BAD_CHUNK"},
      {"signed chunk size", chunked + "+1\r\na\r\n", 400, "BAD_CHUNK"},
      {"chunk longer than its size", chunked + "1\r\nab\r\n0\r\n\r\n", 400, "BAD_CHUNK"},
      {"chunk line ended by LF", chunked + "1\na\r\n0\r\n\r\n", 400, "BAD_CHUNK"},
      {"long chunk extension", absl::StrCat(chunked, "1;", std::string(300, 'a'), "\r\na\r\n"), 400,
       "BAD_CHUNK"},
      {"endless chunk extension", absl::StrCat(chunked, "1;", std::string(100'000, 'a')), 400,
       "BAD_CHUNK"},
      {"endless trailer", absl::StrCat(chunked, "0\r\nA: ", std::string(100'000, 'a')), 400,
       "BAD_CHUNK"},
      {"malformed trailer", chunked + "0\r\nA : b\r\n\r\n", 400, "BAD_CHUNK"},
      {"many tiny chunks with extensions",
       absl::StrCat(chunked,
                    [] {
                      std::string chunks;
                      for (int i = 0; i < 1000; ++i)
                        chunks += absl::StrCat("1;", std::string(200, 'a'), "\r\na\r\n");
                      return chunks;
                    }()),
       400, "BAD_CHUNK"},
  };
}

TEST(RequestParserTest, EveryTrapIsRefusedWhateverThePieces) {
  for (const RefusedCase& row : RefusedCases()) {
    for (const size_t piece : kPieces) {
      if (piece < 64 && row.bytes.size() > 50'000) continue;
      const Outcome outcome = Parse(row.bytes, piece, Limits{});
      EXPECT_TRUE(outcome.progress == Progress::kRefused) << row.name << ", pieces of " << piece;
      EXPECT_EQ(outcome.refusal.status, row.status) << row.name << ", pieces of " << piece;
      EXPECT_THAT(std::string(outcome.refusal.reason), HasSubstr(row.reason))
          << row.name << ", pieces of " << piece;
      EXPECT_EQ(outcome.complete, 0) << row.name;
    }
  }
}

struct GoodCase {
  const char* name;
  std::string bytes;
  int complete;
  std::string method, path, query, body;
};

TEST(RequestParserTest, GoodRequestsAreReadWhateverThePieces) {
  const std::string chunked = "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string big(1 << 20, 'z');
  const std::vector<GoodCase> rows = {
      {"plain", "GET /a?b=c HTTP/1.1\r\nHost: a\r\n\r\n", 1, "GET", "/a", "b=c", ""},
      {"empty query", "GET /a? HTTP/1.1\r\nHost: a\r\n\r\n", 1, "GET", "/a", "", ""},
      {"question marks", "GET /a?b?c HTTP/1.1\r\nHost: a\r\n\r\n", 1, "GET", "/a", "b?c", ""},
      {"empty line first", "\r\nGET /a HTTP/1.1\r\nHost: a\r\n\r\n", 1, "GET", "/a", "", ""},
      {"HTTP/1.0 without Host", "GET /a HTTP/1.0\r\n\r\n", 1, "GET", "/a", "", ""},
      {"asterisk", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 1, "OPTIONS", "*", "", ""},
      {"IPv6 host", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 1, "GET", "/", "", ""},
      // The upgrade is not taken: the answer is HTTP/1.1's own (RFC 9110, 7.8).
      {"upgrade to h2c",
       "GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
       "HTTP2-Settings: AAMAAABk\r\n\r\n",
       1, "GET", "/a", "", ""},
      {"UTF-8 in a value", "GET / HTTP/1.1\r\nHost: a\r\nA: \xd0\xb0\r\n\r\n", 1, "GET", "/", "",
       ""},
      {"body", "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", 1, "POST", "/x", "",
       "abc"},
      {"empty body", "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 1, "POST", "/x",
       "", ""},
      {"chunks", chunked + "3\r\nabc\r\n2;a=b\r\nde\r\n0\r\n\r\n", 1, "POST", "/x", "", "abcde"},
      {"trailers are read over", chunked + "1\r\na\r\n0\r\nA: b\r\nHost: c\r\n\r\n", 1, "POST",
       "/x", "", "a"},
      {"coding in capitals",
       "POST /x HTTP/1.1\r\nHost: a\r\nTRANSFER-ENCODING: CHUNKED\r\n\r\n0\r\n\r\n", 1, "POST",
       "/x", "", ""},
      {"largest body",
       absl::StrCat("PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: ", big.size(), "\r\n\r\n", big),
       1, "PUT", "/x", "", big},
      {"largest chunk", absl::StrCat(chunked, "100000\r\n", big, "\r\n0\r\n\r\n"), 1, "POST", "/x",
       "", big},
      {"two requests", "GET /a HTTP/1.1\r\nHost: a\r\n\r\nDELETE /b HTTP/1.1\r\nHost: a\r\n\r\n", 2,
       "DELETE", "/b", "", ""},
      {"three with bodies",
       chunked + "1\r\na\r\n0\r\n\r\n" + chunked + "1\r\nb\r\n0\r\n\r\n" +
           "POST /y HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nc",
       3, "POST", "/y", "", "c"},
  };
  for (const GoodCase& row : rows) {
    for (const size_t piece : kPieces) {
      if (piece < 64 && row.bytes.size() > 50'000) continue;
      const Outcome outcome = Parse(row.bytes, piece, Limits{});
      EXPECT_TRUE(outcome.progress == Progress::kComplete)
          << row.name << ", pieces of " << piece << ": " << outcome.refusal.detail;
      EXPECT_EQ(outcome.complete, row.complete) << row.name << ", pieces of " << piece;
      EXPECT_EQ(outcome.method, row.method) << row.name;
      EXPECT_EQ(outcome.path, row.path) << row.name;
      EXPECT_EQ(outcome.query, row.query) << row.name;
      EXPECT_TRUE(outcome.body == row.body) << row.name << ", pieces of " << piece;
    }
  }
}

TEST(RequestParserTest, ExpectationAsksToContinueOnce) {
  const Limits limits;
  RequestParser parser(limits);
  size_t used = 0;
  const std::string head =
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
  EXPECT_EQ(parser.Feed(head, used), Progress::kContinue);
  EXPECT_EQ(used, head.size());
  EXPECT_EQ(parser.Feed("a", used), Progress::kNeedMore);
  EXPECT_EQ(parser.Feed("b", used), Progress::kComplete);
  EXPECT_EQ(parser.request().body, "ab");
}

TEST(RequestParserTest, BodyLimitMayDependOnTheRequest) {
  Limits limits;
  limits.body_bytes_max_of = [](const Request& request) -> size_t {
    return request.path == "/large" ? 10 : 1;
  };
  const std::string head = " HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde";
  EXPECT_EQ(Parse("POST /large" + head, 1000, limits).body, "abcde");
  EXPECT_EQ(Parse("POST /small" + head, 1000, limits).refusal.status, 413);
}

TEST(RequestParserTest, KeepAliveIsAsTheVersionAndTheConnectionFieldSay) {
  const Limits limits;
  const auto keeps = [&](const std::string& version, const std::string& field) {
    RequestParser parser(limits);
    size_t used = 0;
    EXPECT_EQ(parser.Feed("GET / HTTP/" + version + "\r\nHost: a\r\n" + field + "\r\n", used),
              Progress::kComplete);
    return parser.keep_alive();
  };
  EXPECT_TRUE(keeps("1.1", ""));
  EXPECT_FALSE(keeps("1.1", "Connection: Close\r\n"));
  EXPECT_FALSE(keeps("1.1", "Connection: x, close\r\n"));
  EXPECT_FALSE(keeps("1.0", ""));
}

TEST(HeadersTest, NamesCompareWithoutCase) {
  Headers headers;
  headers.Add({"ETag", "1"});
  headers.Add({"etag", "2"});
  EXPECT_EQ(headers.Get("ETAG"), "1");
  EXPECT_EQ(headers.Count("eTag"), 2u);
  EXPECT_EQ(headers.Find("x"), nullptr);
}

TEST(ResponseTest, FieldsThatWouldEndTheLineAreLeftOut) {
  Response response;
  response.AddHeader("A", "b\r\nC: d");
  response.AddHeader("E", "f");
  EXPECT_EQ(response.headers, "E: f\r\n");
}

}  // namespace
}  // namespace mostove::http
