// A database that says which statements it runs.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "libs/sql/database.h"

namespace mostove::access {

// Of several databases, in the order in which they run.
class Statements {
 public:
  void Add(absl::string_view text);
  // Those since the last time.
  std::vector<std::string> Take();

 private:
  std::mutex mutex_;
  std::vector<std::string> texts_;
};

// `statements` outlives it. For one writer at a time.
std::unique_ptr<sql::Database> Recorded(std::unique_ptr<sql::Database> database,
                                        Statements* statements);

}  // namespace mostove::access
