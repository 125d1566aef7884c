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

void Invoker::Read(const google::protobuf::MethodDescriptor* method, call::Call call,
                   absl::string_view /*key*/, std::shared_ptr<Reading> reading) {
  absl::StatusOr<call::MessagePtr> request = reading->MakeRequest();
  if (!request.ok()) return reading->Finish(request.status());
  Invoke(method, std::move(call), *std::move(request),
         [reading = std::move(reading)](const absl::StatusOr<call::MessagePtr>& response) {
           if (!response.ok()) return reading->Finish(response.status());
           reading->Finish(
               std::make_shared<const answers::Answer>(reading->Render(**response, false)));
         });
}

}  // namespace mostove::rpc
