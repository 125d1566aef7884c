// `mostove export`.
#pragma once

#include <string>

#include "services/cli/session.h"

namespace mostove::cli {

struct ExportArguments {
  std::string collection;        // or the name of one resource
  std::string format = "jsonl";  // "jsonl", "csv", "hxl" (or "3w"), "hsds"
  ListQuery query;
  int64_t limit = 0;       // 0: all
  bool excel = false;      // a byte order mark before a table
  std::string output;      // file; "" is standard output
  std::string report;      // where the full list of what did not fit goes, CSV
  std::string language;    // of "hsds"; "" the one that each text was written in
  bool locations = false;  // of "hsds": the locations alone
};

int RunExport(const Session& session, const ExportArguments& arguments);

}  // namespace mostove::cli
