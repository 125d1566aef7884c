#include "libs/rpc/invoker.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/status/status.h"

namespace mostove::rpc {
namespace {

class Failed : public Stream {
 public:
  explicit Failed(absl::Status error) : error_(std::move(error)) {}
  void Pull(Done done) override { done(error_); }
  void Cancel() override {}

 private:
  const absl::Status error_;
};

}  // namespace

std::shared_ptr<Stream> FailedStream(absl::Status error) {
  return std::make_shared<Failed>(std::move(error));
}

std::shared_ptr<Stream> Invoker::Open(const google::protobuf::MethodDescriptor* method,
                                      // NOLINTNEXTLINE(performance-unnecessary-value-param)
                                      call::Call /*call*/, call::MessagePtr /*request*/) {
  return FailedStream(status::Make(absl::StatusCode::kUnimplemented, "METHOD_UNKNOWN",
                                   absl::StrCat(method->full_name(), " cannot be called here")));
}

}  // namespace mostove::rpc
