// An answer, and how it becomes bytes.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace mostove::http {

struct Response {
  int status = 200;
  std::string headers;  // complete lines, each ended by CRLF; made by AddHeader
  std::string body;
  // In place of `body`, where many answers have the same.
  std::shared_ptr<const std::string> shared_body;

  absl::string_view content() const { return shared_body != nullptr ? *shared_body : body; }

  bool busy = false;  // refused for load: see Limits.busy_pause

  // Content-Length, Date and Connection are added by the server. A value with a control character
  // would end the line early: such a field is left out.
  void AddHeader(absl::string_view name, absl::string_view value);
};

class Headers;

// Why the server itself refuses a request: a status, a stable UPPER_SNAKE_CASE reason, a sentence.
struct Refusal {
  int status = 400;
  const char* reason = "BAD_REQUEST";
  const char* detail = "";
  // Of the request, for the time of the error handler's call; null when they had not been read.
  const Headers* headers = nullptr;
};

// Makes the answer to a refusal. Runs on a loop thread.
using ErrorHandler = std::function<Response(const Refusal&)>;

// Plain text: "400 BAD_HEADER: ...".
Response PlainRefusal(const Refusal& refusal);

// "Not Found" for 404; "" for what is not registered.
absl::string_view ReasonPhrase(int status);

struct Framing {
  bool head = false;   // answers HEAD: the length without the body
  bool close = false;  // the last answer of the connection
};

// Appends the whole answer to `out`. `date` is an HTTP date.
void Compose(const Response& response, Framing framing, absl::string_view date, std::string& out);
// The same without the body; whether there is one to follow.
bool ComposeHead(const Response& response, Framing framing, absl::string_view date,
                 std::string& out);
// The head of an answer whose body follows in chunks, or until the connection's end.
void ComposeStreamHead(const Response& response, bool chunked, absl::string_view date,
                       std::string& out);

}  // namespace mostove::http
