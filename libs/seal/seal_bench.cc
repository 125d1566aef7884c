// What sealing costs for each row of a log, on an SQLite file: CPU of all threads.
//
// seal_bench FILE    the file must not exist
#include <sys/resource.h>

#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/seal/seal.h"

namespace mostove::seal {
namespace {

constexpr int kRows = 100'000;
constexpr int kPayloadBytes = 300;  // of an organization as it is made first

double CpuMicros() {
  rusage used;
  getrusage(RUSAGE_SELF, &used);
  return 1e6 * (used.ru_utime.tv_sec + used.ru_stime.tv_sec) + used.ru_utime.tv_usec +
         used.ru_stime.tv_usec;
}

absl::Status Fill(sql::Transaction& transaction) {
  return transaction.connection().Script(absl::StrCat(
      "CREATE TABLE diary (sequence BIGINT PRIMARY KEY, caller TEXT, name TEXT, payload BLOB);"
      "INSERT INTO diary WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ",
      kRows, ") SELECT i, 'users/one', 'organizations/' || i, randomblob(", kPayloadBytes,
      ") FROM n;"));
}

absl::Status Run(const std::string& file) {
  auto database = sql::Database::Open({.url = absl::StrCat("sqlite:", file)});
  if (!database.ok()) return database.status();
  if (const absl::Status made = Install(**database); !made.ok()) return made;
  const absl::Status filled = (*database)->Write(absl::InfiniteFuture(), Fill);
  if (!filled.ok()) return filled;
  const Log log = {"diary", {"sequence", "caller", "name", "payload"}, 1, ""};
  const absl::Time begin = absl::Now();
  const double cpu = CpuMicros();
  int rows = 0;
  while (rows < kRows) {
    const auto sealed = SealNext(**database, log, absl::Now());
    if (!sealed.ok()) return sealed.status();
    rows += *sealed;
  }
  std::printf("%d rows: %.2f us of CPU each, %.2f s in all\n", rows, (CpuMicros() - cpu) / rows,
              absl::ToDoubleSeconds(absl::Now() - begin));
  return absl::OkStatus();
}

}  // namespace
}  // namespace mostove::seal

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: seal_bench FILE\n");
    return 2;
  }
  const absl::Status status = mostove::seal::Run(argv[1]);
  if (!status.ok()) std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return status.ok() ? 0 : 1;
}
