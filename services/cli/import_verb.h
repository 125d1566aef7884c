// `mostove import`.
#pragma once

#include <string>
#include <vector>

#include "services/cli/import_file.h"
#include "services/cli/importer.h"
#include "services/cli/session.h"

namespace mostove::cli {

struct ImportArguments {
  std::string file;    // "-" is standard input
  std::string map;     // a mapping's file
  std::string report;  // where the full report goes, CSV
  std::vector<std::string> set;
  ImportFileOptions read;
  ImportOptions send;
};

int RunImport(const Session& session, ImportArguments arguments);

}  // namespace mostove::cli
