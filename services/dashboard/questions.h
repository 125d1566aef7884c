// Asks services in a visitor's name, several questions at once.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "libs/call/call.h"
#include "libs/rpc/invoker.h"

namespace mostove::dashboard {

// Reads of one page. Answers that are kept for other callers of the same visibility serve here too.
class Questions : public std::enable_shared_from_this<Questions> {
 public:
  // The invokers outlive it and what it asks.
  Questions(const std::vector<rpc::Invoker*>& invokers, call::Call call)
      : invokers_(invokers), call_(std::move(call)) {}

  // `method`: "mostove.organizations.v1.OrganizationsService.GetOrganization". `answer` is set
  // before Then's function runs, and outlives it; UNIMPLEMENTED where no service has the method.
  template <class Request, class Response>
  void Ask(const std::string& method, const Request& request, absl::StatusOr<Response>* answer) {
    Begin(method, request.SerializeAsString(),
          [answer](const absl::Status& status, absl::string_view bytes) {
            if (!status.ok()) {
              *answer = status;
            } else if (!answer->emplace().ParseFromArray(bytes.data(),
                                                         static_cast<int>(bytes.size()))) {
              *answer = absl::InternalError("what came is no answer of this method");
            }
          });
  }
  // Once, after the last question: runs when all are answered, on whatever thread.
  void Then(std::function<void()> done);

 private:
  using Take = std::function<void(const absl::Status&, absl::string_view)>;
  void Begin(const std::string& method, std::string request, Take take);
  void End();

  const std::vector<rpc::Invoker*>& invokers_;
  const call::Call call_;
  std::atomic<int> open_{1};  // questions, and the one that Then ends
  std::function<void()> done_;
};

}  // namespace mostove::dashboard
