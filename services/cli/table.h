// Resources as tables for a terminal, and their cells.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "services/cli/field_path.h"

namespace mostove::cli {

using Messages = std::vector<std::unique_ptr<google::protobuf::Message>>;

// What people want to see of a list: the name and the fields that lists are
// walked or filtered by, as far as one of `messages` has them.
std::vector<FieldPath> MainColumns(const google::protobuf::Descriptor& descriptor,
                                   const Messages& messages);

// What a cell holds: several values joined by "|"; nothing where no item has one.
std::string CellText(const FieldPath& column, const google::protobuf::Message& message);

// Columns in line: as many as fit into `width` characters, the first always.
std::string TerminalTable(const std::vector<FieldPath>& columns, const Messages& messages,
                          size_t width);

}  // namespace mostove::cli
