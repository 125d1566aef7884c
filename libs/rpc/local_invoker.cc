#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/answers/basis.h"
#include "libs/rpc/invoker.h"
#include "libs/rpc/local_stream.h"
#include "libs/rpc/request_id.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::rpc {
namespace {

using answers::AnswerPtr;
using answers::Answers;
using google::protobuf::MethodDescriptor;

// Others who ask the same have a reader of their own.
bool OfItsReaderAlone(const absl::Status& error) {
  return absl::IsCancelled(error) || absl::IsDeadlineExceeded(error);
}

class LocalInvoker : public Invoker {
 public:
  LocalInvoker(std::vector<const ServiceTable*> tables, WorkerPool* pool, Answers* answers,
               StreamWatch* watch)
      : tables_(std::move(tables)), pool_(pool), answers_(answers), watch_(watch) {
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
    const Entry found = entry->second;
    Start<call::MessagePtr>(found, std::move(call), std::move(request), std::move(done),
                            [found](call::Call admitted, call::MessagePtr message) {
                              return found.table->Run(*found.method, std::move(admitted),
                                                      std::move(message));
                            });
  }

  void Read(const MethodDescriptor* descriptor, call::Call call, absl::string_view key,
            std::shared_ptr<Reading> reading) override {
    const auto entry = entries_.find(descriptor);
    if (entry == entries_.end() || descriptor->server_streaming()) {
      return reading->Finish(Unknown(descriptor));
    }
    if (answers_ == nullptr || !entry->second.method->keepable || !call.min_position.empty()) {
      absl::StatusOr<call::MessagePtr> request = reading->MakeRequest();
      if (!request.ok()) return reading->Finish(request.status());
      return ReadAlone(entry->second, std::move(call), *std::move(request), std::move(reading));
    }
    std::string whole = call::VisibilityOf(call.caller);
    whole.push_back('\0');
    whole.append(key.data(), key.size());
    if (AnswerPtr kept = answers_->Find(whole, absl::Now())) {
      return GiveKept(entry->second, std::move(call), std::move(kept), *reading);
    }
    absl::StatusOr<call::MessagePtr> request = reading->MakeRequest();
    if (!request.ok()) return reading->Finish(request.status());
    const auto wanted = std::make_shared<Wanted>(Wanted{
        entry->second, std::move(call), std::move(whole), *std::move(request), std::move(reading)});
    const bool leads = answers_->Lead(
        wanted->key, absl::Now(), [this, wanted](Answers::Turn turn, AnswerPtr answer) {
          switch (turn) {
            case Answers::Turn::kAnswered:
              return GiveKept(wanted->entry, std::move(wanted->call), std::move(answer),
                              *wanted->reading);
            case Answers::Turn::kLead:
              return Lead(wanted);
            case Answers::Turn::kAlone:
              return ReadAlone(wanted->entry, std::move(wanted->call), std::move(wanted->request),
                               wanted->reading);
          }
        });
    if (leads) Lead(wanted);
  }

  std::shared_ptr<Stream> Open(const MethodDescriptor* descriptor, call::Call call,
                               call::MessagePtr request) override {
    const auto entry = entries_.find(descriptor);
    if (entry == entries_.end() || !descriptor->server_streaming()) {
      return FailedStream(Unknown(descriptor));
    }
    const auto [table, method] = entry->second;
    return MakeLocalStream(*table, *method, std::move(call), std::move(request), pool_, watch_);
  }

 private:
  struct Entry {
    const ServiceTable* table;
    const Method* method;
  };
  // A read that found no answer.
  struct Wanted {
    Entry entry;
    call::Call call;
    std::string key;
    call::MessagePtr request;
    std::shared_ptr<Reading> reading;
  };
  // What waits in the queue; std::function wants it copyable.
  template <class Answer>
  struct Waiting {
    call::Call call;
    call::MessagePtr request;
    std::function<void(absl::StatusOr<Answer>)> done;
  };
  using ResponseDone = std::function<void(absl::StatusOr<call::Response>)>;

