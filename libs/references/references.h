// The references of one service to the resources of the others: checks them
// when they are written, and follows the others' change logs to do what is
// annotated when a target is deleted.
//
//   auto references = References::Make({.service = "mostove.funding.v1.FundingService", ...});
//   auto store = Store::Open({..., .references = references.get()});
//   references->Open(*store);
//   references->Start();   // once the peers can be reached, or before: it waits
//   ...
//   references->Stop();    // at drain; checks go on
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libs/follower/follower.h"
#include "libs/references/cache.h"
#include "libs/references/deletions.h"
#include "libs/references/registry.h"
#include "libs/rpc/invoker.h"
#include "libs/store/references.h"
#include "libs/store/store.h"

namespace mostove::telemetry {
class Metrics;
}

namespace mostove::references {

struct Options {
  std::string service;                    // its own: "mostove.funding.v1.FundingService"
  std::vector<std::string> services;      // all of the installation, its own too
  rpc::Invoker* peers = nullptr;          // reaches them all, its own too; outlives this
  telemetry::Metrics* metrics = nullptr;  // may be null
  size_t cached_names_max = 10000;
  absl::Duration cache_time = absl::Seconds(3);
  // How long a service may take to answer a question.
  absl::Duration patience = absl::Seconds(3);
  // Between two looks at a change log.
  absl::Duration interval = absl::Seconds(1);
};

class References : public store::ReferenceSource {
 public:
  // Fails with a sentence for what Registry::Build refuses.
  static absl::StatusOr<std::unique_ptr<References>> Make(Options options);
  ~References() override;  // stops

  // Makes what follows the logs. The store was opened with this as its source
  // of references, and outlives Stop.
  absl::Status Open(const store::Store& store);
  // Begins to follow.
  void Start();
  // This service ("mostove.funding.v1.FundingService") has written: look now. "":
  // any may have. Does not block.
  void Wake(const std::string& service);
  void Stop();

  // One for each service whose log is followed; for tests without Start.
  std::vector<follower::Follower*> followers() const;
  const Cache& cache() const { return cache_; }

  const resource::Type* ByType(absl::string_view type) const override;
  const resource::Type* ByName(absl::string_view name) const override;
  absl::StatusOr<std::vector<std::string>> Missing(const call::Call& call,
                                                   const std::vector<std::string>& names) override;
  void Forget(const std::vector<std::string>& names) override { cache_.Drop(names); }
  absl::StatusOr<store::Referrers> Refusing(const call::Call& call, const resource::Type& type,
                                            absl::string_view name) override;

 private:
  // One log that is followed.
  struct Reader {
    std::unique_ptr<Deletions> deletions;
    std::unique_ptr<follower::Follower> follower;
  };

  References(Options options, std::unique_ptr<const Registry> registry, const Service* own);
  absl::StatusOr<std::vector<std::string>> AskMissing(const call::Call& call,
                                                      const std::vector<std::string>& names) const;
  absl::StatusOr<store::Referrers> AskRefusing(const call::Call& call, const resource::Type& type,
                                               absl::string_view name) const;
  absl::StatusOr<Reader> MakeReader(const store::Store& store, const Followed& followed);
  absl::StatusOr<changes::v1::ListChangesResponse> ListChanges(
      const Service& source, const changes::v1::ListChangesRequest& request) const;
  absl::Status Undelete(const changes::v1::Change& deletion) const;
  call::Call SystemCall() const;
  void AddMetrics(const Followed& followed, const follower::Follower& follower) const;
  void AddCacheMetrics() const;

  const Options options_;
  const std::unique_ptr<const Registry> registry_;
  const Service* const own_;
  Cache cache_;
  std::string system_name_;  // "services/funding"
  std::vector<Reader> readers_;
};

}  // namespace mostove::references
