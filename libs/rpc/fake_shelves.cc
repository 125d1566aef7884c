#include "libs/rpc/fake_shelves.h"

#include <cstdlib>
#include <utility>

namespace mostove::rpc {
namespace {

using google::protobuf::MethodDescriptor;

const google::protobuf::ServiceDescriptor& Descriptor() {
  testing::v1::EchoRequest::descriptor();  // keeps the linker from dropping the file
  return *google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      FakeShelves::kService);
}

}  // namespace

class ShelfFeed::Stream : public call::MessageStream {
 public:
  explicit Stream(std::shared_ptr<ShelfFeed> feed) : feed_(std::move(feed)) {}
  ~Stream() override {
    std::lock_guard lock(feed_->mutex_);
    --feed_->open_;
    feed_->wake_ = nullptr;
  }
  absl::StatusOr<call::MessagePtr> Next(const std::function<void()>& wake) override {
    return feed_->Next(wake);
  }

 private:
  std::shared_ptr<ShelfFeed> feed_;
};

void ShelfFeed::Push(testing::v1::Shelf shelf) {
  {
    std::lock_guard lock(mutex_);
    shelves_.push_back(std::move(shelf));
  }
  Wake();
}

void ShelfFeed::End(absl::Status status) {
  {
    std::lock_guard lock(mutex_);
    end_ = std::move(status);
  }
  Wake();
}

void ShelfFeed::Wake() {
  std::function<void()> wake;
  {
    std::lock_guard lock(mutex_);
    wake = std::exchange(wake_, nullptr);
  }
  if (wake) wake();
}

std::unique_ptr<call::MessageStream> ShelfFeed::Open() {
  std::lock_guard lock(mutex_);
  ++open_;
  return std::make_unique<Stream>(shared_from_this());
}

int ShelfFeed::open() const {
  std::lock_guard lock(mutex_);
  return open_;
}

int ShelfFeed::waiting() const {
  std::lock_guard lock(mutex_);
  return static_cast<int>(shelves_.size());
}

absl::StatusOr<call::MessagePtr> ShelfFeed::Next(const std::function<void()>& wake) {
  std::lock_guard lock(mutex_);
  if (!shelves_.empty()) {
    auto shelf = std::make_unique<testing::v1::Shelf>(std::move(shelves_.front()));
    shelves_.pop_front();
    return shelf;
  }
  if (end_.has_value()) return *end_;
  wake_ = wake;
  return nullptr;
}

std::vector<call::UnaryMethod> FakeShelves::Unary() const {
  std::vector<call::UnaryMethod> methods;
  for (int i = 0; i < Descriptor().method_count(); ++i) {
    const MethodDescriptor& method = *Descriptor().method(i);
    if (method.server_streaming()) continue;
    const auto set = functions_.find(method.name());
    call::UnaryFunction function = set != functions_.end()
                                       ? set->second
                                       : [](const call::Call&, const google::protobuf::Message&)
        -> absl::StatusOr<call::MessagePtr> { return absl::UnimplementedError("not set"); };
    methods.push_back({method.name(), method.input_type(), method.output_type(), function});
  }
  return methods;
}

std::vector<call::StreamMethod> FakeShelves::Streams() const {
  return {{"WatchShelves", testing::v1::WatchShelvesRequest::descriptor(),
           testing::v1::Shelf::descriptor(),
           [feed = feed_](const call::Call&, const google::protobuf::Message&)
               -> absl::StatusOr<std::unique_ptr<call::MessageStream>> { return feed->Open(); }}};
}

std::unique_ptr<const ServiceTable> FakeShelves::Bind(TableOptions options) const {
  auto table = ServiceTable::Bind(kService, Unary(), Streams(), options);
  if (!table.ok()) std::abort();
  return *std::move(table);
}

}  // namespace mostove::rpc
