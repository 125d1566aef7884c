// What a server holds at present.
#pragma once

#include <atomic>
#include <cstddef>

namespace mostove::http {

struct Load {
  std::atomic<size_t> bytes = 0;  // of requests, and of answers that were not taken yet
};

}  // namespace mostove::http
