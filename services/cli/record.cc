#include "services/cli/record.h"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/resource/mask.h"
#include "libs/resource/translations.h"
#include "libs/resource/validate.h"
#include "libs/status/macros.h"
#include "services/cli/field_path.h"

namespace mostove::cli {
namespace {

namespace pb = google::protobuf;
using pb::util::MessageDifferencer;

// A key of a map as masks write it.
std::string MaskKey(const std::string& key) {
  const bool plain = !key.empty() && std::all_of(key.begin(), key.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '-';
  });
  return plain ? key : absl::StrCat("`", key, "`");
}

std::vector<const pb::FieldDescriptor*> SetFields(const pb::Message& message) {
  std::vector<const pb::FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  return fields;
}

bool Same(const pb::Message& a, const pb::Message& b, const pb::FieldDescriptor* field) {
  const std::vector<const pb::FieldDescriptor*> fields = {field};
  MessageDifferencer differencer;
  return differencer.CompareWithFields(a, b, fields, fields);
}

// As a server keeps it: with what it fills in, without what is its alone.
std::unique_ptr<pb::Message> AsKept(const pb::Message& message) {
  std::unique_ptr<pb::Message> kept(message.New());
  kept->CopyFrom(message);
  resource::StampTranslations(nullptr, *kept);
  resource::ClearOutputOnly(*kept);
  return kept;
}

bool SameList(const pb::Message& a, const pb::Message& b, const pb::FieldDescriptor* field) {
  if (Same(a, b, field)) return true;
  return field->message_type() != nullptr && !field->is_map() && !IsTextual(*field) &&
         Same(*AsKept(a), *AsKept(b), field);
}

void AddDifferences(const pb::Message& wanted, const pb::Message& present,
                    const std::string& prefix, std::vector<std::string>& paths);

void AddMapDifferences(const pb::Message& wanted, const pb::Message& present,
                       const pb::FieldDescriptor* field, const std::string& path,
                       std::vector<std::string>& paths) {
  const pb::FieldDescriptor* key = field->message_type()->map_key();
  if (key->cpp_type() != pb::FieldDescriptor::CPPTYPE_STRING) {
    if (!SameList(wanted, present, field)) paths.push_back(path);
    return;
  }
  const auto find = [&](const std::string& wanted_key) -> const pb::Message* {
    for (int i = 0; i < present.GetReflection()->FieldSize(present, field); ++i) {
      const pb::Message& entry = present.GetReflection()->GetRepeatedMessage(present, field, i);
      if (entry.GetReflection()->GetString(entry, key) == wanted_key) return &entry;
    }
    return nullptr;
  };
  for (int i = 0; i < wanted.GetReflection()->FieldSize(wanted, field); ++i) {
    const pb::Message& entry = wanted.GetReflection()->GetRepeatedMessage(wanted, field, i);
    const std::string entry_key = entry.GetReflection()->GetString(entry, key);
    const pb::Message* other = find(entry_key);
    if (other == nullptr || !MessageDifferencer::Equals(entry, *other)) {
      paths.push_back(absl::StrCat(path, ".", MaskKey(entry_key)));
    }
  }
}

void AddDifferences(const pb::Message& wanted, const pb::Message& present,
                    const std::string& prefix, std::vector<std::string>& paths) {
  for (const pb::FieldDescriptor* field : SetFields(wanted)) {
    const std::string path = absl::StrCat(prefix, prefix.empty() ? "" : ".", field->json_name());
    if (field->is_map()) {
      AddMapDifferences(wanted, present, field, path, paths);
    } else if (field->is_repeated() || IsTextual(*field)) {
      if (!SameList(wanted, present, field)) paths.push_back(path);
    } else if (!present.GetReflection()->HasField(present, field)) {
      paths.push_back(path);
    } else {
      AddDifferences(wanted.GetReflection()->GetMessage(wanted, field),
                     present.GetReflection()->GetMessage(present, field), path, paths);
    }
  }
}

}  // namespace

absl::Status SetConstants(const std::vector<std::pair<std::string, std::string>>& constants,
                          const std::vector<std::pair<std::string, pb::Message*>>& messages) {
  for (const auto& [path, value] : constants) {
    const size_t dot = path.find('.');
    pb::Message* message = nullptr;
    std::string forms;
    for (const auto& [kind, one] : messages) {
      absl::StrAppend(&forms, forms.empty() ? "" : " or ", kind, ".FIELD=VALUE");
      if (dot != std::string::npos && path.substr(0, dot) == kind) message = one;
    }
    if (message == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("'", path, "': write ", forms));
    }
    ASSIGN_OR_RETURN(const FieldPath field,
                     FieldPath::Parse(*message->GetDescriptor(), path.substr(dot + 1)));
    const absl::Status status =
        field.Set(field.repeated() ? SplitValues(value) : std::vector{value}, *message);
    if (!status.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("'", path, "' ", status.message()));
    }
  }
  return absl::OkStatus();
}

void KeepWhatClientsSet(pb::Message& message) {
  resource::ClearOutputOnly(message);
  if (const auto* etag = message.GetDescriptor()->FindFieldByName("etag")) {
    message.GetReflection()->ClearField(&message, etag);
  }
  resource::Normalize(message);
}

bool IsDeleted(const pb::Message& message) {
  const auto* field = message.GetDescriptor()->FindFieldByName("delete_time");
  return field != nullptr && message.GetReflection()->HasField(message, field);
}

void SortParentsFirst(std::vector<Record>& records) {
  std::stable_sort(records.begin(), records.end(), [](const Record& a, const Record& b) {
    return a.type->pattern.size() < b.type->pattern.size();
  });
}

std::vector<std::string> Differences(const pb::Message& wanted, const pb::Message& present) {
  std::vector<std::string> paths;
  AddDifferences(wanted, present, "", paths);
  return paths;
}

}  // namespace mostove::cli
