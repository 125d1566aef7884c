// The verbs for single resources and lists. Each gives the exit code.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "services/cli/session.h"

namespace mostove::cli {

struct ListArguments {
  std::string collection;
  ListQuery query;
  int64_t limit = 0;  // 0 shows the first 50
  bool all = false;
  bool json = false;  // also on a terminal
  bool json_lines = false;
};

struct SearchArguments {
  std::vector<std::string> words;
  std::string type = "organizations";  // singular or plural
  std::string filter;
  int64_t limit = 0;  // 0 shows the best 20
  bool json = false;  // also on a terminal
  bool json_lines = false;
};

struct WriteArguments {
  std::string name;                // a name, of a create a collection
  std::string id;                  // of a create
  std::string file;                // JSON; "-" is standard input, "" none
  std::vector<std::string> set;    // "path=value"
  std::vector<std::string> clear;  // paths, of an update
  std::string mask;                // of an update; "" what is given
  WriteQuery query;
  bool json_lines = false;
};

int RunGet(const Session& session, const std::string& name, bool json_lines);
int RunList(const Session& session, const ListArguments& arguments);
int RunHistory(const Session& session, const std::string& name, int64_t limit, bool json_lines);
int RunCreate(const Session& session, const WriteArguments& arguments);
int RunUpdate(const Session& session, const WriteArguments& arguments);
int RunDelete(const Session& session, const WriteArguments& arguments);
int RunUndelete(const Session& session, const WriteArguments& arguments);
int RunSearch(const Session& session, const SearchArguments& arguments);
// `into`: the name of the one that stays.
int RunMerge(const Session& session, const WriteArguments& arguments, const std::string& into);
int RunUnmerge(const Session& session, const WriteArguments& arguments);
int RunTypes(const Session& session);

// Reads pages until `limit` items (0: all) and gives each page's items to
// `take`. True when there are more.
absl::StatusOr<bool> ReadPages(Api& api, const Collection& collection, ListQuery query,
                               int64_t limit,
                               const std::function<absl::Status(std::vector<std::string>)>& take);

// A file's bytes, "-" for standard input. INVALID_ARGUMENT when it cannot be read.
absl::StatusOr<std::string> ReadInput(const std::string& path);

}  // namespace mostove::cli
