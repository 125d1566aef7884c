#include "libs/http/address_counter.h"

#include "libs/http/network.h"

namespace mostove::http {

bool AddressCounter::TryAdd(const boost::asio::ip::address& address) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (all_ >= all_max_) return false;
  size_t& count = by_network_[NetworkOf(address)];
  if (count >= per_address_max_) return false;
  ++count;
  ++all_;
  return true;
}

void AddressCounter::Remove(const boost::asio::ip::address& address) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = by_network_.find(NetworkOf(address));
  if (--found->second == 0) by_network_.erase(found);
  if (--all_ == 0) none_.notify_all();
}

size_t AddressCounter::all() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return all_;
}

bool AddressCounter::WaitForNone(absl::Duration time) {
  std::unique_lock<std::mutex> lock(mutex_);
  return none_.wait_for(lock, absl::ToChronoNanoseconds(time), [this] { return all_ == 0; });
}

}  // namespace mostove::http
