// Remembers the first failed statement of a change, after which no other one
// runs: PostgreSQL's rule, on both engines.
#pragma once

#include <utility>

#include "absl/status/status.h"

namespace mostove::sql {

class ChangeError {
 public:
  void Begin() {
    active_ = true;
    first_ = absl::OkStatus();
  }
  absl::Status End() {
    active_ = false;
    return std::exchange(first_, absl::OkStatus());
  }
  bool failed() const { return !first_.ok(); }
  // Passes `status` on.
  absl::Status Note(absl::Status status) {
    if (active_ && first_.ok() && !status.ok()) first_ = status;
    return status;
  }

 private:
  bool active_ = false;
  absl::Status first_;
};

}  // namespace mostove::sql
