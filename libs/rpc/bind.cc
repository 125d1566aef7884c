// Makes a service table and finds what is wrong with it.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/api/annotations.pb.h"
#include "libs/rpc/service_table.h"
#include "libs/status/status.h"

namespace mostove::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

// A method's function, of either kind.
struct Row {
  std::string name;
  const google::protobuf::Descriptor* request;
  const google::protobuf::Descriptor* response;
  call::UnaryFunction unary;
  call::StreamFunction stream;
  bool keepable = false;
  call::BytesFunction bytes;
};

std::vector<Row> Rows(std::vector<call::UnaryMethod> unary,
                      std::vector<call::StreamMethod> streams) {
  std::vector<Row> rows;
  rows.reserve(unary.size() + streams.size());
  for (call::UnaryMethod& m : unary) {
    rows.push_back({std::move(m.name), m.request, m.response, std::move(m.run), nullptr, m.keepable,
                    std::move(m.bytes)});
  }
  for (call::StreamMethod& m : streams) {
    rows.push_back({std::move(m.name), m.request, m.response, nullptr, std::move(m.run)});
  }
  return rows;
}

void CheckType(const char* what, const google::protobuf::Descriptor* given,
               const google::protobuf::Descriptor* expected, const std::string& method,
               std::vector<std::string>& faults) {
  if (given == expected) return;
  faults.push_back(absl::StrCat(method, "'s ", what, " is ", expected->full_name(), ", not ",
                                given == nullptr ? "nothing" : given->full_name()));
}

void CheckRow(const MethodDescriptor& method, const Row& row, std::vector<std::string>& faults) {
  CheckType("request", row.request, method.input_type(), method.name(), faults);
  CheckType("response", row.response, method.output_type(), method.name(), faults);
  if (method.client_streaming()) {
    faults.push_back(absl::StrCat(method.name(), " streams requests, which tables cannot"));
  } else if (method.server_streaming() && row.stream == nullptr) {
    faults.push_back(
        absl::StrCat(method.name(), " streams its responses and needs a stream function"));
  } else if (!method.server_streaming() && row.unary == nullptr) {
    faults.push_back(absl::StrCat(method.name(), " answers once and needs a unary function"));
  }
}

bool IsWrite(const MethodDescriptor& method) {
  const auto& options = method.options();
  return options.HasExtension(google::api::http) &&
         options.GetExtension(google::api::http).pattern_case() != google::api::HttpRule::kGet;
}

// Calls without a route are made by programs on somebody's behalf: what that one's
// token is good for, they are.
uint32_t ScopesOf(const MethodDescriptor& method) {
  const auto& options = method.options();
  if (IsWrite(method)) return call::kScopeWrite;
  if (options.HasExtension(google::api::http)) return call::kScopeRead;
  const bool reads =
      options.idempotency_level() == google::protobuf::MethodOptions::NO_SIDE_EFFECTS;
  return reads ? call::kScopeRead | call::kScopeWrite : call::kScopeWrite;
}

bool IsRepeatable(const MethodDescriptor& method) {
  const auto& options = method.options();
  const bool is_get =
      options.HasExtension(google::api::http) &&
      options.GetExtension(google::api::http).pattern_case() == google::api::HttpRule::kGet;
  return is_get ||
         options.idempotency_level() != google::protobuf::MethodOptions::IDEMPOTENCY_UNKNOWN;
}

const FieldDescriptor* RequestIdField(const MethodDescriptor& method) {
  const FieldDescriptor* field = method.input_type()->FindFieldByName("request_id");
  const bool is_text = field != nullptr && !field->is_repeated() &&
                       field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
  return is_text ? field : nullptr;
}

bool HasUpdateMask(const MethodDescriptor& method) {
  const FieldDescriptor* field = method.input_type()->FindFieldByName("update_mask");
  return field != nullptr && field->message_type() != nullptr &&
         field->message_type()->full_name() == "google.protobuf.FieldMask";
}

Method MakeMethod(const MethodDescriptor& descriptor, const TableOptions& options, Row row,
                  std::vector<std::string>& faults) {
  Method method = DescribeMethod(descriptor);
  method.unary = std::move(row.unary);
  method.stream = std::move(row.stream);
  method.bytes = std::move(row.bytes);
  if (!descriptor.options().HasExtension(resource::v1::permission) &&
      options.public_without_annotation) {
    method.permission = {.allow = resource::v1::PUBLIC,
                         .services = true,
                         .scopes = call::kScopeRead | call::kScopeWrite | call::kScopeFeeds};
    method.runs_inline = options.inline_without_annotation;
  }
  if (options.never_inline) method.runs_inline = false;
  const std::string fault = FaultOf(method.permission);
  if (!fault.empty()) faults.push_back(absl::StrCat(descriptor.name(), " ", fault));
  method.keepable = row.keepable && method.permission.allow != resource::v1::OWNER;
  return method;
}

}  // namespace

Method DescribeMethod(const MethodDescriptor& descriptor) {
  const auto& options = descriptor.options();
  Method method;
  method.descriptor = &descriptor;
  method.full_name = absl::StrCat(descriptor.service()->full_name(), "/", descriptor.name());
  method.request =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor.input_type());
  method.is_write = IsWrite(descriptor);
  method.is_repeatable = IsRepeatable(descriptor);
  method.request_id = RequestIdField(descriptor);
  method.has_update_mask = HasUpdateMask(descriptor);
  method.is_create = absl::StartsWith(descriptor.name(), "Create") ||
                     absl::StartsWith(descriptor.name(), "BatchCreate");
  if (options.HasExtension(resource::v1::permission)) {
    method.permission = MakePermission(options.GetExtension(resource::v1::permission));
    method.permission.scopes = ScopesOf(descriptor);
    method.runs_inline = options.GetExtension(resource::v1::inline_);
  }
  return method;
}

absl::StatusOr<std::unique_ptr<const ServiceTable>> ServiceTable::Bind(
    absl::string_view service, std::vector<call::UnaryMethod> unary,
    std::vector<call::StreamMethod> streams, TableOptions options) {
  std::unique_ptr<ServiceTable> table(new ServiceTable());
  table->options_ = options;
  table->descriptor_ =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(std::string(service));
  if (table->descriptor_ == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot bind ", service, ": no proto of this program has such a service"));
  }
  std::vector<Row> rows = Rows(std::move(unary), std::move(streams));
  std::vector<std::string> faults;
  for (int i = 0; i < table->descriptor_->method_count(); ++i) {
    const MethodDescriptor& method = *table->descriptor_->method(i);
    const auto row = std::find_if(rows.begin(), rows.end(),
                                  [&](const Row& r) { return r.name == method.name(); });
    if (row == rows.end()) {
      faults.push_back(absl::StrCat(method.name(), " has no function"));
      continue;
    }
    CheckRow(method, *row, faults);
    table->index_[method.name()] = static_cast<int>(table->methods_.size());
    table->methods_.push_back(MakeMethod(method, options, std::move(*row), faults));
    rows.erase(row);
  }
  for (const Row& row : rows) {
    faults.push_back(
        absl::StrCat("the function ", row.name,
                     table->Find(row.name) == nullptr ? " has no method" : " is bound twice"));
  }
  if (!faults.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot bind ", service, ": ", absl::StrJoin(faults, "; ")));
  }
  return std::unique_ptr<const ServiceTable>(std::move(table));
}

}  // namespace mostove::rpc