  static absl::Status Unknown(const MethodDescriptor* method) {
    return status::Make(absl::StatusCode::kUnimplemented, "METHOD_UNKNOWN",
                        absl::StrCat(method->full_name(), " cannot be called here"));
  }

  static void GiveKept(const Entry& entry, call::Call call, AnswerPtr kept, Reading& reading) {
    const absl::Status admitted = entry.table->RunKept(*entry.method, std::move(call), kept->shown);
    if (!admitted.ok()) return reading.Finish(admitted);
    reading.Finish(std::move(kept));
  }

  static absl::StatusOr<AnswerPtr> Render(Reading& reading, absl::StatusOr<call::Response> response,
                                          bool shared) {
    if (!response.ok()) return response.status();
    auto answer = std::make_shared<answers::Answer>();
    if (response->message != nullptr) {
      *answer = reading.Render(*response->message, shared);
    } else {
      ASSIGN_OR_RETURN(*answer, reading.RenderBytes(std::move(response->bytes), shared));
    }
    answer->shown = std::move(response->shown);
    return answer;
  }

  void ReadAlone(const Entry& entry, call::Call call, call::MessagePtr request,
                 std::shared_ptr<Reading> reading) {
    StartForBytes(entry, std::move(call), std::move(request),
                  [reading = std::move(reading)](absl::StatusOr<call::Response> response) {
                    reading->Finish(Render(*reading, std::move(response), /*shared=*/false));
                  });
  }

  // Reads for all who wait for the key.
  void Lead(const std::shared_ptr<Wanted>& wanted) {
    auto basis = std::make_shared<answers::Basis>();
    call::Call call = std::move(wanted->call);
    call.basis = basis;
    StartForBytes(wanted->entry, std::move(call), std::move(wanted->request),
                  [this, wanted, basis](absl::StatusOr<call::Response> response) {
                    absl::StatusOr<AnswerPtr> answer =
                        Render(*wanted->reading, std::move(response), /*shared=*/true);
                    answers_->Finish(wanted->key, answer.ok() ? *answer : nullptr, *basis,
                                     absl::Now(), OfItsReaderAlone(answer.status()));
                    wanted->reading->Finish(std::move(answer));
                  });
  }

  void StartForBytes(const Entry& entry, call::Call call, call::MessagePtr request,
                     ResponseDone done) {
    Start<call::Response>(entry, std::move(call), std::move(request), std::move(done),
                          [entry](call::Call admitted, call::MessagePtr message) {
                            return entry.table->RunForBytes(*entry.method, std::move(admitted),
                                                            std::move(message));
                          });
  }

  // Here and now for a method that is inline, else on the pool.
  template <class Answer, class Run>
  void Start(const Entry& entry, call::Call call, call::MessagePtr request,
             std::function<void(absl::StatusOr<Answer>)> done, Run run) {
    if (entry.method->runs_inline) return done(run(std::move(call), std::move(request)));
    call.request_id = RequestIdOrNew(call.request_id);
    auto waiting = std::make_shared<Waiting<Answer>>(
        Waiting<Answer>{std::move(call), std::move(request), std::move(done)});
    const bool queued = pool_->TryRun([waiting, run = std::move(run)] {
      waiting->done(run(std::move(waiting->call), std::move(waiting->request)));
    });
    if (queued) return;
    const absl::Status refusal =
        status::Unavailable("QUEUE_FULL", "the system is busy; try again", absl::Seconds(1));
    entry.table->CountRefusal(*entry.method, waiting->call.request_id, refusal);
    waiting->done(refusal);
  }

  const std::vector<const ServiceTable*> tables_;
  WorkerPool* const pool_;
  Answers* const answers_;
  StreamWatch* const watch_;
  absl::flat_hash_map<const MethodDescriptor*, Entry> entries_;
};

}  // namespace

std::unique_ptr<Invoker> MakeLocalInvoker(std::vector<const ServiceTable*> tables, WorkerPool* pool,
                                          answers::Answers* answers, StreamWatch* watch) {
  return std::make_unique<LocalInvoker>(std::move(tables), pool, answers, watch);
}

}  // namespace mostove::rpc
