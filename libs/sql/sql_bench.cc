// Prints how fast a database is behind this library: durable creates by 64
// callers, and point reads by one. A figure a line; processor time is this
// program's own.
//   sql_bench                   SQLite in a temporary folder
//   sql_bench postgresql://...  an empty database, in groups and one by one
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "libs/sql/database.h"
#include "libs/status/macros.h"

namespace mostove::sql {
namespace {

constexpr int kCallers = 64;
constexpr int kCreatesEach = 500;
constexpr int kReads = 300000;
constexpr size_t kMessageBytes = 600;

// A row, its entry of the change log, its idempotency key.
constexpr char kTables[] = R"sql(
  CREATE TABLE thing (name TEXT PRIMARY KEY, revision BIGINT, message BLOB);
  CREATE TABLE log (sequence INTEGER PRIMARY KEY, name TEXT, revision BIGINT, payload BLOB);
  CREATE INDEX log_name ON log (name, revision);
  CREATE TABLE key (caller TEXT, key TEXT, response BLOB, PRIMARY KEY (caller, key));)sql";

std::string Tables(Engine engine) {
  const char* row_number = engine == Engine::kSqlite ? "INTEGER PRIMARY KEY" : "BIGSERIAL";
  return absl::StrReplaceAll(kTables, {{"INTEGER PRIMARY KEY", row_number}});
}

void PrintRate(const char* name, int count, absl::Duration time) {
  std::printf("%s %.0f\n", name, count / absl::ToDoubleSeconds(time));
}

void PrintProcessor(const char* name, int count, std::clock_t start) {
  std::printf("%s %.2f\n", name,
              1e6 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC / count);
}

std::string Name(int64_t number) { return absl::StrCat("organizations/thing-", number); }

absl::Status Create(Transaction& transaction, int number, const Blob& message) {
  Connection& connection = transaction.connection();
  RETURN_IF_ERROR(
      connection.Queue("INSERT INTO thing VALUES (?1, 1, ?2)", {Name(number), message}));
  RETURN_IF_ERROR(connection.Queue("INSERT INTO log (name, revision, payload) VALUES (?1, 1, ?2)",
                                   {Name(number), message}));
  return connection.Queue("INSERT INTO key VALUES ('users/1', ?1, ?2)", {Name(number), message});
}

// Those from `first` on.
absl::Status Creates(Database& database, Extent extent, int first) {
  const Blob message{std::string(kMessageBytes, 'm')};
  std::atomic<int> failed = 0;
  const std::clock_t processor_start = std::clock();
  const absl::Time start = absl::Now();
  std::vector<std::thread> callers;
  for (int caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&, caller] {
      for (int i = 0; i < kCreatesEach; ++i) {
        const int number = first + caller * kCreatesEach + i;
        const absl::Status written = database.Write(
            absl::Now() + absl::Seconds(30),
            [&](Transaction& transaction) { return Create(transaction, number, message); }, extent);
        if (!written.ok()) ++failed;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  PrintRate("creates_per_s", kCallers * kCreatesEach, absl::Now() - start);
  PrintProcessor("create_cpu_us", kCallers * kCreatesEach, processor_start);
  return failed == 0 ? absl::OkStatus() : absl::InternalError("creates failed");
}

absl::Status PointReads(Database& database) {
  size_t bytes = 0;
  const std::clock_t processor_start = std::clock();
  const absl::Time start = absl::Now();
  for (int i = 0; i < kReads; ++i) {
    ASSIGN_OR_RETURN(const Database::Reader reader, database.Read(start + absl::Seconds(300)));
    RETURN_IF_ERROR(reader->Query("SELECT revision, message FROM thing WHERE name = ?1",
                                  {Name(int64_t{i} * 7919 % (kCallers * kCreatesEach))},
                                  [&](const Row& row) {
                                    bytes += row.Bytes(1).size();
                                    return true;
                                  }));
  }
  PrintRate("reads_per_s", kReads, absl::Now() - start);
  PrintProcessor("read_cpu_us", kReads, processor_start);
  return bytes == kReads * kMessageBytes ? absl::OkStatus() : absl::InternalError("rows missing");
}

absl::Status Bench(const std::string& url) {
  DatabaseOptions options;
  options.url = url;
  ASSIGN_OR_RETURN(const std::unique_ptr<Database> database, Database::Open(options));
  RETURN_IF_ERROR(database->Migrate("bench", {{1, "tables", Tables(database->engine())}}));
  RETURN_IF_ERROR(Creates(*database, Extent::kShort, 0));
  if (database->engine() == Engine::kPostgres) {
    std::puts("one by one:");
    RETURN_IF_ERROR(Creates(*database, Extent::kAny, kCallers * kCreatesEach));
  }
  return PointReads(*database);
}

absl::Status BenchSqlite() {
  std::string folder = (std::filesystem::temp_directory_path() / "sql_bench-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return absl::InternalError("no temporary folder");
  const absl::Status done = Bench(absl::StrCat("sqlite:", folder, "/bench.db"));
  std::filesystem::remove_all(folder);
  return done;
}

}  // namespace
}  // namespace mostove::sql

int main(int argc, char** argv) {
  const absl::Status done = argc > 1 ? mostove::sql::Bench(argv[1]) : mostove::sql::BenchSqlite();
  if (!done.ok()) std::cerr << done << '\n';
  return done.ok() ? 0 : 1;
}
