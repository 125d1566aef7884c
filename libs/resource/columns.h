// The values of a message's columns.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "libs/resource/type.h"
#include "libs/sql/sql.h"

namespace mostove::resource {

// The value of a column that is not repeated; Null where it is not set.
sql::Value ColumnValue(const ColumnInfo& column, const google::protobuf::Message& message);
// The distinct values of a repeated column, at most as many as its limits allow.
std::vector<sql::Value> RepeatedColumnValues(const ColumnInfo& column,
                                             const google::protobuf::Message& message);
// ICU sort key (root collation, tertiary) of a collated column's text, as a
// blob that both databases order alike. Cut at 511 bytes; texts that differ only
// after that order by name.
sql::Value SortKey(absl::string_view text);

}  // namespace mostove::resource
