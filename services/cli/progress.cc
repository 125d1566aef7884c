#include "services/cli/progress.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

namespace mostove::cli {
namespace {

constexpr absl::Duration kBarInterval = absl::Milliseconds(100);
constexpr absl::Duration kLineInterval = absl::Seconds(5);
constexpr int64_t kBarWidth = 30;

}  // namespace

Progress::Progress(absl::string_view label, int64_t total, FILE* file, bool is_terminal)
    : label_(label),
      total_(total),
      file_(file),
      is_terminal_(is_terminal),
      next_(absl::Now() + (is_terminal ? kBarInterval : kLineInterval)) {}

Progress::~Progress() {
  if (is_terminal_ && shown_) absl::FPrintF(file_, "\r\x1b[K");
  fflush(file_);
}

std::string Progress::Line(int64_t done) const {
  if (total_ <= 0) return absl::StrCat(label_, " ", done);
  const int64_t filled = std::min(kBarWidth, done * kBarWidth / total_);
  const std::string bar = is_terminal_ ? absl::StrCat("[", std::string(filled, '#'),
                                                      std::string(kBarWidth - filled, '.'), "] ")
                                       : "";
  return absl::StrCat(label_, " ", bar, done, "/", total_, " (", done * 100 / total_, " %)");
}

void Progress::Set(int64_t done) {
  const std::lock_guard lock(mutex_);
  const absl::Time now = absl::Now();
  if (now < next_) return;
  next_ = now + (is_terminal_ ? kBarInterval : kLineInterval);
  shown_ = true;
  if (is_terminal_) {
    absl::FPrintF(file_, "\r\x1b[K%s", Line(done));
  } else {
    absl::FPrintF(file_, "%s\n", Line(done));
  }
  fflush(file_);
}

}  // namespace mostove::cli
