// A folder that ends with its object, also after a crash.
#pragma once

#include <filesystem>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mostove::testing {

// Holds a lock while it lives. Those of processes that died are removed when
// the next one with the same label is made.
class TemporaryFolder {
 public:
  static absl::StatusOr<TemporaryFolder> Make(absl::string_view label);
  TemporaryFolder(TemporaryFolder&& other) noexcept;
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder();

  const std::filesystem::path& path() const { return path_; }

 private:
  TemporaryFolder(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::filesystem::path path_;
  int lock_;
};

}  // namespace mostove::testing
