// Figures of the process itself, under the names that Prometheus' dashboards know.
#pragma once

#include <string>

#include "libs/telemetry/metrics.h"

namespace mostove::telemetry {

// process_cpu_seconds_total, process_resident_memory_bytes, process_open_fds,
// process_max_fds, process_threads, process_start_time_seconds (when this was
// called); mostove_build_info{program,version,compiler}; mostove_log_lines_lost_total.
// Once, at the beginning of main.
void AddProcessFigures(Metrics& metrics, const std::string& program);

}  // namespace mostove::telemetry
