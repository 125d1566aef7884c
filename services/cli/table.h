// Resources as tables: for a terminal, and as CSV.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "services/cli/field_path.h"

namespace mostove::cli {

using Messages = std::vector<std::unique_ptr<google::protobuf::Message>>;

// Every field that a table can hold, in the order of the descriptor; of maps
// one column for each key that `messages` have. Paths of fields that do not fit
// into one cell (a list inside a list) go to `left_out`.
std::vector<FieldPath> AllColumns(const google::protobuf::Descriptor& descriptor,
                                  const Messages& messages, std::vector<std::string>& left_out);

// What people want to see of a list: the name and the fields that lists are
// walked or filtered by, as far as one of `messages` has them.
std::vector<FieldPath> MainColumns(const google::protobuf::Descriptor& descriptor,
                                   const Messages& messages);

// CSV: a header of JSON names, then a row for each message; several values in
// one cell are joined by "|".
std::string CsvHeader(const std::vector<FieldPath>& columns);
void AppendCsv(const std::vector<FieldPath>& columns, const google::protobuf::Message& message,
               std::string& out);

// Columns in line: as many as fit into `width` characters, the first always.
std::string TerminalTable(const std::vector<FieldPath>& columns, const Messages& messages,
                          size_t width);

}  // namespace mostove::cli
