// What an import file says, before it is sent.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "libs/exchange/loss.h"
#include "services/cli/catalog.h"

namespace mostove::cli {

// One resource that the file asks for. `message` holds only what the file says;
// its name stands in `name` alone.
struct Record {
  int64_t row = 0;  // of the file, as a spreadsheet counts; a line of JSON lines
  const ResourceType* type = nullptr;
  std::string name;
  std::unique_ptr<google::protobuf::Message> message;
  // Where the file knows a part of a list only: adds to `message`, a copy of the
  // record's, what of `present` belongs to it too. May be empty.
  std::function<void(const google::protobuf::Message& present, google::protobuf::Message& message)>
      complete = nullptr;
  // A part of a resource that has to be there: nothing is created.
  bool is_part = false;
};

// Why a row, or something that it asks for, was not taken.
struct Refusal {
  int64_t row = 0;
  std::string name;   // of the resource; may be empty
  std::string field;  // may be empty
  std::string reason;

  bool operator==(const Refusal&) const = default;
};

// A whole file, read.
struct RecordSet {
  std::vector<Record> records;  // parents before children
  std::vector<Refusal> refusals;
  exchange::Losses losses;         // what has no place here, of forms that are not ours
  std::vector<std::string> notes;  // for people: encoding, old tags, variants, duplicates
};

// Sets what every record is given, {"organization.state", "LISTED"}, in the
// messages by their kinds. INVALID_ARGUMENT for what names no field of them.
absl::Status SetConstants(
    const std::vector<std::pair<std::string, std::string>>& constants,
    const std::vector<std::pair<std::string, google::protobuf::Message*>>& messages);

// Takes from a message what a server sets (OUTPUT_ONLY and IDENTIFIER fields and
// the etag), turns texts into NFC.
void KeepWhatClientsSet(google::protobuf::Message& message);

// True when its `delete_time` is set.
bool IsDeleted(const google::protobuf::Message& message);

// Moves the records of types higher up to the front; else the order is kept.
void SortParentsFirst(std::vector<Record>& records);

// Paths (as update masks write them, in JSON names) of what `wanted` sets and
// `present` does not have equal. Entries of maps count one by one, a list as a
// whole.
std::vector<std::string> Differences(const google::protobuf::Message& wanted,
                                     const google::protobuf::Message& present);

}  // namespace mostove::cli
