// Answers a repeated request with what the first one was answered.
//
// A key belongs to (caller, method, key). Only accepted writes are kept, for
// 24 hours, in the transaction of the write itself.
#pragma once

#include <memory>
#include <string>

#include "google/protobuf/message.h"
#include "libs/call/call.h"
#include "libs/sql/database.h"

namespace mostove::store {

class Idempotency {
 public:
  // Makes the table.
  static absl::StatusOr<std::unique_ptr<Idempotency>> Install(sql::Database& database);
  virtual ~Idempotency() = default;

  enum class Answer { kFirst, kKept };

  // The kept answer of the call's key, if there is one, before anything else is
  // checked: what was accepted once is answered alike, whatever has changed
  // since. ABORTED with reason IDEMPOTENCY_KEY_REUSED as below.
  virtual absl::StatusOr<bool> Find(const call::Call& call,
                                    google::protobuf::Message& response) = 0;

  // Runs `change` through the database's writer at most once per key and fills
  // `response` with its answer or the kept one, in which personal fields are
  // missing: they live in the present row alone. Without a key in the call it
  // is a plain write. ABORTED with reason IDEMPOTENCY_IN_PROGRESS (and a
  // RetryInfo) while the first still runs, here or in another process;
  // ABORTED with reason IDEMPOTENCY_KEY_REUSED for another body under the key.
  virtual absl::StatusOr<Answer> Write(
      const call::Call& call, sql::Extent extent, google::protobuf::Message& response,
      const std::function<absl::Status(sql::Transaction&, google::protobuf::Message& response)>&
          change) = 0;
  // Deletes what is older than 24 hours; at most `limit` rows. Answers how many.
  virtual absl::StatusOr<int64_t> Purge(absl::Time now, int limit) = 0;
};

}  // namespace mostove::store
