#include "libs/openapi/json.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "google/protobuf/wrappers.pb.h"
#include "libs/transcoding/json_writer.h"

namespace mostove::openapi {
namespace {

void AppendText(absl::string_view text, std::string& out) {
  google::protobuf::StringValue value;
  value.set_value(std::string(text));
  transcoding::WriteJson(value, out);
}

}  // namespace

Json::Json(int64_t value) : text_(absl::StrCat(value)) {}

Json::Json(double value) : text_(absl::StrCat(value)) {}

Json Json::Object(std::initializer_list<std::pair<absl::string_view, Json>> members) {
  Json object;
  object.kind_ = Kind::kObject;
  for (const auto& [name, value] : members) object.Set(name, value);
  return object;
}

Json Json::Array(std::initializer_list<Json> items) {
  Json array;
  array.kind_ = Kind::kArray;
  array.items_ = items;
  return array;
}

Json Json::Verbatim(absl::string_view json) {
  Json value;
  value.text_ = std::string(json);
  return value;
}

Json& Json::Set(absl::string_view name, Json value) {
  Member(name) = std::move(value);
  return *this;
}

Json& Json::Member(absl::string_view name) {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found != names_.end()) return items_[found - names_.begin()];
  names_.emplace_back(name);
  return items_.emplace_back(Object());
}

bool Json::Has(absl::string_view name) const {
  return std::find(names_.begin(), names_.end(), name) != names_.end();
}

void Json::Remove(absl::string_view name) {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) return;
  items_.erase(items_.begin() + (found - names_.begin()));
  names_.erase(found);
}

Json& Json::Add(Json item) {
  items_.push_back(std::move(item));
  return *this;
}

void Json::Write(std::string& out) const {
  switch (kind_) {
    case Kind::kLiteral:
      out += text_;
      return;
    case Kind::kText:
      return AppendText(text_, out);
    case Kind::kArray:
    case Kind::kObject:
      break;
  }
  const bool object = kind_ == Kind::kObject;
  out += object ? '{' : '[';
  for (size_t i = 0; i < items_.size(); ++i) {
    if (i > 0) out += ',';
    if (object) {
      AppendText(names_[i], out);
      out += ':';
    }
    items_[i].Write(out);
  }
  out += object ? '}' : ']';
}

}  // namespace mostove::openapi
