// Makes obligations by itself: what falls due from the day on which an organization was recorded
// until the end of the next year, so that a year ahead is always known.
//
// It follows the service's own log for organizations that are new or have changed, and goes through
// all of them when a year begins and when a rule or days off change. How far it has come stands in
// the database and moves with what it makes: it goes on there after an end, of several copies one
// does the work, and a repeat makes nothing twice.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/follower/follower.h"
#include "libs/service/definition.h"
#include "libs/store/store.h"

namespace mostove::organizations {

class ObligationWorker : public service::Worker, private follower::Handler {
 public:
  struct Options {
    absl::Duration interval = absl::Seconds(1);  // between two looks
    std::function<absl::Time()> clock = absl::Now;
  };
  // The store outlives it. No thread runs before Start.
  static absl::StatusOr<std::unique_ptr<ObligationWorker>> Open(const store::Store& store,
                                                                Options options);
  ~ObligationWorker() override;

  void Start() override;
  void Stop() override;
  // One transaction's worth, or one stretch of the log; false when there was nothing to do. For
  // the thread, or for a test without it.
  absl::StatusOr<bool> Step();

 private:
  ObligationWorker(const store::Store& store, Options options)
      : store_(store), options_(std::move(options)) {}

  absl::Status Restart(sql::Transaction& transaction) override;
  absl::Status Handle(const follower::Changes& changes, follower::Cursor& cursor) override;
  // One step through all organizations, where rules or year are other than those of the last time.
  absl::StatusOr<bool> PassStep();
  absl::Status MakeFor(const std::vector<std::string>& organizations, const std::string& position,
                       follower::Cursor& cursor) const;
  call::Call OwnCall() const;
  void Loop();

  const store::Store& store_;
  const Options options_;
  std::unique_ptr<follower::Follower> follower_;
  std::mutex mutex_;
  std::condition_variable ending_;
  bool end_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace mostove::organizations
