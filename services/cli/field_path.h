// Fields of any message by path, and their values as text: what tables, `--set`
// and mappings work with.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace mostove::cli {

// "seat.area.code", "displayName.texts.bg", "locations[0].phones[1].number": from
// a message down to one value. A repeated field without an index stands for all
// its values ("languages"), or for one value of every item ("identifiers.value").
class FieldPath {
 public:
  struct Step {
    const google::protobuf::FieldDescriptor* field = nullptr;
    std::string key;  // of a map
    int index = -1;   // of a repeated message field; -1 for all its items
  };

  // Takes proto and JSON names. INVALID_ARGUMENT that names the part that is
  // wrong and lists what stands there, for unknown fields, paths that end in a
  // group of fields, and paths through more than one list without an index.
  static absl::StatusOr<FieldPath> Parse(const google::protobuf::Descriptor& descriptor,
                                         absl::string_view text);

  const std::vector<Step>& steps() const { return steps_; }
  const google::protobuf::FieldDescriptor& leaf() const { return *steps_.back().field; }
  // Stands for a whole list: takes any number of texts.
  bool repeated() const;
  // "seat.area.code" in JSON names or proto names.
  std::string JsonName() const;
  std::string ProtoName() const;

  // Sets the value that `texts` say; one text unless repeated(). Of items of a
  // repeated message the values go to the items in order, which are made as
  // needed, also those before an index. An empty text leaves its field unset. INVALID_ARGUMENT says
  // what a value should look like and does not repeat it.
  absl::Status Set(const std::vector<std::string>& texts, google::protobuf::Message& message) const;

  // The texts that Set would take; none where nothing is set. Of the items of a
  // repeated message one text each.
  std::vector<std::string> Get(const google::protobuf::Message& message) const;

  static FieldPath FromSteps(std::vector<Step> steps);

  // An index may be at most this.
  static constexpr int kIndexMax = 99;

 private:
  std::vector<Step> steps_;
};

// True for fields that one text can hold: all but messages, save dates, times,
// durations and the like.
bool IsTextual(const google::protobuf::FieldDescriptor& field);

// One value as text and back, `field` taken as if it were singular. Enums by
// name, dates as 2026-01-31, 2026-01 or 2026, times by RFC 3339.
absl::Status SetText(const google::protobuf::FieldDescriptor& field, absl::string_view text,
                     google::protobuf::Message& message);
std::string GetText(const google::protobuf::FieldDescriptor& field,
                    const google::protobuf::Message& message, int index);

// Takes the items out of repeated message fields in which nothing is set, at any
// depth: they come from paths with an index that stands above others.
void RemoveEmptyItems(google::protobuf::Message& message);

// Values joined by "|"; a "|" or "\" in a value is escaped by "\".
std::string JoinValues(const std::vector<std::string>& values);
std::vector<std::string> SplitValues(absl::string_view text, char separator = '|');

}  // namespace mostove::cli
