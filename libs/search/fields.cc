#include "libs/search/fields.h"

#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "libs/digest/digest.h"
#include "libs/resource/fields.h"
#include "libs/status/status.h"
#include "libs/words/words.h"
#include "mostove/common/v1/localized_text.pb.h"

namespace mostove::search {
namespace {

using common::v1::LocalizedText;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Raise it when libs/words folds otherwise.
constexpr int kFoldingVersion = 1;
// Of all texts of a resource; what comes after is not searched.
constexpr size_t kTextWordsMax = 1000;
constexpr size_t kNameWordsMax = 60;

bool HoldsText(const FieldDescriptor* leaf) {
  return leaf->cpp_type() == FieldDescriptor::CPPTYPE_STRING ||
         leaf->message_type() == LocalizedText::descriptor();
}

void Collect(const Message& message, absl::Span<const FieldDescriptor* const> path,
             const Field& field, std::vector<Text>& texts) {
  const auto* reflection = message.GetReflection();
  const FieldDescriptor* step = path.front();
  const auto go_on = [&](const Message& inside) {
    if (path.size() > 1) {
      Collect(inside, path.subspan(1), field, texts);
      return;
    }
    const auto& localized = static_cast<const LocalizedText&>(inside);
    const std::map<std::string, std::string> sorted(localized.texts().begin(),
                                                    localized.texts().end());
    for (const auto& [language, text] : sorted) texts.push_back({&field, language, text});
  };
  const bool message_inside = step->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
  if (step->is_repeated()) {
    for (int i = 0; i < reflection->FieldSize(message, step); ++i) {
      if (message_inside) {
        go_on(reflection->GetRepeatedMessage(message, step, i));
      } else {
        texts.push_back({&field, "", reflection->GetRepeatedString(message, step, i)});
      }
    }
  } else if (message_inside) {
    if (reflection->HasField(message, step)) go_on(reflection->GetMessage(message, step));
  } else if (std::string text = reflection->GetString(message, step); !text.empty()) {
    texts.push_back({&field, "", std::move(text)});
  }
}

}  // namespace

absl::StatusOr<Fields> Fields::Make(const resource::Type& type, std::vector<Field> fields) {
  Fields made;
  for (Field& field : fields) {
    const auto fault = [&](absl::string_view what) {
      return status::Internal(
          absl::StrCat("the search of ", type.plural(), ": ", field.path, what));
    };
    Resolved resolved = {field, resource::ResolvePath(type.descriptor(), field.path)};
    if (resolved.path.empty()) return fault(" is no field");
    if (!HoldsText(resolved.path.back())) return fault(" holds no text");
    if (type.FieldVisibility(resolved.path.front()) != resource::v1::PUBLIC) {
      return fault(" is not for everybody, so it cannot be found by");
    }
    made.fields_.push_back(std::move(resolved));
  }
  return made;
}

std::vector<Text> Fields::TextsOf(const Message& resource) const {
  std::vector<Text> texts;
  for (const Resolved& field : fields_) Collect(resource, field.path, field.field, texts);
  return texts;
}

std::string Fields::WordsOf(const Message& resource) const {
  std::set<std::string> names;
  std::set<std::string> said;
  size_t left = kTextWordsMax;
  for (const Text& text : TextsOf(resource)) {
    if (text.field->weight == Weight::kText) {
      const std::vector<words::Word> found = words::Split(text.text, left);
      left -= found.size();
      for (const words::Word& word : found) said.insert(word.forms.begin(), word.forms.end());
      continue;
    }
    std::string line = "N";
    for (const words::Word& word : words::Split(text.text, kNameWordsMax)) {
      absl::StrAppend(&line, line.size() > 1 ? " " : "", absl::StrJoin(word.forms, "/"));
    }
    if (line.size() > 1) names.insert(std::move(line));  // names in two languages may be alike
  }
  std::string all = absl::StrJoin(names, "\n");
  if (!said.empty()) {
    absl::StrAppend(&all, all.empty() ? "" : "\n", "T", absl::StrJoin(said, " "));
  }
  return all;
}

std::string Fields::Digest() const {
  std::string text = absl::StrCat(kFoldingVersion);
  for (const Resolved& field : fields_) {
    absl::StrAppend(&text, " ", field.field.path,
                    field.field.weight == Weight::kName ? "=N" : "=T");
  }
  return digest::Sha256(text);
}

}  // namespace mostove::search
