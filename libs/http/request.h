// One request as the handler sees it.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace mostove::http {

// The methods that we serve; others are refused with 405.
enum class Method { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions };

struct Field {
  absl::string_view name;
  absl::string_view value;
};

// Header fields in the order of arrival. Names compare without case.
class Headers {
 public:
  // The first of that name; null if there is none.
  const absl::string_view* Find(absl::string_view name) const {
    for (const Field& field : fields_) {
      if (absl::EqualsIgnoreCase(field.name, name)) return &field.value;
    }
    return nullptr;
  }
  // Its value, or "".
  absl::string_view Get(absl::string_view name) const {
    const absl::string_view* value = Find(name);
    return value == nullptr ? absl::string_view() : *value;
  }
  size_t Count(absl::string_view name) const {
    size_t count = 0;
    for (const Field& field : fields_) count += absl::EqualsIgnoreCase(field.name, name);
    return count;
  }
  const std::vector<Field>& fields() const { return fields_; }

  void Add(Field field) { fields_.push_back(field); }
  void Clear() { fields_.clear(); }

 private:
  std::vector<Field> fields_;
};

// Valid until the handler returns; copy what is needed later.
struct Request {
  Method method = Method::kGet;
  absl::string_view method_name;  // "GET"
  absl::string_view
      target;  // "/v1/organizations?pageSize=5": printable ASCII, begins with '/', or is "*"
  absl::string_view path;   // "/v1/organizations", still percent-encoded
  absl::string_view query;  // "pageSize=5"
  Headers headers;
  absl::string_view body;
  absl::string_view remote_address;  // "127.0.0.1"
  // Set when the peer has gone away. May be kept.
  std::shared_ptr<const std::atomic<bool>> cancelled;
};

}  // namespace mostove::http
