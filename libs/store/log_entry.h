// Entries of the change log as the messages of mostove.changes.v1.
#pragma once

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "libs/call/call.h"
#include "libs/changelog/changelog.h"
#include "libs/store/store.h"
#include "mostove/changes/v1/changes.pb.h"

namespace mostove::store {

// Whole microseconds, as the database has them: rounds towards the past.
void SetTimestamp(absl::Time time, google::protobuf::Timestamp& timestamp);

// Reads a stretch of the store's log.
absl::StatusOr<changes::v1::ListChangesResponse> ListChanges(
    const Store& store, const call::Call& call, const changes::v1::ListChangesRequest& request);

}  // namespace mostove::store
