#include "libs/resource/type.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "google/api/resource.pb.h"
#include "libs/resource/annotations_check.h"
#include "libs/resource/fields.h"
#include "libs/resource/order.h"
#include "libs/status/macros.h"

namespace mostove::resource {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

namespace {

// "fundingCalls" -> "funding_calls"
std::string SnakeCase(absl::string_view camel) {
  std::string snake;
  for (const char c : camel) {
    if (absl::ascii_isupper(static_cast<unsigned char>(c))) snake.push_back('_');
    snake.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
  }
  return snake;
}

bool IsTimestamp(const FieldDescriptor* field) {
  return field->message_type() != nullptr &&
         field->message_type()->full_name() == "google.protobuf.Timestamp";
}

bool IsText(const FieldDescriptor* field) {
  return field->type() == FieldDescriptor::TYPE_STRING && !field->is_map();
}

std::string PathOf(const std::vector<const FieldDescriptor*>& fields, bool json) {
  return absl::StrJoin(fields, ".", [json](std::string* out, const FieldDescriptor* field) {
    out->append(json ? field->json_name() : field->name());
  });
}

bool KindOf(const FieldDescriptor* leaf, ColumnKind& kind) {
  switch (leaf->type()) {
    case FieldDescriptor::TYPE_STRING:
      kind = ColumnKind::kText;
      return true;
    case FieldDescriptor::TYPE_BOOL:
      kind = ColumnKind::kBool;
      return true;
    case FieldDescriptor::TYPE_ENUM:
      kind = ColumnKind::kEnum;
      return true;
    case FieldDescriptor::TYPE_FLOAT:
    case FieldDescriptor::TYPE_DOUBLE:
      kind = ColumnKind::kDouble;
      return true;
    case FieldDescriptor::TYPE_MESSAGE: {
      const std::string& name = leaf->message_type()->full_name();
      if (name == "google.protobuf.Timestamp") {
        kind = ColumnKind::kTimestamp;
      } else if (name == "google.protobuf.Duration") {
        kind = ColumnKind::kDuration;
      } else if (name == "google.type.Date") {
        kind = ColumnKind::kDate;
      } else {
        return false;
      }
      return true;
    }
    case FieldDescriptor::TYPE_BYTES:
    case FieldDescriptor::TYPE_GROUP:
    case FieldDescriptor::TYPE_UINT64:  // does not fit a BIGINT
    case FieldDescriptor::TYPE_FIXED64:
      return false;
    default:
      kind = ColumnKind::kInteger;
      return true;
  }
}

// Page tokens and index entries hold such a text as it is.
constexpr uint32_t kSortableTextLengthMax = 500;

uint32_t LengthMaxOf(const ColumnInfo& column) {
  return column.leaf()->options().GetExtension(v1::limits).max_length();
}

// Columns that every table has beside those of the annotations.
bool IsReserved(absl::string_view column) {
  return column == "name" || column == "revision" || column == "deleted" || column == "payload";
}

}  // namespace

class TypeBuilder {
 public:
  explicit TypeBuilder(const Descriptor* descriptor) : type_(new Type) {
    type_->descriptor_ = descriptor;
  }

  absl::StatusOr<std::unique_ptr<const Type>> Build() {
    if (!IsResource(descriptor())) return Fault("lacks the option mostove.resource.v1.resource");
    type_->options_ = descriptor()->options().GetExtension(v1::resource);
    RETURN_IF_ERROR(TakeNames());
    RETURN_IF_ERROR(TakeStandardFields());
    RETURN_IF_ERROR(CheckAnnotations(descriptor()));
    TakeVisibilities();
    RETURN_IF_ERROR(TakeOwners());
    for (int i = 0; i < descriptor()->field_count(); ++i) {
      RETURN_IF_ERROR(TakeColumns(descriptor()->field(i)));
    }
    RETURN_IF_ERROR(CheckColumnNames());
    RETURN_IF_ERROR(CheckDefaultOrder());
    return std::unique_ptr<const Type>(std::move(type_));
  }

 private:
  const Descriptor* descriptor() const { return type_->descriptor_; }

