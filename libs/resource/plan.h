// Work that is derived from a descriptor once and then used by every thread.
#pragma once

#include <memory>
#include <mutex>

#include "absl/container/flat_hash_map.h"
#include "google/protobuf/descriptor.h"

namespace mostove::resource {

// The plans of one kind, one for each message type, made at first use and kept
// for the life of the process; so must the descriptors be.
//
// A Plan has the function
//   void Build(const google::protobuf::Descriptor*, Plans<Plan>::Builder&);
// which asks the builder for the plans of the types inside. These may be
// unfinished at that moment (types can be recursive): keep the pointer only.
template <typename Plan>
class Plans {
 public:
  class Builder {
   public:
    explicit Builder(Plans& plans) : plans_(plans) {}
    const Plan* PlanOf(const google::protobuf::Descriptor* descriptor) {
      auto [place, fresh] = plans_.plans_.try_emplace(descriptor);
      if (!fresh) return place->second.get();
      place->second = std::make_unique<Plan>();
      Plan* const plan = place->second.get();  // the map may grow while it is built
      plan->Build(descriptor, *this);
      return plan;
    }

   private:
    Plans& plans_;
  };

  // Without a lock once the thread has asked for the type before.
  static const Plan& Of(const google::protobuf::Descriptor* descriptor) {
    thread_local absl::flat_hash_map<const google::protobuf::Descriptor*, const Plan*> known;
    if (const auto found = known.find(descriptor); found != known.end()) return *found->second;
    static Plans* const all = new Plans;
    std::lock_guard lock(all->mutex_);
    const Plan* const plan = Builder(*all).PlanOf(descriptor);
    known.emplace(descriptor, plan);
    return *plan;
  }

 private:
  std::mutex mutex_;
  absl::flat_hash_map<const google::protobuf::Descriptor*, std::unique_ptr<Plan>> plans_;
};

}  // namespace mostove::resource
