#include "services/dashboard/questions.h"

#include <utility>

#include "libs/status/status.h"

namespace mostove::dashboard {

void Questions::Begin(const std::string& method, std::string request, Take take) {
  const google::protobuf::MethodDescriptor* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(method);
  for (rpc::Invoker* invoker : invokers_) {
    for (const auto* service : invoker->services()) {
      if (descriptor == nullptr || service != descriptor->service()) continue;
      ++open_;
      const std::string key = rpc::KeyOfBytes(descriptor, request);
      invoker->Read(descriptor, call_, key,
                    rpc::ReadingOfBytes(descriptor, std::move(request),
                                        [self = shared_from_this(), take = std::move(take)](
                                            const absl::StatusOr<answers::AnswerPtr>& answer) {
                                          if (answer.ok()) {
                                            take(absl::OkStatus(), (*answer)->bytes);
                                          } else {
                                            take(answer.status(), "");
                                          }
                                          self->End();
                                        }));
      return;
    }
  }
  take(absl::UnimplementedError("no service answers this"), "");
}

void Questions::Then(std::function<void()> done) {
  done_ = std::move(done);
  End();
}

void Questions::End() {
  if (--open_ == 0) std::exchange(done_, nullptr)();
}

}  // namespace mostove::dashboard