  absl::Status Fault(absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat(descriptor()->full_name(), ": ", what));
  }
  static absl::Status Fault(const FieldDescriptor* field, absl::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat(field->full_name(), ": ", what));
  }

  absl::Status TakeNames() {
    const google::api::ResourceDescriptor& option =
        descriptor()->options().GetExtension(google::api::resource);
    type_->type_ = option.type();
    type_->singular_ = option.singular();
    type_->plural_ = option.plural();
    type_->table_ = SnakeCase(option.plural());
    const std::vector<std::string> parts = absl::StrSplit(option.type(), '/');
    if (parts.size() != 2 || parts[0].empty() || parts[1] != descriptor()->name()) {
      return Fault(absl::StrCat("type of google.api.resource has to be <service>/",
                                descriptor()->name(), ", is \"", option.type(), "\""));
    }
    if (option.singular().empty() || option.plural().empty()) {
      return Fault("google.api.resource has to have singular and plural");
    }
    if (option.pattern_size() != 1) return Fault("google.api.resource has to have one pattern");
    return TakePattern(option.pattern(0));
  }

  // The pattern has to end in plural/{singular}.
  absl::Status TakePattern(const std::string& pattern) {
    const std::vector<std::string> segments = absl::StrSplit(pattern, '/');
    const std::string end = absl::StrCat(type_->plural_, "/{", SnakeCase(type_->singular_), "}");
    absl::Status fault = Fault(absl::StrCat(
        "pattern \"", pattern, "\" has to be collections and {ids} in turn, and to end in ", end));
    if (segments.size() % 2 != 0) return fault;
    for (size_t i = 0; i < segments.size(); ++i) {
      absl::string_view segment = segments[i];
      const bool is_id = absl::ConsumePrefix(&segment, "{") && absl::ConsumeSuffix(&segment, "}");
      const bool is_word =
          !segment.empty() && std::all_of(segment.begin(), segment.end(), [](unsigned char c) {
            return absl::ascii_isalpha(c) || c == '_';
          });
      if (is_id != (i % 2 == 1) || !is_word) return fault;
      type_->pattern_.emplace_back(is_id ? "" : segment);
    }
    if (absl::StrCat(segments[segments.size() - 2], "/", segments.back()) != end) return fault;
    return absl::OkStatus();
  }

  absl::Status TakeStandardFields() {
    const auto find = [this](const char* name) { return descriptor()->FindFieldByName(name); };
    type_->name_ = find("name");
    if (type_->name_ == nullptr || !IsText(type_->name_) || type_->name_->is_repeated()) {
      return Fault("has to have a field `string name`");
    }
    type_->etag_ = find("etag");
    if (type_->etag_ != nullptr && (!IsText(type_->etag_) || type_->etag_->is_repeated())) {
      return Fault(type_->etag_, "has to be a string");
    }
    type_->create_time_ = find("create_time");
    type_->update_time_ = find("update_time");
    type_->delete_time_ = find("delete_time");
    for (const FieldDescriptor* field :
         {type_->create_time_, type_->update_time_, type_->delete_time_}) {
      if (field == nullptr) continue;
      if (!IsTimestamp(field) || field->is_repeated()) {
        return Fault(field, "has to be a google.protobuf.Timestamp");
      }
      if (!IsSystemField(field)) return Fault(field, "has to be OUTPUT_ONLY");
    }
    return absl::OkStatus();
  }

  void TakeVisibilities() {
    for (int i = 0; i < descriptor()->field_count(); ++i) {
      type_->visibilities_.push_back(Narrowed(descriptor()->field(i), v1::OWNER, v1::PUBLIC));
    }
  }

  // The visibility of a field whose surroundings have `outer`; `unset` is what
  // it has without an annotation.
  static Audience Narrowed(const FieldDescriptor* field, Audience unset, Audience outer) {
    Audience own = field->options().GetExtension(v1::visibility);
    if (own == v1::AUDIENCE_UNSPECIFIED) own = unset;
    if (field->options().GetExtension(v1::personal)) own = std::min(own, v1::OWNER);
    return std::min(own, outer);
  }

  // A list in the order of a field has only rows whose field the caller may see.
  absl::Status CheckDefaultOrder() const {
    const auto order = ParseOrder(*type_, "", "default_order");
    if (!order.ok()) return Fault(order.status().message());
    const auto& all = type_->visibilities_;
    if (order->column == nullptr ||
        order->column->visibility == *std::max_element(all.begin(), all.end())) {
      return absl::OkStatus();
    }
    return Fault(absl::StrCat("default_order names ", order->column->path,
                              ", which fewer see than other fields: their lists would be empty"));
  }

  absl::Status TakeOwners() {
    for (const std::string& path : type_->options_.owners()) {
      const std::vector<const FieldDescriptor*> fields = ResolvePath(descriptor(), path);
      const bool singular_way =
          std::all_of(fields.begin(), fields.end(), [&](const FieldDescriptor* field) {
            return field == fields.back() || !field->is_repeated();
          });
      if (fields.empty() || !IsText(fields.back()) || !singular_way) {
        return Fault(absl::StrCat("owners names \"", path, "\", which is no string field"));
      }
      type_->owners_.push_back(fields);
    }
    return absl::OkStatus();
  }

  absl::Status TakeColumns(const FieldDescriptor* field) {
    const auto& options = field->options();
    for (int i = 0; i < options.ExtensionSize(v1::column); ++i) {
      RETURN_IF_ERROR(TakeColumn(field, options.GetExtension(v1::column, i)));
    }
    return absl::OkStatus();
  }

  absl::Status TakeColumn(const FieldDescriptor* field, const v1::Column& option) {
    ColumnInfo column;
    column.fields = {field};
    if (!option.path().empty()) {
      const Descriptor* const inner = field->message_type();
      const auto rest = inner == nullptr || field->is_map() ? std::vector<const FieldDescriptor*>()
                                                            : ResolvePath(inner, option.path());
      if (rest.empty()) {
        return Fault(field, absl::StrCat("column path \"", option.path(), "\" names no field"));
      }
      column.fields.insert(column.fields.end(), rest.begin(), rest.end());
    }
    column.path = PathOf(column.fields, false);
    column.column = absl::StrJoin(absl::StrSplit(column.path, '.'), "_");
    column.sortable = option.sortable();
    column.indexed = option.indexed();
    column.collated = option.collated();
    RETURN_IF_ERROR(CheckColumn(field, column));
    column.repeated = std::any_of(column.fields.begin(), column.fields.end(),
                                  [](const FieldDescriptor* step) { return step->is_repeated(); });
    column.visibility = v1::PUBLIC;
    for (const FieldDescriptor* step : column.fields) {
      const Audience unset = step == field ? v1::OWNER : v1::PUBLIC;
      column.visibility = Narrowed(step, unset, column.visibility);
    }
    type_->column_index_.emplace(column.path, type_->columns_.size());
    type_->column_index_.emplace(PathOf(column.fields, true), type_->columns_.size());
    type_->columns_.push_back(std::move(column));
    return absl::OkStatus();
  }

  static absl::Status CheckColumn(const FieldDescriptor* field, ColumnInfo& column) {
    const auto fault = [&](absl::string_view what) {
      return Fault(field, absl::StrCat("column \"", column.path, "\" ", what));
    };
    int repeated = 0;
    for (const FieldDescriptor* step : column.fields) {
      if (step->is_map()) return fault("goes through a map, which has no columns");
      if (step->options().GetExtension(v1::personal)) {
        return fault("is of personal data, which has no columns");
      }
      repeated += step->is_repeated() ? 1 : 0;
    }
    if (repeated > 1) return fault("goes through more than one repeated field");
    if (!KindOf(column.leaf(), column.kind)) {
      return fault(absl::StrCat("has a type that no column holds: ", column.leaf()->type_name()));
    }
    if (repeated > 0 && (column.sortable || column.collated)) {
      return fault("is repeated, so that nothing can be ordered by it");
    }
    if (column.collated && (column.kind != ColumnKind::kText || !column.sortable)) {
      return fault("is collated, which asks for a text that is sortable");
    }
    if (column.sortable && !column.collated && column.kind == ColumnKind::kText &&
        (LengthMaxOf(column) == 0 || LengthMaxOf(column) > kSortableTextLengthMax)) {
      return fault(absl::StrCat(
          "is a text to order by and not collated, which asks for a max_length of at most ",
          kSortableTextLengthMax));
    }
    if (IsReserved(column.column)) return fault("has the name of a column of every table");
    return absl::OkStatus();
  }

  absl::Status CheckColumnNames() const {
    absl::flat_hash_map<std::string, const ColumnInfo*> taken;
    for (const ColumnInfo& column : type_->columns_) {
      std::vector<std::string> names = {column.column};
      if (column.collated) names.push_back(column.column + "_sort");
      for (const std::string& name : names) {
        if (taken.emplace(name, &column).second) continue;
        return Fault(column.fields[0], absl::StrCat("column name \"", name, "\" is taken by \"",
                                                    taken.at(name)->path, "\""));
      }
    }
    return absl::OkStatus();
  }

  std::unique_ptr<Type> type_;
};

absl::StatusOr<std::unique_ptr<const Type>> Type::Build(const Descriptor* descriptor) {
  return TypeBuilder(descriptor).Build();
}

const ColumnInfo* Type::FindColumn(absl::string_view path) const {
  const auto found = column_index_.find(path);
  return found == column_index_.end() ? nullptr : &columns_[found->second];
}

Audience Type::FieldVisibility(const FieldDescriptor* field) const {
  return visibilities_[field->index()];
}

bool IsResource(const Descriptor* descriptor) {
  return descriptor->options().HasExtension(v1::resource);
}

}  // namespace mostove::resource
