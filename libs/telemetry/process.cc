#include "libs/telemetry/process.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "absl/time/clock.h"
#include "libs/telemetry/log.h"

namespace mostove::telemetry {
namespace {

double CpuSeconds() {
  rusage used = {};
  getrusage(RUSAGE_SELF, &used);
  return absl::ToDoubleSeconds(absl::DurationFromTimeval(used.ru_utime) +
                               absl::DurationFromTimeval(used.ru_stime));
}

double ResidentBytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  long all = 0, resident = 0;
  const int read = std::fscanf(file, "%ld %ld", &all, &resident);
  std::fclose(file);
  return read == 2 ? static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) : 0;
}

// But for "." and "..".
double Entries(const char* folder) {
  DIR* directory = opendir(folder);
  if (directory == nullptr) return 0;
  int count = 0;
  while (const dirent* entry = readdir(directory)) count += entry->d_name[0] != '.';
  closedir(directory);
  return count;
}

double FdsMax() {
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
}

}  // namespace

void AddProcessFigures(Metrics& metrics, const std::string& program) {
  metrics.CounterFrom("process_cpu_seconds_total", "User and system CPU time.", {}, CpuSeconds);
  metrics.Gauge("process_resident_memory_bytes", "Memory that is in use.", ResidentBytes);
  metrics.Gauge("process_open_fds", "Open file descriptors.",
                [] { return Entries("/proc/self/fd") - 1; });  // the folder's own
  metrics.Gauge("process_max_fds", "File descriptors that may be open.", FdsMax);
  metrics.Gauge("process_threads", "Threads.", [] { return Entries("/proc/self/task"); });
  metrics.Gauge("process_start_time_seconds", "When the process began, in Unix time.",
                [start = absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch())] { return start; });
  metrics.Gauge("mostove_build_info", "Always 1; what runs stands in the labels.",
                {{"program", program}, {"version", MOSTOVE_VERSION}, {"compiler", __VERSION__}},
                [] { return 1; });
  metrics.CounterFrom("mostove_log_lines_lost_total",
                      "Log lines that gave way because the queue was full.", {},
                      [] { return static_cast<double>(LinesLost()); });
}

}  // namespace mostove::telemetry
