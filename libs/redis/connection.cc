#include "libs/redis/connection.h"

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::redis {
namespace {

absl::Status Away(absl::string_view why) {
  return status::Make(absl::StatusCode::kUnavailable, "REDIS_AWAY", absl::StrCat("Redis: ", why));
}

timeval AtLeastOneMilli(absl::Duration duration) {
  return absl::ToTimeval(std::max(duration, absl::Milliseconds(1)));
}

Reply Convert(const redisReply& reply) {
  Reply converted;
  switch (reply.type) {
    case REDIS_REPLY_INTEGER:
      converted.kind = Reply::Kind::kInteger;
      converted.integer = reply.integer;
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      converted.kind = Reply::Kind::kText;
      converted.text.assign(reply.str, reply.len);
      break;
    case REDIS_REPLY_ERROR:
      converted.kind = Reply::Kind::kError;
      converted.text.assign(reply.str, reply.len);
      break;
    case REDIS_REPLY_ARRAY:
      converted.kind = Reply::Kind::kArray;
      for (size_t i = 0; i < reply.elements; ++i) {
        converted.elements.push_back(Convert(*reply.element[i]));
      }
      break;
    default:
      break;
  }
  return converted;
}

// The address of the present master, as the first Sentinel says that answers.
absl::StatusOr<Address> AskSentinels(const Address& address, absl::Time deadline) {
  absl::Status last = Away("no Sentinel was asked");
  for (const HostPort& sentinel : address.sentinels) {
    Address at;
    at.server = sentinel;
    auto connection = Connection::Open(at, deadline);
    if (!connection.ok()) {
      last = connection.status();
      continue;
    }
    const auto reply =
        (*connection)->Do({"SENTINEL", "get-master-addr-by-name", address.master}, deadline);
    uint32_t port = 0;
    if (reply.ok() && reply->elements.size() == 2 &&
        absl::SimpleAtoi(reply->elements[1].text, &port) && port <= 65535) {
      Address master;
      master.server = {reply->elements[0].text, static_cast<uint16_t>(port)};
      return master;
    }
    last = reply.ok() ? Away(absl::StrCat("the Sentinel knows no master ", address.master))
                      : reply.status();
  }
  return last;
}

// A Sentinel may still name the old one.
absl::Status CheckMaster(Connection& connection, absl::Time deadline) {
  ASSIGN_OR_RETURN(const Reply role, connection.Do({"ROLE"}, deadline));
  if (!role.elements.empty() && role.elements[0].text == "master") return absl::OkStatus();
  return Away("what the Sentinels call the master is none yet");
}

}  // namespace

Connection::Connection(redisContext* context) : context_(context) {}

Connection::~Connection() { redisFree(context_); }

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const Address& address,
                                                             absl::Time deadline) {
  if (!address.master.empty()) {
    ASSIGN_OR_RETURN(const Address master, AskSentinels(address, deadline));
    ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, Open(master, deadline));
    RETURN_IF_ERROR(CheckMaster(*connection, deadline));
    return connection;
  }
  const timeval limit = AtLeastOneMilli(deadline - absl::Now());
  redisContext* context =
      address.socket.empty()
          ? redisConnectWithTimeout(address.server.host.c_str(), address.server.port, limit)
          : redisConnectUnixWithTimeout(address.socket.c_str(), limit);
  if (context == nullptr) return Away("no memory for a connection");
  std::unique_ptr<Connection> connection(new Connection(context));
  if (context->err != 0) return connection->Lost();
  // From here on we wait ourselves.
  context->flags &= ~REDIS_BLOCK;
  fcntl(context->fd, F_SETFL, fcntl(context->fd, F_GETFL) | O_NONBLOCK);
  return connection;
}

absl::Status Connection::Lost() const { return Away(context_->errstr); }

void Connection::Append(const Command& command) {
  std::vector<const char*> words;
  std::vector<size_t> lengths;
  for (const std::string& word : command) {
    words.push_back(word.data());
    lengths.push_back(word.size());
  }
  redisAppendCommandArgv(context_, static_cast<int>(words.size()), words.data(), lengths.data());
  unsent_ = true;
}

absl::Status Connection::Flush() {
  if (!unsent_) return absl::OkStatus();
  int done = 0;
  if (redisBufferWrite(context_, &done) != REDIS_OK) return Lost();
  unsent_ = done == 0;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Reply>> Connection::TakeReplies() {
  std::vector<Reply> replies;
  while (true) {
    void* reply = nullptr;
    if (redisGetReplyFromReader(context_, &reply) != REDIS_OK) return Lost();
    if (reply == nullptr) return replies;
    replies.push_back(Convert(*static_cast<redisReply*>(reply)));
    freeReplyObject(reply);
  }
}

absl::StatusOr<std::vector<Reply>> Connection::Exchange(absl::Time deadline, int interrupt) {
  while (true) {
    RETURN_IF_ERROR(Flush());
    const absl::Duration left = deadline - absl::Now();
    if (left <= absl::ZeroDuration()) return std::vector<Reply>();
    pollfd waits[2] = {{context_->fd, static_cast<short>(POLLIN | (unsent_ ? POLLOUT : 0)), 0},
                       {interrupt, POLLIN, 0}};
    const int ready = poll(waits, interrupt >= 0 ? 2 : 1,
                           static_cast<int>(absl::ToInt64Milliseconds(
                               std::min(left, absl::Seconds(60)) + absl::Microseconds(999))));
    if (ready < 0 && errno != EINTR) return Away("poll failed");
    if (interrupt >= 0 && waits[1].revents != 0) return std::vector<Reply>();
    if ((waits[0].revents & (POLLIN | POLLERR | POLLHUP)) == 0) continue;
    if (redisBufferRead(context_) != REDIS_OK) return Lost();
    ASSIGN_OR_RETURN(std::vector<Reply> replies, TakeReplies());
    if (!replies.empty()) return replies;
  }
}

absl::StatusOr<Reply> Connection::Do(const Command& command, absl::Time deadline) {
  Append(command);
  ASSIGN_OR_RETURN(std::vector<Reply> replies, Exchange(deadline));
  if (replies.empty()) {
    return status::Make(absl::StatusCode::kDeadlineExceeded, "REDIS_SLOW",
                        "Redis did not answer in time");
  }
  if (replies[0].kind == Reply::Kind::kError) {
    return status::Aborted("REDIS_ERROR", absl::StrCat("Redis: ", replies[0].text));
  }
  return std::move(replies[0]);
}

}  // namespace mostove::redis
