#include "libs/http/response.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace mostove::http {
namespace {

bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

bool HasBody(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

void Response::AddHeader(absl::string_view name, absl::string_view value) {
  if (std::any_of(value.begin(), value.end(), IsControl)) return;
  absl::StrAppend(&headers, name, ": ", value, "\r\n");
}

Response PlainRefusal(const Refusal& refusal) {
  Response response{.status = refusal.status};
  response.AddHeader("Content-Type", "text/plain; charset=utf-8");
  response.body = absl::StrCat(refusal.status, " ", refusal.reason, ": ", refusal.detail, "\n");
  return response;
}

absl::string_view ReasonPhrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 499:
      return "Client Closed Request";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";
  }
}

void Compose(const Response& response, Framing framing, absl::string_view date, std::string& out) {
  const absl::string_view body = response.content();
  out.reserve(out.size() + 160 + response.headers.size() + body.size());
  if (ComposeHead(response, framing, date, out)) out.append(body.data(), body.size());
}

bool ComposeHead(const Response& response, Framing framing, absl::string_view date,
                 std::string& out) {
  const bool has_body = HasBody(response.status);
  absl::StrAppend(&out, "HTTP/1.1 ", response.status, " ", ReasonPhrase(response.status),
                  "\r\nDate: ");
  absl::StrAppend(&out, date, "\r\n", response.headers);
  if (has_body) absl::StrAppend(&out, "Content-Length: ", response.content().size(), "\r\n");
  if (framing.close) out += "Connection: close\r\n";
  out += "\r\n";
  return has_body && !framing.head;
}

void ComposeStreamHead(const Response& response, bool chunked, absl::string_view date,
                       std::string& out) {
  absl::StrAppend(&out, "HTTP/1.1 ", response.status, " ", ReasonPhrase(response.status),
                  "\r\nDate: ");
  absl::StrAppend(&out, date, "\r\n", response.headers);
  out += chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "Connection: close\r\n\r\n";
}

}  // namespace mostove::http
