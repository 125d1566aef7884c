// Answers as gzip where that helps.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "libs/http/request.h"
#include "libs/http/response.h"

namespace mostove::gateway {

// True when Accept-Encoding takes gzip, and not less gladly than the bytes as they are.
bool AcceptsGzip(const http::Headers& headers);

struct CompressorOptions {
  int level = 1;                     // 1 to 9; 0 switches it off
  size_t bytes_min = 1024;           // below, a packet is a packet
  size_t kept_bytes_max = 16 << 20;  // of compressed answers that are asked for again
};

// Safe for all threads.
class Compressor {
 public:
  explicit Compressor(const CompressorOptions& options) : options_(options) {}

  bool enabled() const { return options_.level > 0; }
  // Replaces the body of an answer with status 200 whose type is text in some form, and makes its
  // ETag a weak one: the tag names the resource, the bytes are others. Problems are left as they
  // are, since they repeat what the request said, and so is what says no-transform.
  void Apply(http::Response& response);

 private:
  using Bytes = std::shared_ptr<const std::string>;
  struct Kept {
    std::weak_ptr<const std::string> plain;  // whose address is the key
    Bytes packed;
  };

  Bytes FindKept(const Bytes& plain);
  void Keep(const Bytes& plain, const Bytes& packed);

  const CompressorOptions options_;
  std::mutex mutex_;
  absl::flat_hash_map<const std::string*, Kept> kept_;
  size_t kept_bytes_ = 0;
};

}  // namespace mostove::gateway
