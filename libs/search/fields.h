// The texts of a resource that are searched.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "libs/resource/type.h"

namespace mostove::search {

enum class Weight {
  kName,  // what the resource is called: a text of few words
  kText,  // what is said of it
};

// A string, a repeated string, or a LocalizedText; on the way to it may be messages,
// repeated too: "legal_name", "display_name", "identifiers.value".
struct Field {
  std::string path;
  Weight weight = Weight::kName;
};

struct Text {
  const Field* field;
  std::string language;  // "" but for localized texts
  std::string text;
};

class Fields {
 public:
  // A sentence about a path that there is not, that holds no text, or that not
  // everybody sees: who may not read a field must not find by it.
  static absl::StatusOr<Fields> Make(const resource::Type& type, std::vector<Field> fields);

  // In the order of the fields, by language.
  std::vector<Text> TextsOf(const google::protobuf::Message& resource) const;

  // What the index keeps of them: a line for each name ("N" and its words, forms with
  // a slash between: "Ngromada/hromada sofia"), and one ("T") with the words of all
  // texts, each once.
  std::string WordsOf(const google::protobuf::Message& resource) const;

  // Changes when the words of the same resource would.
  std::string Digest() const;

 private:
  struct Resolved {
    Field field;
    std::vector<const google::protobuf::FieldDescriptor*> path;
  };
  std::vector<Resolved> fields_;
};

}  // namespace mostove::search
