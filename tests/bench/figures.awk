# Prints a line of the table and appends the same as JSON to a file. Variables:
# file; subject, request, at; numbers of the load; before, after: of used_us;
# gateway, services, database: pids, empty where the subject has none.

BEGIN {
  split(numbers, n)
  split(before, b)
  split(after, a)
  for (i = 1; i <= 5; ++i) used[i] = a[i] - b[i]
  rate = n[1] * 1e6 / n[2]
  cpu = gateway services == "" ? "null" : (used[1] + used[2]) / n[1]
  gateway_cpu = gateway == "" ? "null" : used[1] / n[1]
  # A load that is the database itself says what it used.
  database_cpu = n[6] != "" ? n[6] : database == "" ? "null" : used[3] / n[1]
  others = (used[5] - used[4] - used[3] - used[2] - used[1]) * 100 / n[2]
  if (others < 0) others = 0

  printf "%-13s %-13s %3d %10d %9.3f %9.3f %8s %8s %9s %7d %7.0f\n", subject, request, at, rate, n[3] / 1e3, n[4] / 1e3,
    cell(cpu), cell(gateway_cpu), cell(database_cpu), n[5], others
  printf "{\"subject\":\"%s\",\"request\":\"%s\",\"connections\":%d,\"requests\":%d,\"requests_per_s\":%.1f," \
    "\"p50_us\":%.0f,\"p99_us\":%.0f,\"cpu_us\":%s,\"gateway_cpu_us\":%s,\"database_cpu_us\":%s,\"errors\":%d," \
    "\"others_percent\":%.0f}\n", subject, request, at, n[1], rate,
    n[3], n[4], cpu, gateway_cpu, database_cpu, n[5], others >>file
}

function cell(value) { return value == "null" ? "-" : sprintf("%.1f", value) }
