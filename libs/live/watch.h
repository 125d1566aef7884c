// WatchChanges of a service: the stream of one watcher.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/call/method.h"
#include "libs/live/tail.h"

namespace mostove::live {

struct WatchOptions {
  absl::Duration heartbeat = absl::Seconds(15);
  // A watcher that takes nothing for so long after a message is dropped.
  absl::Duration slow = absl::Minutes(1);
};

// The row for the service's table. The tail outlives its streams.
call::StreamMethod WatchChanges(Tail& tail, WatchOptions options = {});

}  // namespace mostove::live
