// `mostove export`.
#pragma once

#include <string>

#include "services/cli/session.h"

namespace mostove::cli {

struct ExportArguments {
  std::string collection;
  std::string format = "jsonl";  // "jsonl", "csv", "hxl"
  ListQuery query;
  int64_t limit = 0;   // 0: all
  bool excel = false;  // a byte order mark before a table
};

int RunExport(const Session& session, const ExportArguments& arguments);

}  // namespace mostove::cli
