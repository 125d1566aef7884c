#include "libs/rpc/service_table.h"

#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/resource/visibility.h"
#include "libs/rpc/access.h"
#include "libs/rpc/call_record.h"
#include "libs/rpc/idempotency_key.h"
#include "libs/rpc/request_id.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::rpc {
namespace {

using call::Call;
using call::MessagePtr;
using call::MessageStream;
using google::protobuf::Message;

absl::Status CheckStillWanted(const Call& call) {
  if (call.cancelled != nullptr && call.cancelled->load(std::memory_order_relaxed)) {
    return status::Make(absl::StatusCode::kCancelled, "CANCELLED", "the caller went away");
  }
  if (call.Expired()) {
    return status::Make(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                        "the deadline passed before the call was run");
  }
  return absl::OkStatus();
}

// Everything between the arrival of a request and its function.
absl::Status Admit(const Method& method, const TableOptions& options, Call& call,
                   Message& request) {
  if (request.GetDescriptor() != method.descriptor->input_type()) {
    return status::Internal(
        absl::StrCat(method.full_name, " was given a ", request.GetDescriptor()->full_name()));
  }
  RETURN_IF_ERROR(TakeIdempotencyKey(method, call, request));
  RETURN_IF_ERROR(CheckStillWanted(call));
  RETURN_IF_ERROR(Permit(method.permission, call.caller));
  if (options.aliases != nullptr && !options.aliases->empty()) {
    options.aliases->Widen(call.caller.organizations);
    options.aliases->Widen(call.caller.acts_for);
  }
  resource::Normalize(request);
  status::Violations violations;
  const bool later = method.has_update_mask || method.is_create;
  resource::Validate(request, {.checks = options.checks, .skip_resources = later}, "", violations);
  if (violations.empty()) return absl::OkStatus();
  if (!method.is_create) return violations.ToStatus();
  // It will not come to the store: tell here what is wrong with the resources.
  status::Violations all;
  resource::Validate(request, {.checks = options.checks}, "", all);
  return all.ToStatus();
}

// Exceptions end here; the result's error says what they said.
template <class Function>
auto Guarded(const Method& method, const Function& function) -> decltype(function()) {
  try {
    return function();
  } catch (const std::exception& e) {
    return status::Internal(absl::StrCat(method.full_name, " threw: ", e.what()));
  } catch (...) {
    return status::Internal(absl::StrCat(method.full_name, " threw something unknown"));
  }
}

absl::Status ForgotAnAnswer(const Method& method) {
  return status::Internal(absl::StrCat(method.full_name, " answered with nothing"));
}

// Runs the function, and strips what the caller may not see.
absl::StatusOr<MessagePtr> Answered(const Method& method, const Call& call,
                                    const Message& request) {
  ASSIGN_OR_RETURN(MessagePtr answer, method.unary(call, request));
  if (answer == nullptr) return ForgotAnAnswer(method);
  resource::Redact(call.caller, *answer);
  return answer;
}

// Strips what passes, and counts the call when it has ended.
class TableStream : public MessageStream {
 public:
  TableStream(const Method& method, call::Caller caller, CallRecord record,
              std::unique_ptr<MessageStream> stream)
      : method_(method),
        caller_(std::move(caller)),
        record_(std::move(record)),
        stream_(std::move(stream)) {}

  ~TableStream() override {
    if (!ended_) record_.Finish(absl::CancelledError());
  }

  absl::StatusOr<MessagePtr> Next(const std::function<void()>& wake) override {
    auto message = Guarded(method_, [&]() -> absl::StatusOr<MessagePtr> {
      auto next = stream_->Next(wake);
      if (next.ok() && *next != nullptr) resource::Redact(caller_, **next);
      return next;
    });
    if (!message.ok() && !std::exchange(ended_, true)) {
      record_.Finish(absl::IsOutOfRange(message.status()) ? absl::OkStatus() : message.status());
    }
    return message;
  }

 private:
  const Method& method_;
  const call::Caller caller_;
  CallRecord record_;
  std::unique_ptr<MessageStream> stream_;
  bool ended_ = false;
};

}  // namespace

