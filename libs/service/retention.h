// How long a service keeps what is about people.
#pragma once

#include "absl/time/time.h"
#include "libs/config/settings.h"

namespace mostove::service {

struct Retention {
  // Personal fields of deleted rows.
  absl::Duration personal = absl::Hours(24 * 90);
  // Records of who looked at what.
  absl::Duration access_log = absl::Hours(24 * 365 * 2);
};

void AddRetentionSettings(config::Settings& settings, Retention* retention);

}  // namespace mostove::service
