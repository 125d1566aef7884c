// How far a long step is, for whoever waits.
#pragma once

#include <cstdint>
#include <cstdio>
#include <mutex>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace mostove::cli {

// On a terminal a bar that moves; elsewhere a line every five seconds. Safe for
// all threads. A `total` of 0 is not known.
class Progress {
 public:
  Progress(absl::string_view label, int64_t total, FILE* file, bool is_terminal);
  ~Progress();  // takes the bar away
  void Set(int64_t done);

 private:
  std::string Line(int64_t done) const;

  const std::string label_;
  const int64_t total_;
  FILE* const file_;
  const bool is_terminal_;
  std::mutex mutex_;
  absl::Time next_;
  bool shown_ = false;
};

}  // namespace mostove::cli
