# What the benches share; sourced, not run, after deploy/common.sh. They stand in the project's root.
# shellcheck shell=bash

HERE=tests/bench
TICKS=$(getconf CLK_TCK)

# build [--build DIR]: everything that is measured, as deploy/up builds it, or nothing
# but what stands in DIR already.
build() {
  if [ "${1:-}" = --build ]; then
    BUILD=${2:-}
    [ -x "$BUILD/bin/mostove-all" ] || fail "--build needs a build folder with bin/mostove-all in it"
    return
  fi
  deploy/setup $HERE/packages.txt
  step "Configuring" cmake --preset release -DMOSTOVE_BENCH=ON
  step "Building" ninja -C "$BUILD" mostove-all sql_bench
}

# begin: a folder that goes at the end, together with what was started.
begin() {
  work=$(mktemp -d -t mostove-bench-XXXXXX)
  pids=()
  failures=0
  trap end EXIT
  say "$(nproc) processors ($(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | sort -u | head -n 1)), $(uname -sr), \
$work on $(stat -f -c %T "$work"), load $(cut -d ' ' -f 1-3 /proc/loadavg)"
}

end() {
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null && wait "$pid"; done
  rm -rf -- "$work"
}

# check WHAT COMMAND...: tells a failure and goes on; the bench ends with 1 then.
check() {
  local what=$1
  shift
  if "$@"; then return; fi
  say "FAILED: $what"
  failures=$((failures + 1))
}

verdict() {
  ((failures == 0)) || fail "$failures checks failed; the figures above cannot be trusted"
  say "All answers were as they have to be. ${SECONDS} s in all."
}

# start_server FOLDER: sets $server (pid) and $url.
start_server() {
  local log=$work/mostove-all.log address=
  "$BUILD"/bin/mostove-all --http 127.0.0.1:0 --grpc 127.0.0.1:0 --data "$1" >"$log" 2>&1 </dev/null &
  server=$!
  pids+=("$server")
  until [ -n "$address" ]; do
    kill -0 "$server" 2>/dev/null || fail "mostove-all did not start: $(tail -n 5 "$log")"
    sleep 0.1
    address=$(sed -n '/"ready"/s/.*"http":"\([^"]*\)".*/\1/p' "$log")
  done
  url=http://$address
}

stop_server() {
  kill "$server"
  wait "$server" || say "mostove-all ended with $?"
}

# get TARGET [OPTION...]: the answer's body; fails for an error.
get() { curl -fsS --noproxy '*' "${@:2}" "$url$1"; }

# post TARGET FILE...: one request for each line of the files, four at once.
post() {
  local target=$1
  shift
  # shellcheck disable=SC2016
  cat -- "$@" | split -l 1 -a 5 -d --filter='cat >"$FILE.json"' - "$work/line-"
  find "$work" -name 'line-*.json' -print0 | sort -z | xargs -0 -P 4 -I '{}' curl -fsS --noproxy '*' -o /dev/null \
    -H 'Content-Type: application/json' --data-binary '@{}' "$url$target" ||
    fail "not all of $target was taken: see above"
  find "$work" -name 'line-*.json' -delete
}

# metric PATTERN: the sum of the samples whose names and labels match.
metric() { get /metrics | awk -v pattern="$1" '$0 ~ "^" pattern { sum += $NF } END { printf "%d\n", sum }'; }

# answered PATTERN: how many requests for resources were answered with such a status.
answered() { metric "mostove_http_requests_total{route=\"/v1.*status=\"$1\""; }

# cpu_us PID: what the process used so far.
cpu_us() {
  local fields
  read -r -a fields < <(sed 's/.*) //' "/proc/$1/stat")
  printf '%s\n' $(((fields[11] + fields[12]) * (1000000 / TICKS)))
}

# children_us: what the ended children of this script used.
children_us() {
  local fields
  read -r -a fields < <(sed 's/.*) //' /proc/$$/stat)
  printf '%s\n' $(((fields[13] + fields[14]) * (1000000 / TICKS)))
}

# machine_us: what was used of all processors.
machine_us() {
  local fields
  read -r -a fields </proc/stat
  printf '%s\n' $(((fields[1] + fields[2] + fields[3] + fields[6] + fields[7]) * (1000000 / TICKS)))
}

table_head() {
  printf '\n%-34s %6s %10s %9s %9s %9s %7s %7s\n' '' at requests/s 'p50 ms' 'p99 ms' 'CPU us' errors 'others*'
}
table_foot() { say "CPU: of the server for one request. *others: percent of one processor that neither server nor wrk used."; }

# measure TITLE CONNECTIONS SECONDS PID URL ARGUMENT...: a line of the table; the
# arguments are those of requests.lua. Sets $sent, $rate and $cost.
measure() {
  local title=$1 connections=$2 seconds=$3 pid=$4 at=$5 used children machine numbers
  shift 5
  machine=$(machine_us) children=$(children_us) used=$(cpu_us "$pid")
  wrk -t 1 -c "$connections" -d "${seconds}s" --timeout 10s -s $HERE/requests.lua "$at" -- "$@" >"$work/wrk.out" 2>&1 ||
    fail "wrk: $(tail -n 3 "$work/wrk.out")"
  used=$(($(cpu_us "$pid") - used)) children=$(($(children_us) - children)) machine=$(($(machine_us) - machine))
  read -r -a numbers < <(sed -n 's/^figures //p' "$work/wrk.out")
  sent=${numbers[0]}
  ((sent > 0)) || fail "no request of \"$title\" was answered: $(tail -n 5 "$work/wrk.out")"
  rate=$(awk -v n="$sent" -v us="${numbers[1]}" 'BEGIN { printf "%.0f", n * 1e6 / us }')
  cost=$(awk -v n="$sent" -v us="$used" 'BEGIN { printf "%.1f", us / n }')
  awk -v title="$title" -v at="$connections" -v rate="$rate" -v p50="${numbers[2]}" -v p99="${numbers[3]}" \
    -v cost="$cost" -v errors="${numbers[4]}" -v others="$((machine - children - used))" -v us="${numbers[1]}" \
    'BEGIN { printf "%-34s %6d %10d %9.2f %9.2f %9.1f %7d %7.0f\n", title, at, rate, p50 / 1e3, p99 / 1e3, cost, errors, (others > 0 ? others : 0) * 100 / us }'
  check "$title: ${numbers[4]} errors" [ "${numbers[4]}" = 0 ]
}
