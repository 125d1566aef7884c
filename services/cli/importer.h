// Brings records to the server, so that doing it twice does nothing twice.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/cli/api.h"
#include "services/cli/record.h"

namespace mostove::cli {

struct ImportOptions {
  bool dry_run = false;  // the server checks and changes nothing
  bool update = false;   // what differs is changed to what the file says
  int parallel = 16;
  // Tells this run from others in idempotency keys. A retry within the run is
  // answered from the key; another run must ask anew, or a day-old answer would
  // pass for the present state.
  std::string run_id;
  // Called by all threads, now and then, with the number of records done.
  std::function<void(int64_t)> progress;
};

struct ImportCounts {
  int64_t created = 0;
  int64_t unchanged = 0;
  int64_t updated = 0;
  int64_t differs = 0;
  int64_t refused = 0;
};

struct ImportReport {
  std::map<std::string, ImportCounts> counts;  // by plural: "organizations"
  std::vector<Refusal> refusals;               // by row
  std::vector<Refusal> differences;            // fields that differ and were left
  std::vector<Refusal> alike;  // created though the server says that it may be there already
  // Dry run: records whose parent is still to be created, which only this
  // program checked.
  int64_t checked_here = 0;
  // Why the import ended early; the rest was not tried.
  absl::Status stopped;
};

// Creates each record under its name. What the server takes for a possible duplicate is
// created as well, since the file tells the two apart, and told. One that is there already is
// compared in the fields that the file gives, and updated only if asked to. Parents are done before
// children; children of a refused parent are refused without a request. `make_api` is called once
// for each thread.
ImportReport Import(const std::vector<Record>& records,
                    const std::function<std::unique_ptr<Api>()>& make_api,
                    const ImportOptions& options);

}  // namespace mostove::cli
