#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "libs/rpc/invoker.h"
#include "libs/rpc/local_stream.h"
#include "libs/rpc/request_id.h"
#include "libs/status/status.h"

namespace mostove::rpc {
namespace {

using google::protobuf::MethodDescriptor;

class LocalInvoker : public Invoker {
 public:
  LocalInvoker(std::vector<const ServiceTable*> tables, WorkerPool* pool)
      : tables_(std::move(tables)), pool_(pool) {
    for (const ServiceTable* table : tables_) {
      for (const Method& method : table->methods()) entries_[method.descriptor] = {table, &method};
    }
  }

  std::vector<const google::protobuf::ServiceDescriptor*> services() const override {
    std::vector<const google::protobuf::ServiceDescriptor*> services;
    for (const ServiceTable* table : tables_) services.push_back(table->descriptor());
    return services;
  }

  void Invoke(const MethodDescriptor* descriptor, call::Call call, call::MessagePtr request,
              Done done) override {
    const auto entry = entries_.find(descriptor);
    if (entry == entries_.end() || descriptor->server_streaming()) return done(Unknown(descriptor));
    const auto [table, method] = entry->second;
    if (method->runs_inline) {
      done(table->Run(*method, std::move(call), std::move(request)));
      return;
    }
    Enqueue(*table, *method, std::move(call), std::move(request), std::move(done));
  }

  std::shared_ptr<Stream> Open(const MethodDescriptor* descriptor, call::Call call,
                               call::MessagePtr request) override {
    const auto entry = entries_.find(descriptor);
    if (entry == entries_.end() || !descriptor->server_streaming()) {
      return FailedStream(Unknown(descriptor));
    }
    const auto [table, method] = entry->second;
    return MakeLocalStream(*table, *method, std::move(call), std::move(request), pool_);
  }

 private:
  struct Entry {
    const ServiceTable* table;
    const Method* method;
  };
  // What waits in the queue; std::function wants it copyable.
  struct Waiting {
    call::Call call;
    call::MessagePtr request;
    Done done;
  };

  static absl::Status Unknown(const MethodDescriptor* method) {
    return status::Make(absl::StatusCode::kUnimplemented, "METHOD_UNKNOWN",
                        absl::StrCat(method->full_name(), " cannot be called here"));
  }

  void Enqueue(const ServiceTable& table, const Method& method, call::Call call,
               call::MessagePtr request, Done done) {
    call.request_id = RequestIdOrNew(call.request_id);
    auto waiting =
        std::make_shared<Waiting>(Waiting{std::move(call), std::move(request), std::move(done)});
    const bool queued = pool_->TryRun([&table, &method, waiting] {
      waiting->done(table.Run(method, std::move(waiting->call), std::move(waiting->request)));
    });
    if (queued) return;
    const absl::Status refusal =
        status::Unavailable("QUEUE_FULL", "the system is busy; try again", absl::Seconds(1));
    table.CountRefusal(method, waiting->call.request_id, refusal);
    waiting->done(refusal);
  }

  const std::vector<const ServiceTable*> tables_;
  WorkerPool* const pool_;
  absl::flat_hash_map<const MethodDescriptor*, Entry> entries_;
};

}  // namespace

std::unique_ptr<Invoker> MakeLocalInvoker(std::vector<const ServiceTable*> tables,
                                          WorkerPool* pool) {
  return std::make_unique<LocalInvoker>(std::move(tables), pool);
}

}  // namespace mostove::rpc
