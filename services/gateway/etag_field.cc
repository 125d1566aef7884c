#include "services/gateway/etag_field.h"

#include <string>

#include "absl/strings/match.h"
#include "libs/status/status.h"

namespace mostove::gateway {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

absl::Status Refused(absl::string_view message) {
  return status::Make(absl::StatusCode::kInvalidArgument, "BAD_IF_MATCH", message);
}

std::string Bare(absl::string_view etag) {
  if (absl::StartsWith(etag, "W/")) etag.remove_prefix(2);
  return QuotedTag(etag);
}

}  // namespace

const FieldDescriptor* FindTextField(const google::protobuf::Descriptor& message,
                                     const char* name) {
  const FieldDescriptor* field = message.FindFieldByName(name);
  const bool text =
      field != nullptr && field->type() == FieldDescriptor::TYPE_STRING && !field->is_repeated();
  return text ? field : nullptr;
}

RequestEtag::RequestEtag(const transcoding::Route& route) {
  const google::protobuf::Descriptor& request = *route.method->input_type();
  etag_ = FindTextField(request, "etag");
  const bool has_resource = etag_ == nullptr && route.body_field != nullptr &&
                            route.body_field->message_type() != nullptr;
  if (has_resource) {
    resource_ = route.body_field;
    etag_ = FindTextField(*resource_->message_type(), "etag");
  }
  const FieldDescriptor* allow_missing = request.FindFieldByName("allow_missing");
  if (allow_missing != nullptr && allow_missing->type() == FieldDescriptor::TYPE_BOOL)
    allow_missing_ = allow_missing;
}

absl::Status RequestEtag::Set(const IfMatch& if_match, Message& request) const {
  if (if_match.kind == IfMatch::Kind::kAbsent) return absl::OkStatus();
  if (etag_ == nullptr) return Refused("If-Match has no meaning for this method");
  if (if_match.kind == IfMatch::Kind::kAny) {
    if (allow_missing_ != nullptr && request.GetReflection()->GetBool(request, allow_missing_)) {
      return Refused("If-Match: * asks that the resource exists, allowMissing that it need not");
    }
    return absl::OkStatus();
  }
  Message* holder = resource_ == nullptr
                        ? &request
                        : request.GetReflection()->MutableMessage(&request, resource_);
  const google::protobuf::Reflection& reflection = *holder->GetReflection();
  const std::string given = reflection.GetString(*holder, etag_);
  if (!given.empty() && Bare(given) != if_match.tag) {
    return Refused("If-Match and the etag in the body name different revisions; leave one out");
  }
  reflection.SetString(holder, etag_, if_match.tag);
  return absl::OkStatus();
}

}  // namespace mostove::gateway