const Method* ServiceTable::Find(absl::string_view method_name) const {
  const auto found = index_.find(method_name);
  return found == index_.end() ? nullptr : &methods_[found->second];
}

template <class Answer, class Function>
absl::StatusOr<Answer> ServiceTable::RunAs(const Method& method, Call call, MessagePtr request,
                                           const Function& function) const {
  call.method = method.full_name;
  call.roles = method.permission.roles;
  call.request_id = RequestIdOrNew(call.request_id);
  if (!method.keepable) call.basis = nullptr;
  CallRecord record(method, call, options_.metrics);
  auto response = Guarded(method, [&]() -> absl::StatusOr<Answer> {
    RETURN_IF_ERROR(Admit(method, options_, call, *request));
    return function(call, *request);
  });
  RecordRefusal(options_.access, method, call, response.status());
  record.Finish(response.status());
  return response;
}

absl::StatusOr<MessagePtr> ServiceTable::Run(const Method& method, Call call,
                                             MessagePtr request) const {
  return RunAs<MessagePtr>(
      method, std::move(call), std::move(request),
      [&](const Call& admitted, const Message& message) -> absl::StatusOr<MessagePtr> {
        ASSIGN_OR_RETURN(MessagePtr answer, Answered(method, admitted, message));
        RETURN_IF_ERROR(RecordShown(options_.access, method, admitted,
                                    ShownBy(method, admitted, message, *answer)));
        return answer;
      });
}

absl::StatusOr<call::Response> ServiceTable::RunForBytes(const Method& method, Call call,
                                                         MessagePtr request) const {
  return RunAs<call::Response>(
      method, std::move(call), std::move(request),
      [&](const Call& admitted, const Message& message) -> absl::StatusOr<call::Response> {
        call::Response response;
        if (method.bytes && admitted.caller.administrator) {
          ASSIGN_OR_RETURN(response.bytes, method.bytes(admitted, message));
          response.shown = ShownBy(method, admitted, response.bytes);
        } else {
          ASSIGN_OR_RETURN(response.message, Answered(method, admitted, message));
          response.shown = ShownBy(method, admitted, message, *response.message);
        }
        RETURN_IF_ERROR(RecordShown(options_.access, method, admitted, response.shown));
        return response;
      });
}

absl::Status ServiceTable::RunKept(const Method& method, Call call,
                                   const call::ShownList& shown) const {
  call.request_id = RequestIdOrNew(call.request_id);
  const CallRecord record(method, call, options_.metrics);
  absl::Status admitted = CheckStillWanted(call);
  admitted.Update(Permit(method.permission, call.caller));
  if (admitted.ok()) admitted = RecordShown(options_.access, method, call, shown);
  RecordRefusal(options_.access, method, call, admitted);
  record.Finish(admitted);
  return admitted;
}

absl::StatusOr<std::unique_ptr<MessageStream>> ServiceTable::Open(const Method& method, Call call,
                                                                  MessagePtr request) const {
  call.method = method.full_name;
  call.roles = method.permission.roles;
  call.request_id = RequestIdOrNew(call.request_id);
  CallRecord record(method, call, options_.metrics);
  auto stream = Guarded(method, [&]() -> absl::StatusOr<std::unique_ptr<MessageStream>> {
    RETURN_IF_ERROR(Admit(method, options_, call, *request));
    ASSIGN_OR_RETURN(auto opened, method.stream(call, *request));
    if (opened == nullptr) return ForgotAnAnswer(method);
    return opened;
  });
  if (!stream.ok()) {
    RecordRefusal(options_.access, method, call, stream.status());
    record.Finish(stream.status());
    return stream;
  }
  return std::make_unique<TableStream>(method, std::move(call.caller), std::move(record),
                                       *std::move(stream));
}

void ServiceTable::CountRefusal(const Method& method, absl::string_view request_id,
                                const absl::Status& status) const {
  Call call;
  call.request_id = RequestIdOrNew(request_id);
  CallRecord(method, call, options_.metrics).Finish(status);
}

}  // namespace mostove::rpc
