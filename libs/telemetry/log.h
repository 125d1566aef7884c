// JSON log lines: one object a line on standard error, through spdlog.
//
// Lines carry no personal data and no token: fields are what the program knows
// (method, code, reason, counts, durations, route templates), never what a
// caller sent.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

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
// (bounded queue; the oldest give way and are counted). Before it, and after
// StopLog, warnings and errors are written at once to standard error and
// other lines are dropped. A file that cannot be opened is said on standard
// error, which is then used instead.
void StartLog(const LogOptions& options);
void StopLog();  // writes what waits
// Opens the file of StartLog again by its name, after it was moved away; nothing
// for standard error.
void ReopenLog();

// {"time":"2026-01-31T10:00:00.123Z","level":"info","event":"rpc", fields...}
// Safe for all threads.
void Log(Level level, absl::string_view event, absl::Span<const Field> fields);
inline void Log(Level level, absl::string_view event, std::initializer_list<Field> fields) {
  Log(level, event, absl::MakeConstSpan(fields.begin(), fields.size()));
}
bool Enabled(Level level);
// Lines that gave way since StartLog.
int64_t LinesLost();

}  // namespace mostove::telemetry
