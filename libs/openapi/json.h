// A JSON document that is put together member by member.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace mostove::openapi {

// A value. Members of objects stay in the order in which they were first set, so that the same
// steps make the same bytes.
class Json {
 public:
  Json() = default;  // null
  // NOLINTBEGIN(google-explicit-constructor): a document reads as its values.
  Json(const char* text) : Json(absl::string_view(text)) {}
  Json(const std::string& text) : Json(absl::string_view(text)) {}
  Json(absl::string_view text) : kind_(Kind::kText), text_(text) {}
  Json(bool value) : kind_(Kind::kLiteral), text_(value ? "true" : "false") {}
  Json(int value) : Json(int64_t{value}) {}
  Json(uint32_t value) : Json(int64_t{value}) {}
  Json(int64_t value);
  Json(double value);  // finite
  // NOLINTEND(google-explicit-constructor)

  static Json Object(std::initializer_list<std::pair<absl::string_view, Json>> members = {});
  static Json Array(std::initializer_list<Json> items = {});
  // A whole value that is JSON already.
  static Json Verbatim(absl::string_view json);

  // Of an object. Setting a member again replaces its value.
  Json& Set(absl::string_view name, Json value);
  // The member, made as an empty object where there is none.
  Json& Member(absl::string_view name);
  bool Has(absl::string_view name) const;
  void Remove(absl::string_view name);
  // Of an array.
  Json& Add(Json item);

  bool IsVerbatim() const { return kind_ == Kind::kLiteral && text_ != "null"; }
  // Of objects and arrays.
  bool empty() const { return items_.empty(); }
  size_t size() const { return items_.size(); }

  // Appends compact JSON.
  void Write(std::string& out) const;

 private:
  enum class Kind { kLiteral, kText, kArray, kObject };

  Kind kind_ = Kind::kLiteral;
  std::string text_ = "null";
  std::vector<std::string> names_;  // of an object
  std::vector<Json> items_;
};

}  // namespace mostove::openapi
