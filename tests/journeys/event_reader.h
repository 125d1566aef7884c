// Reads a stream of server-sent events, as a browser's EventSource does; one
// connection.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace mostove::journeys {

struct Event {
  std::string id;    // empty if it has none
  std::string type;  // empty if it says none
  std::string data;  // empty: a heartbeat
};

class EventReader {
 public:
  // `token`: whose; "" for nobody. `last_id`: of the last event that was taken; empty for from now.
  // An answer that is no stream: INTERNAL with its status and body; nobody there: UNAVAILABLE.
  static absl::StatusOr<std::unique_ptr<EventReader>> Open(const std::string& address,
                                                           const std::string& target,
                                                           const std::string& token,
                                                           const std::string& last_id);

  // The next one; nullopt when the connection or the stream has ended.
  std::optional<Event> Next();
  // From any thread: the connection ends, and what was not read of it is lost.
  void Break();

 private:
  // A line of what the chunks hold, without its end.
  bool ReadLine(std::string& line);
  bool ReadChunk();

  boost::asio::ip::tcp::iostream stream_;
  std::string text_;  // of chunks, not yet read
};

}  // namespace mostove::journeys
