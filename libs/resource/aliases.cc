#include "libs/resource/aliases.h"

#include <algorithm>
#include <utility>

namespace mostove::resource {

std::string Aliases::ResolveLocked(absl::string_view name) const {
  // No longer than there are aliases, should rows ever say that they go in a circle.
  size_t steps = 0;
  auto found = targets_.find(name);
  for (; found != targets_.end() && steps < targets_.size(); ++steps) {
    name = found->second;
    found = targets_.find(name);
  }
  return std::string(name);
}

absl::string_view Aliases::Resolve(absl::string_view name, std::string& held) const {
  if (empty()) return name;
  const std::lock_guard lock(mutex_);
  if (!targets_.contains(name)) return name;
  held = ResolveLocked(name);
  return held;
}

std::string Aliases::Resolve(absl::string_view name) const {
  std::string held;
  return std::string(Resolve(name, held));
}

std::vector<std::string> Aliases::NamesOf(absl::string_view name) const {
  if (empty()) return {std::string(name)};
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names = {ResolveLocked(name)};
  for (const auto& [alias, target] : targets_) {
    if (ResolveLocked(alias) == names.front()) names.push_back(alias);
  }
  std::sort(names.begin() + 1, names.end());
  return names;
}

void Aliases::Widen(std::vector<std::string>& names) const {
  if (empty()) return;
  std::vector<std::string> more;
  for (const std::string& name : names) {
    for (std::string& other : NamesOf(name)) {
      if (other != name) more.push_back(std::move(other));
    }
  }
  for (std::string& other : more) {
    if (std::find(names.begin(), names.end(), other) == names.end()) {
      names.push_back(std::move(other));
    }
  }
}

void Aliases::Set(const std::string& name, const std::string& target) {
  const std::lock_guard lock(mutex_);
  ++settings_;
  if (target.empty()) {
    targets_.erase(name);
  } else {
    targets_[name] = target;
  }
  empty_.store(targets_.empty(), std::memory_order_release);
}

uint64_t Aliases::settings() const {
  const std::lock_guard lock(mutex_);
  return settings_;
}

bool Aliases::SetAll(Targets targets, uint64_t settings) {
  const std::lock_guard lock(mutex_);
  if (settings != settings_ || targets_ == targets) return false;
  targets_ = std::move(targets);
  empty_.store(targets_.empty(), std::memory_order_release);
  return true;
}

}  // namespace mostove::resource
