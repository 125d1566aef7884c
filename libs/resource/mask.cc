#include "libs/resource/mask.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/resource/fields.h"
#include "libs/resource/text.h"

namespace mostove::resource {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FieldMask;
using google::protobuf::Message;

namespace {

constexpr size_t kPathShownMax = 100;

bool IsPlainKey(absl::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '-';
  });
}

// Splits "a.b.`c.d`" at the dots outside backquotes; within them two stand for
// one. False when a key that needs backquotes has none, or they do not close.
bool SplitPath(absl::string_view path, std::vector<std::string>& segments) {
  size_t at = 0;
  while (true) {
    std::string& segment = segments.emplace_back();
    if (at < path.size() && path[at] == '`') {
      for (++at;; ++at) {
        if (at >= path.size()) return false;
        if (path[at] == '`' && (at + 1 == path.size() || path[at + 1] != '`')) break;
        if (path[at] == '`') ++at;
        segment.push_back(path[at]);
      }
      ++at;
    } else {
      const size_t end = std::min(path.find('.', at), path.size());
      segment = std::string(path.substr(at, end - at));
      if (!IsPlainKey(segment)) return false;
      at = end;
    }
    if (at == path.size()) return true;
    if (path[at] != '.') return false;
    ++at;
  }
}

const FieldDescriptor* FindField(const Descriptor* descriptor, const std::string& name) {
  if (const FieldDescriptor* const field = descriptor->FindFieldByName(name)) return field;
  for (int i = 0; i < descriptor->field_count(); ++i) {
    if (descriptor->field(i)->json_name() == name) return descriptor->field(i);
  }
  return nullptr;
}

bool IsKeyOf(const FieldDescriptor* map, absl::string_view text) {
  int32_t int32;
  int64_t int64;
  uint32_t uint32;
  uint64_t uint64;
  switch (map->message_type()->map_key()->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::SimpleAtoi(text, &int32) && absl::StrCat(int32) == text;
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::SimpleAtoi(text, &int64) && absl::StrCat(int64) == text;
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::SimpleAtoi(text, &uint32) && absl::StrCat(uint32) == text;
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::SimpleAtoi(text, &uint64) && absl::StrCat(uint64) == text;
    case FieldDescriptor::CPPTYPE_BOOL:
      return text == "true" || text == "false";
    default: {
      const TextFacts facts = LookAtText(text);
      return facts.valid_utf8 && !facts.has_nul;
    }
  }
}

}  // namespace

Mask Mask::Build(const FieldMask& mask, absl::string_view field, const Message& patch,
                 status::Violations& violations) {
  Mask built;
  const Descriptor* const descriptor = patch.GetDescriptor();
  const bool everything = mask.paths_size() == 1 && mask.paths(0) == "*";
  if (mask.paths().empty() || everything) {
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const FieldDescriptor* const own = descriptor->field(i);
      if (IsSystemField(own) || !(everything || IsSet(patch, own))) continue;
      built.paths_.push_back({Step{.field = own}});
    }
    return built;
  }
  for (const std::string& path : mask.paths()) {
    std::vector<Step> steps;
    if (const std::string fault = ParsePath(descriptor, path, steps); fault.empty()) {
      built.paths_.push_back(std::move(steps));
    } else {
      const bool shown = path.size() <= kPathShownMax && LookAtText(path).valid_utf8;
      violations.Add(field, "MASK", absl::StrCat(shown ? path : "a path", ": ", fault));
    }
  }
  built.DropCovered();
  return built;
}

std::string Mask::ParsePath(const Descriptor* descriptor, absl::string_view path,
                            std::vector<Step>& steps) {
  if (path == "*") return "has to stand alone";
  std::vector<std::string> segments;
  if (!SplitPath(path, segments)) {
    return "has to be fields with dots between, keys with other than letters, digits, _ and - in "
           "backquotes";
  }
  for (size_t i = 0; i < segments.size(); ++i) {
    if (descriptor == nullptr) return absl::StrCat(steps.back().field->name(), " has no fields");
    Step step{.field = FindField(descriptor, segments[i])};
    if (step.field == nullptr) {
      return absl::StrCat("names no field of ", descriptor->name());
    }
    if (IsSystemField(step.field)) {
      return absl::StrCat(step.field->name(), " is set by the system and cannot be named");
    }
    if (step.field->is_map() && i + 1 < segments.size()) {
      step.key = segments[++i];
      step.has_key = true;
      if (!IsKeyOf(step.field, step.key)) {
        return absl::StrCat("has no key of ", step.field->name(), " after it");
      }
    } else if (step.field->is_repeated() && i + 1 < segments.size()) {
      return absl::StrCat(step.field->name(), " is repeated and can only be named as a whole");
    }
    descriptor = MessageTypeOf(step.field);
    steps.push_back(std::move(step));
  }
  return "";
}

// Where one path stands above another, the upper one says it all; the same
// field moved twice would come back.
void Mask::DropCovered() {
  const auto covers = [](const std::vector<Step>& upper, const std::vector<Step>& lower) {
    if (upper.size() > lower.size()) return false;
    for (size_t i = 0; i < upper.size(); ++i) {
      const bool whole_map = i + 1 == upper.size() && !upper[i].has_key;
      if (upper[i].field != lower[i].field) return false;
      if (!whole_map && (upper[i].has_key != lower[i].has_key || upper[i].key != lower[i].key)) {
        return false;
      }
    }
    return true;
  };
  std::vector<std::vector<Step>> kept;
  for (std::vector<Step>& path : paths_) {
    const auto covers_path = [&](const std::vector<Step>& other) { return covers(other, path); };
    if (std::any_of(kept.begin(), kept.end(), covers_path)) continue;
    kept.erase(std::remove_if(kept.begin(), kept.end(),
                              [&](const std::vector<Step>& other) { return covers(path, other); }),
               kept.end());
    kept.push_back(std::move(path));
  }
  paths_ = std::move(kept);
}

bool Mask::Touches(absl::string_view path) const {
  std::vector<std::string> segments;
  if (!SplitPath(path, segments)) return false;
  const auto touches = [&segments](const std::vector<Step>& steps) {
    size_t at = 0;
    for (const Step& step : steps) {
      if (at == segments.size()) return true;
      if (segments[at++] != step.field->name()) return false;
      if (!step.has_key) continue;
      if (at == segments.size()) return true;
      if (segments[at++] != step.key) return false;
    }
    return true;
  };
  return std::any_of(paths_.begin(), paths_.end(), touches);
}

}  // namespace mostove::resource
