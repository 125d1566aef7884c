#include "services/gateway/merge_patch.h"

#include <utility>

#include "absl/strings/match.h"
#include "google/protobuf/field_mask.pb.h"
#include "libs/resource/fields.h"
#include "libs/transcoding/json_table.h"
#include "simdjson.h"

namespace mostove::gateway {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::FieldMask;
using google::protobuf::Message;
using transcoding::JsonTable;
using transcoding::Route;

// The field of an update's mask; null where it has none or it is set.
const FieldDescriptor* UnsetMask(const Route& route, const Message& request) {
  if (route.http_method != "PATCH" || route.body_field == nullptr) return nullptr;
  const FieldDescriptor* mask = request.GetDescriptor()->FindFieldByName("update_mask");
  const bool fits = mask != nullptr && mask->message_type() == FieldMask::descriptor() &&
                    !mask->is_repeated() && !request.GetReflection()->HasField(request, mask);
  return fits ? mask : nullptr;
}

}  // namespace

void MaskNulls(const Route& route, absl::string_view body, Message& request) {
  if (!absl::StrContains(body, "null")) return;
  const FieldDescriptor* mask = UnsetMask(route, request);
  if (mask == nullptr) return;
  simdjson::dom::parser parser;
  simdjson::dom::object members;
  const auto parsed = parser.parse(body.data(), body.size()).get_object().get(members);
  if (parsed != simdjson::SUCCESS) return;
  const JsonTable& table = transcoding::TableOf(route.body_field->message_type());
  FieldMask paths;
  bool has_null = false;
  for (const auto [name, value] : members) {
    const auto found = table.by_name.find(absl::string_view(name.data(), name.size()));
    if (found == table.by_name.end()) return;
    const FieldDescriptor* field = table.fields[found->second].descriptor;
    has_null = has_null || value.is_null();
    if (!resource::IsSystemField(field) && field->name() != "etag") paths.add_paths(field->name());
  }
  if (!has_null || paths.paths().empty()) return;
  *static_cast<FieldMask*>(request.GetReflection()->MutableMessage(&request, mask)) =
      std::move(paths);
}

}  // namespace mostove::gateway
