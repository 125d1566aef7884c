// JSON log lines: one object a line on standard error, through spdlog.
//
// Lines carry no personal data and no token: fields are what the program knows
// (method, code, reason, counts, durations, route templates), never what a
// caller sent.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/string_view.h"

namespace mostove::telemetry {

enum class Level { kDebug, kInfo, kWarning, kError };

struct Field {
  absl::string_view name;
  std::variant<absl::string_view, int64_t, double, bool> value;
};

struct LogOptions {
  Level level = Level::kInfo;
  std::string file;  // empty: standard error
};

// Once, at the beginning of main. Lines are written by a thread of their own
// (bounded queue; the oldest give way and are counted).
void StartLog(const LogOptions& options);
void StopLog();  // writes what waits

// {"time":"2026-01-31T10:00:00.123Z","level":"info","event":"rpc", fields...}
void Log(Level level, absl::string_view event, std::initializer_list<Field> fields);
bool Enabled(Level level);

}  // namespace mostove::telemetry
