// What the annotations of a message say, compiled once at start.
//
// A Type is made from a resource's descriptor and is immutable afterwards, so
// every thread may use it. Everything else in this library works from it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "mostove/resource/v1/annotations.pb.h"

namespace mostove::resource {

using v1::Audience;

// How a column's value is bound.
enum class ColumnKind {
  kText,       // string
  kInteger,    // integers
  kBool,       // BIGINT 0 or 1
  kEnum,       // BIGINT, the number
  kDouble,     // DOUBLE PRECISION
  kTimestamp,  // BIGINT, microseconds since 1970 UTC
  kDuration,   // BIGINT, microseconds
  kDate,       // BIGINT, yyyymmdd with zeros for what is not known
};

struct ColumnInfo {
  std::string path;    // "seat.country_code"
  std::string column;  // "seat_country_code"
  ColumnKind kind = ColumnKind::kText;
  // The fields from the resource down to the value. For a repeated column one
  // of them is repeated.
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  // Values stand in the table `<table>_<column>`(value, name, ...).
  bool repeated = false;
  bool sortable = false;
  bool indexed = false;
  // Ordered by the second column `<column>_sort`.
  bool collated = false;
  // The narrowest visibility on the path (published_by does not count).
  Audience visibility = v1::OWNER;
  // A column whose field is not set (unset message on the path, unset optional
  // or message leaf) is NULL; a plain scalar at its default is its default.
  const google::protobuf::FieldDescriptor* leaf() const { return fields.back(); }
};

class Type {
 public:
  // Fails with a sentence that names the message and field when annotations
  // contradict each other. `descriptor` outlives the type.
  static absl::StatusOr<std::unique_ptr<const Type>> Build(
      const google::protobuf::Descriptor* descriptor);

  const google::protobuf::Descriptor* descriptor() const { return descriptor_; }
  const std::string& type() const { return type_; }          // "organizations.mostove.bg/Activity"
  const std::string& singular() const { return singular_; }  // "activity"
  const std::string& plural() const { return plural_; }      // "activities"
  const std::string& table() const { return table_; }        // snake_case of the plural
  // "organizations/{organization}/activities/{activity}" as segments:
  // {"organizations", "", "activities", ""}; empty ones are ids.
  const std::vector<std::string>& pattern() const { return pattern_; }
  bool has_parent() const { return pattern_.size() > 2; }
  const v1::Resource& options() const { return options_; }

  // Standard fields; null where the message has none.
  const google::protobuf::FieldDescriptor* name_field() const { return name_; }
  const google::protobuf::FieldDescriptor* etag_field() const { return etag_; }
  const google::protobuf::FieldDescriptor* create_time_field() const { return create_time_; }
  const google::protobuf::FieldDescriptor* update_time_field() const { return update_time_; }
  const google::protobuf::FieldDescriptor* delete_time_field() const { return delete_time_; }

  const std::vector<ColumnInfo>& columns() const { return columns_; }
  // By path in proto or JSON names: "seat.country_code", "seat.countryCode".
  // Null when no column serves the path.
  const ColumnInfo* FindColumn(absl::string_view path) const;

  // The fields that name the owners: the paths of the annotation, each through
  // singular messages to a string that may be repeated.
  const std::vector<std::vector<const google::protobuf::FieldDescriptor*>>& owners() const {
    return owners_;
  }

  // Visibility of a field of the resource (top level): OWNER without an
  // annotation. `published_by` does not count.
  Audience FieldVisibility(const google::protobuf::FieldDescriptor* field) const;

 private:
  Type() = default;
  friend class TypeBuilder;

  const google::protobuf::Descriptor* descriptor_ = nullptr;
  std::string type_, singular_, plural_, table_;
  std::vector<std::string> pattern_;
  v1::Resource options_;
  const google::protobuf::FieldDescriptor* name_ = nullptr;
  const google::protobuf::FieldDescriptor* etag_ = nullptr;
  const google::protobuf::FieldDescriptor* create_time_ = nullptr;
  const google::protobuf::FieldDescriptor* update_time_ = nullptr;
  const google::protobuf::FieldDescriptor* delete_time_ = nullptr;
  std::vector<ColumnInfo> columns_;
  std::vector<std::vector<const google::protobuf::FieldDescriptor*>> owners_;
  std::vector<Audience> visibilities_;                  // by index of the field
  absl::flat_hash_map<std::string, int> column_index_;  // by proto and JSON path
};

// True when the message type is a resource (has the option mostove.resource.v1.resource).
bool IsResource(const google::protobuf::Descriptor* descriptor);

}  // namespace mostove::resource
