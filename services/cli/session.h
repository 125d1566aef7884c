// What every verb of the command line works with.
#pragma once

#include <cstdio>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "services/cli/api.h"
#include "services/cli/catalog.h"
#include "services/cli/texts.h"

namespace mostove::cli {

// What the program ends with.
enum ExitCode { kOk = 0, kRefused = 1, kUsage = 2, kNotReachable = 3, kSignIn = 4 };

struct Session {
  const Catalog* catalog = nullptr;
  std::function<std::unique_ptr<Api>()> make_api;
  Language language = Language::kEnglish;
  FILE* out = stdout;
  FILE* err = stderr;
  bool out_is_terminal = false;
  bool err_is_terminal = false;

  void Print(absl::string_view text) const;  // to out
  void Tell(absl::string_view line) const;   // to err, with a line break
};

// Says what went wrong, each wrong field on a line of its own, and gives the
// exit code. Faults of the command line itself are INVALID_ARGUMENT without an
// ErrorInfo and count as usage.
int TellError(const Session& session, const absl::Status& status);

}  // namespace mostove::cli
