// A stream of a table in this process. Private to the local invoker.
#pragma once

#include <memory>

#include "libs/rpc/invoker.h"
#include "libs/rpc/stream_watch.h"

namespace mostove::rpc {

// Opened by the first pull. Runs on the pool; if the method is inline, on the
// thread that pulls or wakes it. Table and pool outlive it. `watch` may end it;
// may be null.
std::shared_ptr<Stream> MakeLocalStream(const ServiceTable& table, const Method& method,
                                        call::Call call, call::MessagePtr request, WorkerPool* pool,
                                        StreamWatch* watch);

}  // namespace mostove::rpc
