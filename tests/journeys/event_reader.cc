#include "tests/journeys/event_reader.h"

#include <sys/socket.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace mostove::journeys {

absl::StatusOr<std::unique_ptr<EventReader>> EventReader::Open(const std::string& address,
                                                               const std::string& target,
                                                               const std::string& token,
                                                               const std::string& last_id) {
  auto reader = std::make_unique<EventReader>();
  auto& stream = reader->stream_;
  const std::pair<std::string, std::string> host = absl::StrSplit(address, ':');
  stream.connect(host.first, host.second);
  stream << "GET " << target << " HTTP/1.1\r\nHost: " << address
         << "\r\nAccept: text/event-stream\r\n";
  if (!token.empty()) stream << "Authorization: Bearer " << token << "\r\n";
  if (!last_id.empty()) stream << "Last-Event-ID: " << last_id << "\r\n";
  stream << "\r\n" << std::flush;
  std::string line, head;
  while (std::getline(stream, line) && line != "\r") absl::StrAppend(&head, line, "\n");
  if (!stream) return absl::UnavailableError(absl::StrCat("no answer from ", address));
  const std::string lower = absl::AsciiStrToLower(head);
  if (!absl::StartsWith(head, "HTTP/1.1 200 ") ||
      !absl::StrContains(lower, "content-type: text/event-stream")) {
    return absl::InternalError(head);
  }
  // The whole answer to one who comes back while the service is away.
  if (!absl::StrContains(lower, "transfer-encoding: chunked")) {
    return absl::UnavailableError("the stream has ended at once");
  }
  return reader;
}

bool EventReader::ReadChunk() {
  std::string line;
  uint32_t size = 0;
  if (!std::getline(stream_, line) ||
      !absl::SimpleHexAtoi(absl::StripAsciiWhitespace(line), &size) || size == 0) {
    return false;
  }
  std::string chunk(size + 2, '\0');  // and the end of its line
  if (!stream_.read(chunk.data(), static_cast<std::streamsize>(chunk.size()))) return false;
  text_.append(chunk, 0, size);
  return true;
}

bool EventReader::ReadLine(std::string& line) {
  size_t end;
  while ((end = text_.find('\n')) == std::string::npos) {
    if (!ReadChunk()) return false;
  }
  line = text_.substr(0, end);
  text_.erase(0, end + 1);
  return true;
}

std::optional<Event> EventReader::Next() {
  Event event;
  std::string line;
  while (ReadLine(line)) {
    absl::string_view rest = line;
    if (rest.empty()) {
      if (!event.id.empty() || !event.data.empty()) return event;
      event = {};  // such as the time to wait
    } else if (absl::ConsumePrefix(&rest, "id: ")) {
      event.id = std::string(rest);
    } else if (absl::ConsumePrefix(&rest, "event: ")) {
      event.type = std::string(rest);
    } else if (absl::ConsumePrefix(&rest, "data: ")) {
      event.data = std::string(rest);
    }
  }
  return std::nullopt;
}

void EventReader::Break() { shutdown(stream_.socket().native_handle(), SHUT_RDWR); }

}  // namespace mostove::journeys
