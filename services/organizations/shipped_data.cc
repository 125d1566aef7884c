#include "services/organizations/shipped_data.h"

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "libs/resource/name.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/store/collection.h"
#include "libs/store/message_fields.h"
#include "libs/store/row.h"
#include "libs/transcoding/json_reader.h"
#include "simdjson.h"

namespace mostove::organizations {
namespace {

struct Record {
  std::string name;
  const store::Collection* collection;
  call::MessagePtr message;
};

absl::StatusOr<Record> Parse(const store::Store& store, absl::string_view line) {
  simdjson::dom::parser parser;
  std::string_view name;
  if (parser.parse(line.data(), line.size())["name"].get(name) != simdjson::SUCCESS) {
    return status::Internal("a shipped record has no name");
  }
  Record record{.name = std::string(name), .collection = store.ByName({name.data(), name.size()})};
  if (record.collection == nullptr) {
    return status::Internal("a shipped record is of no resource of this service: " + record.name);
  }
  record.message = store::NewMessage(record.collection->type());
  RETURN_IF_ERROR(transcoding::ReadJson(line, *record.message));
  return record;
}

call::Call OwnCall() {
  call::Call call;
  call.caller = {.name = "services/organizations", .administrator = true, .network = true};
  call.deadline = absl::Now() + absl::Minutes(1);
  return call;
}

absl::Status CreateMissing(const call::Call& call, sql::Transaction& transaction,
                           const Record& record) {
  ASSIGN_OR_RETURN(const auto row,
                   store::ReadRow(record.collection->layout(), transaction.connection(),
                                  record.name, store::Lock::kNone));
  if (row != nullptr) return absl::OkStatus();
  return record.collection
      ->CreateWithin(
          call, transaction,
          {.id = record.name.substr(record.name.rfind('/') + 1), .resource = record.message.get()})
      .status();
}

}  // namespace

absl::Status LoadShipped(const store::Store& store, absl::string_view lines) {
  std::vector<Record> records;
  for (const absl::string_view line : absl::StrSplit(lines, '\n', absl::SkipEmpty())) {
    ASSIGN_OR_RETURN(Record record, Parse(store, line));
    records.push_back(std::move(record));
  }
  const call::Call call = OwnCall();
  const absl::Status written =
      store.database().Write(call.deadline, [&](sql::Transaction& transaction) -> absl::Status {
        for (const Record& record : records) {
          RETURN_IF_ERROR(CreateMissing(call, transaction, record));
        }
        return absl::OkStatus();
      });
  // Another copy of the service was quicker.
  return absl::IsAlreadyExists(written) ? absl::OkStatus() : written;
}

}  // namespace mostove::organizations
