// Runs the statements of a file on an SQLite database and nothing else: what
// the database alone can do. `:id` in them is a number that changes each time.
// Usage: statements DATABASE FILE SECONDS FIRST COUNT GROUP
//   ids go round from FIRST to FIRST + COUNT - 1; GROUP runs share a durable
//   commit, as that many callers at once would; 0 for statements that only read.
// Prints "figures" as measure of common.sh reads them: runs, microseconds, p50
// and p99 in microseconds, errors, microseconds of a processor for one run.
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

sqlite3* database = nullptr;

[[noreturn]] void Fail() {
  std::fprintf(stderr, "%s\n", sqlite3_errmsg(database));
  std::exit(1);
}

void Execute(const char* statement) {
  if (sqlite3_exec(database, statement, nullptr, nullptr, nullptr) != SQLITE_OK) Fail();
}

std::vector<sqlite3_stmt*> Prepare(const std::string& script) {
  std::vector<sqlite3_stmt*> statements;
  for (const char* rest = script.c_str(); *rest != '\0';) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(database, rest, -1, SQLITE_PREPARE_PERSISTENT, &statement, &rest) !=
        SQLITE_OK)
      Fail();
    if (statement != nullptr) statements.push_back(statement);
  }
  return statements;
}

// Every value of every row is fetched, as a server would.
void Run(sqlite3_stmt* statement, int64_t id) {
  sqlite3_bind_int64(statement, sqlite3_bind_parameter_index(statement, ":id"), id);
  int result = sqlite3_step(statement);
  for (; result == SQLITE_ROW; result = sqlite3_step(statement)) {
    for (int i = 0; i < sqlite3_column_count(statement); ++i) sqlite3_column_blob(statement, i);
  }
  if (result != SQLITE_DONE) Fail();
  sqlite3_reset(statement);
}

double Microseconds(Clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) return 2;
  std::ifstream file(argv[2]);
  std::stringstream script;
  script << file.rdbuf();
  const double limit = std::atof(argv[3]) * 1e6;
  const int64_t first = std::atoll(argv[4]), count = std::atoll(argv[5]);
  const int group = std::atoi(argv[6]);

  if (sqlite3_open_v2(argv[1], &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr) !=
      SQLITE_OK)
    Fail();
  Execute("PRAGMA synchronous = FULL; PRAGMA mmap_size = 268435456; PRAGMA cache_size = -65536");
  const std::vector<sqlite3_stmt*> statements = Prepare(script.str());

  std::vector<double> times;
  const std::clock_t processor = std::clock();
  const Clock::time_point begin = Clock::now();
  Clock::time_point now = begin;
  for (int64_t run = 0; Microseconds(now - begin) < limit;) {
    const Clock::time_point start = now;
    if (group > 0) Execute("BEGIN IMMEDIATE");
    for (int i = 0; i < std::max(group, 1); ++i, ++run) {
      // A prime: each id comes once a round.
      for (sqlite3_stmt* statement : statements) Run(statement, first + run * 7919 % count);
    }
    if (group > 0) Execute("COMMIT");
    now = Clock::now();
    times.insert(times.end(), std::max(group, 1), Microseconds(now - start));
  }
  const double used = 1e6 * static_cast<double>(std::clock() - processor) / CLOCKS_PER_SEC;
  std::sort(times.begin(), times.end());
  std::printf("figures %zu %.0f %.1f %.1f 0 %.3f\n", times.size(), Microseconds(now - begin),
              times[times.size() / 2], times[times.size() * 99 / 100],
              used / static_cast<double>(times.size()));
  return 0;
}
