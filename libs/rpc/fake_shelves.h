// The tests' ShelvesService with functions that a test sets, and a stream that
// a test feeds.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "libs/call/method.h"
#include "libs/rpc/service_table.h"
#include "mostove/testing/v1/shelf.pb.h"
#include "mostove/testing/v1/shelves_service.pb.h"

namespace mostove::rpc {

// What a WatchShelves stream reads from. Safe for all threads.
class ShelfFeed : public std::enable_shared_from_this<ShelfFeed> {
 public:
  void Push(testing::v1::Shelf shelf);
  void End(absl::Status status);  // OUT_OF_RANGE ends it well
  std::unique_ptr<call::MessageStream> Open();
  // Streams that are open at present.
  int open() const;
  // Shelves that no stream has taken yet.
  int waiting() const;

 private:
  class Stream;
  absl::StatusOr<call::MessagePtr> Next(const std::function<void()>& wake);
  void Wake();

  mutable std::mutex mutex_;
  std::deque<testing::v1::Shelf> shelves_;
  std::optional<absl::Status> end_;
  std::function<void()> wake_;
  int open_ = 0;
};

class FakeShelves {
 public:
  static constexpr char kService[] = "mostove.testing.v1.ShelvesService";

  FakeShelves() : feed_(std::make_shared<ShelfFeed>()) {}

  // Sets a method's function; those not set answer UNIMPLEMENTED. Before Bind.
  template <class Request, class Response>
  void On(const std::string& method,
          std::function<absl::StatusOr<Response>(const call::Call&, const Request&)> function) {
    functions_[method] =
        [function](const call::Call& call,
                   const google::protobuf::Message& request) -> absl::StatusOr<call::MessagePtr> {
      auto response = function(call, static_cast<const Request&>(request));
      if (!response.ok()) return std::move(response).status();
      return std::make_unique<Response>(*std::move(response));
    };
  }

  std::vector<call::UnaryMethod> Unary() const;
  std::vector<call::StreamMethod> Streams() const;
  std::unique_ptr<const ServiceTable> Bind(TableOptions options = {}) const;
  ShelfFeed& feed() { return *feed_; }

 private:
  std::map<std::string, call::UnaryFunction> functions_;
  std::shared_ptr<ShelfFeed> feed_;
};

}  // namespace mostove::rpc
