#include "libs/rpc/reading.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/status/status.h"

namespace mostove::rpc {
namespace {

using answers::Answer;
using answers::AnswerPtr;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

class Bytes : public Reading {
 public:
  Bytes(const MethodDescriptor* method, std::string request,
        std::function<void(absl::StatusOr<AnswerPtr>)> done)
      : method_(method), request_(std::move(request)), done_(std::move(done)) {}

  absl::StatusOr<call::MessagePtr> MakeRequest() override {
    call::MessagePtr message(google::protobuf::MessageFactory::generated_factory()
                                 ->GetPrototype(method_->input_type())
                                 ->New());
    if (!message->ParseFromString(request_)) {
      return status::Make(absl::StatusCode::kInvalidArgument, "MALFORMED_REQUEST",
                          absl::StrCat("the request is no ", method_->input_type()->full_name()));
    }
    return message;
  }
  Answer Render(const Message& response, bool /*shared*/) override {
    return {.bytes = response.SerializeAsString()};
  }
  absl::StatusOr<Answer> RenderBytes(std::string response, bool /*shared*/) override {
    return Answer{.bytes = std::move(response)};
  }
  void Finish(absl::StatusOr<AnswerPtr> answer) override { done_(std::move(answer)); }

 private:
  const MethodDescriptor* const method_;
  const std::string request_;
  const std::function<void(absl::StatusOr<AnswerPtr>)> done_;
};

}  // namespace

std::shared_ptr<Reading> ReadingOfBytes(const MethodDescriptor* method, std::string request,
                                        std::function<void(absl::StatusOr<AnswerPtr>)> done) {
  return std::make_shared<Bytes>(method, std::move(request), std::move(done));
}

std::string KeyOfBytes(const MethodDescriptor* method, absl::string_view request) {
  // No target of HTTP begins like this.
  return absl::StrCat("rpc ", method->full_name(), " ", request);
}

}  // namespace mostove::rpc
