// How many connections there are, in all and of each address (network.h).
#pragma once

#include <boost/asio/ip/address.hpp>
#include <condition_variable>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

namespace mostove::http {

// Safe for all threads.
class AddressCounter {
 public:
  AddressCounter(size_t all_max, size_t per_address_max)
      : all_max_(all_max), per_address_max_(per_address_max) {}

  // False, and not counted, when one bound is reached.
  bool TryAdd(const boost::asio::ip::address& address);
  void Remove(const boost::asio::ip::address& address);
  size_t all() const;
  // False when there still are some after `time`.
  bool WaitForNone(absl::Duration time);

 private:
  const size_t all_max_;
  const size_t per_address_max_;
  mutable std::mutex mutex_;
  std::condition_variable none_;
  size_t all_ = 0;
  absl::flat_hash_map<std::string, size_t> by_network_;
};

}  // namespace mostove::http
