#include "libs/transcoding/query.h"

#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/transcoding/field_path.h"
#include "libs/transcoding/json_table.h"
#include "libs/transcoding/percent.h"
#include "libs/transcoding/scalar.h"

namespace mostove::transcoding {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr size_t kViolationsMax = 100;
// A path of a recursive type could go on for ever.
constexpr size_t kStepsMax = 32;
// That a message tells of.
constexpr size_t kPartsMax = 5;

// What a query can carry of a message, as it would stand there:
// "date.year=2027&date.month=10&date.day=5". With the numbers of `value` where it
// is a number for each part ("2027-10-05").
std::string PartsOf(const std::vector<const JsonField*>& fields, absl::string_view value) {
  const JsonField& whole = *fields.back();
  if (whole.is_repeated || whole.is_map || whole.message->well_known != WellKnown::kNone) return "";
  std::vector<absl::string_view> names;
  names.reserve(fields.size());
  for (const JsonField* field : fields) names.push_back(field->descriptor->json_name());
  const std::string prefix = absl::StrJoin(names, ".");
  std::vector<std::string> parts;
  for (const JsonField& part : whole.message->fields) {
    if (part.message != nullptr || part.is_repeated || part.is_map) continue;
    if (parts.size() == kPartsMax) break;
    parts.push_back(absl::StrCat(prefix, ".", part.descriptor->json_name(), "="));
  }
  const std::vector<absl::string_view> given = absl::StrSplit(value, '-');
  std::vector<int> numbers(parts.size());
  bool fits = given.size() == parts.size();
  for (size_t i = 0; fits && i < parts.size(); ++i) fits = absl::SimpleAtoi(given[i], &numbers[i]);
  for (size_t i = 0; i < parts.size(); ++i) {
    absl::StrAppend(&parts[i], fits ? absl::StrCat(numbers[i]) : "...");
  }
  return absl::StrJoin(parts, "&");
}

class QueryReader {
 public:
  QueryReader(const IsBound& is_bound, Message& request, status::Violations& violations)
      : is_bound_(is_bound), request_(request), violations_(violations) {}

  void Read(absl::string_view query) {
    for (const absl::string_view parameter : absl::StrSplit(query, '&', absl::SkipEmpty())) {
      if (violations_.all().size() >= kViolationsMax) return;
      const std::pair<absl::string_view, absl::string_view> parts =
          absl::StrSplit(parameter, absl::MaxSplits('=', 1));
      std::string name;
      std::string value;
      if (!Decode(parts.first, name) || !Decode(parts.second, value)) {
        violations_.Add("query", "MALFORMED_QUERY",
                        "must be percent-encoded UTF-8 without the character U+0000");
      } else {
        ReadParameter(name, value);
      }
    }
  }

 private:
  static bool Decode(absl::string_view text, std::string& decoded) {
    return DecodePercent(text, {.plus_is_space = true}, decoded) && IsCleanText(decoded);
  }

  void ReadParameter(const std::string& name, const std::string& value) {
    std::vector<const JsonField*> fields;
    if (!Resolve(name, value, fields)) return;
    std::vector<const FieldDescriptor*> descriptors;
    std::vector<absl::string_view> names;
    for (const JsonField* field : fields) {
      descriptors.push_back(field->descriptor);
      names.push_back(field->descriptor->name());
    }
    const std::string path = absl::StrJoin(names, ".");
    const JsonField& leaf = *fields.back();
    if (is_bound_(descriptors)) {
      violations_.Add(path, "BOUND_ELSEWHERE", "belongs to the path or the body of this request");
    } else if (!seen_.insert(path).second && !leaf.is_repeated) {
      violations_.Add(path, "REPEATED_PARAMETER", "can be given only once");
    } else {
      Set(fields, path, value);
    }
  }

  // Finds the fields from the request down, or adds a violation.
  bool Resolve(const std::string& name, absl::string_view value,
               std::vector<const JsonField*>& fields) {
    const JsonTable* table = &TableOf(request_.GetDescriptor());
    std::vector<absl::string_view> known;
    for (const absl::string_view step : absl::StrSplit(name, '.')) {
      const auto found = table == nullptr
                             ? absl::flat_hash_map<absl::string_view, uint32_t>::const_iterator()
                             : table->by_name.find(step);
      if (table == nullptr || found == table->by_name.end() || fields.size() == kStepsMax) {
        AddUnknown(known, step, table);
        return false;
      }
      const JsonField& field = table->fields[found->second];
      fields.push_back(&field);
      known.push_back(field.descriptor->name());
      table = field.is_repeated || field.is_map || field.message == nullptr ||
                      field.message->well_known != WellKnown::kNone
                  ? nullptr
                  : field.message;
    }
    const JsonField& leaf = *fields.back();
    const bool fits = leaf.message == nullptr ||
                      (!leaf.is_repeated && !leaf.is_map && IsTextual(*leaf.message->descriptor));
    if (!fits) {
      const std::string parts = PartsOf(fields, value);
      violations_.Add(absl::StrJoin(known, "."), "UNKNOWN_PARAMETER",
                      parts.empty()
                          ? "a query cannot carry this field"
                          : absl::StrCat("a query carries this field by its parts: ", parts));
    }
    return fits;
  }

  void AddUnknown(const std::vector<absl::string_view>& known, absl::string_view step,
                  const JsonTable* table) {
    if (!LooksLikeName(step)) {
      violations_.Add("query", "UNKNOWN_PARAMETER", "has a parameter whose name is no field name");
      return;
    }
    const std::string path =
        absl::StrCat(absl::StrJoin(known, "."), known.empty() ? "" : ".", step);
    std::vector<absl::string_view> names;
    if (table != nullptr) {
      for (const JsonField& field : table->fields) names.push_back(field.descriptor->json_name());
    }
    const std::string nearest = NearestName(step, names);
    violations_.Add(path, "UNKNOWN_PARAMETER",
                    nearest.empty()
                        ? "there is no such parameter"
                        : absl::StrCat("there is no such parameter; did you mean ", nearest, "?"));
  }

  void Set(const std::vector<const JsonField*>& fields, const std::string& path,
           const std::string& value) {
    Message* message = &request_;
    for (const JsonField* field : fields) {
      const Reflection& reflection = *message->GetReflection();
      const auto* oneof = field->descriptor->real_containing_oneof();
      const FieldDescriptor* present =
          oneof == nullptr ? nullptr : reflection.GetOneofFieldDescriptor(*message, oneof);
      if (present != nullptr && present != field->descriptor) {
        violations_.Add(path, "ONEOF",
                        absl::StrCat("only one member of ", oneof->name(), " can be set"));
        return;
      }
      if (field->message != nullptr) {
        message = reflection.MutableMessage(message, field->descriptor);
      }
    }
    const JsonField& leaf = *fields.back();
    Scalar scalar;
    const ScalarFault fault = leaf.message == nullptr ? FromText(leaf, value, scalar)
                                                      : SetFromText(*leaf.message, value, *message);
    if (fault != ScalarFault::kNone) {
      violations_.Add(path, ReasonOf(fault), DescriptionOf(fault, leaf));
    } else if (leaf.message == nullptr) {
      Store(leaf, std::move(scalar), *message);
    }
  }

  const IsBound& is_bound_;
  Message& request_;
  status::Violations& violations_;
  absl::flat_hash_set<std::string> seen_;
};

}  // namespace

void ReadQuery(absl::string_view query, const IsBound& is_bound, Message& request,
               status::Violations& violations) {
  QueryReader(is_bound, request, violations).Read(query);
}

}  // namespace mostove::transcoding
