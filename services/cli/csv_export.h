// Resources as a CSV table that imports again without a mapping.
#pragma once

#include <functional>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "libs/exchange/loss.h"
#include "services/cli/table.h"

namespace mostove::cli {

// A header of paths in JSON names, then a row for each message, piece by piece
// to `out`. A list of plain values is one column, its values joined by "|"; of
// a list of groups each item has columns of its own ("identifiers[0].value"),
// at most kCsvItemsMax; of a map each key.
//
// Every row is read back. What would come back otherwise, a longer list for
// instance, is left out of its row as a whole, so that an import does not take
// it for the truth, and told: "organizations/a: locations".
void WriteCsv(const google::protobuf::Descriptor& descriptor, const Messages& messages,
              const std::function<void(absl::string_view)>& out, exchange::Losses& losses);

inline constexpr int kCsvItemsMax = 20;

// Every field that a table can hold, in the order of the descriptor, as far as
// lists and maps of `messages` ask for it.
std::vector<FieldPath> CsvColumns(const google::protobuf::Descriptor& descriptor,
                                  const Messages& messages);

// What a table can hold of a type at all: one item for each list, "*" for the
// keys of maps.
std::vector<FieldPath> PossibleColumns(const google::protobuf::Descriptor& descriptor);

}  // namespace mostove::cli
