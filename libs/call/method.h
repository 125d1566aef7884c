// One function of a service, with its types erased: what the store offers for
// its standard methods and what the service table binds.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "libs/call/call.h"

namespace mostove::call {

using MessagePtr = std::unique_ptr<google::protobuf::Message>;

// Answers one request. Safe for all threads.
using UnaryFunction = std::function<absl::StatusOr<MessagePtr>(
    const Call&, const google::protobuf::Message& request)>;

// The bytes of the same answer, without making its message. For callers from
// whom no field has to be stripped.
using BytesFunction = std::function<absl::StatusOr<std::string>(
    const Call&, const google::protobuf::Message& request)>;

// What an answer shows that has to be recorded (libs/audit).
struct Shown {
  std::string resource;  // "" for one of many
  std::string owner;     // "organizations/sofia-help"
  bool personal = false;

  bool operator==(const Shown&) const = default;
};
using ShownList = std::shared_ptr<const std::vector<Shown>>;

// An answer in one of two forms.
struct Response {
  MessagePtr message;  // null: the bytes are it
  std::string bytes;
  ShownList shown;  // null: nothing
};

struct UnaryMethod {
  std::string name;  // "GetOrganization"
  const google::protobuf::Descriptor* request = nullptr;
  const google::protobuf::Descriptor* response = nullptr;
  UnaryFunction run;
  // It says in Call::basis what its answer rests on: the rows that it read, what
  // decides who sees them, and nothing else that may change.
  bool keepable = false;
  BytesFunction bytes;  // may be empty
};

// A server stream is pulled: Next gives a message, or null for "later" (then
// `wake` is called once when there is more), or an error; OUT_OF_RANGE ends it
// well. It is asked again only after the message before was taken.
class MessageStream {
 public:
  virtual ~MessageStream() = default;
  virtual absl::StatusOr<MessagePtr> Next(const std::function<void()>& wake) = 0;
};

using StreamFunction = std::function<absl::StatusOr<std::unique_ptr<MessageStream>>(
    const Call&, const google::protobuf::Message& request)>;

struct StreamMethod {
  std::string name;
  const google::protobuf::Descriptor* request = nullptr;
  const google::protobuf::Descriptor* response = nullptr;
  StreamFunction run;
};

// Binds a member function: Unary("PublishTraining", this, &Trainings::PublishTraining).
template <class Service, class Request, class Response>
UnaryMethod Unary(std::string name, Service* service,
                  absl::StatusOr<Response> (Service::*function)(const Call&, const Request&)) {
  return {
      std::move(name), Request::descriptor(), Response::descriptor(),
      [service, function](const Call& call,
                          const google::protobuf::Message& request) -> absl::StatusOr<MessagePtr> {
        auto response = (service->*function)(call, static_cast<const Request&>(request));
        if (!response.ok()) return std::move(response).status();
        return std::make_unique<Response>(*std::move(response));
      }};
}

}  // namespace mostove::call
