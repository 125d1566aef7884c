// One entry of the log as a process keeps it for its watchers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "libs/changelog/changelog.h"
#include "libs/store/collection.h"
#include "libs/store/sight.h"

namespace mostove::live {

struct Change {
  int64_t sequence = 0;
  const store::Collection* collection = nullptr;  // null: of a type that this program lacks
  std::string name;
  int64_t revision = 0;
  changelog::Kind kind = changelog::Kind::kUpdated;
  store::Sight sight;
};
using ChangePtr = std::shared_ptr<const Change>;

ChangePtr MakeChange(const store::Store& store, changelog::Head head);

}  // namespace mostove::live
