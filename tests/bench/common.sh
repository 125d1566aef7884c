# What the benches share: building, a folder that goes at the end, requests,
# and the table of figures. Sourced, not run, after deploy/common.sh. The
# scripts stand in the project's root.
# shellcheck shell=bash

HERE=tests/bench
TICK_US=$((1000000 / $(getconf CLK_TCK)))
TIME=10

# Processes of a subject, by their pids: its gateway, its services (or all that
# it is), its database.
declare -A gateway services database

# build DIR PROGRAM...: what stands in DIR already or, if that is empty, these
# programs as deploy/up builds them.
build() {
  if [ -n "$1" ]; then
    BUILD=$1
    [ -x "$BUILD/bin/mostove-all" ] || fail "--build needs a build folder with bin/mostove-all in it"
    return
  fi
  [ -e "$BUILD/build.ninja" ] || step "Configuring" cmake --preset release -DMOSTOVE_TESTS=OFF
  step "Building" ninja -C "$BUILD" "${@:2}"
}

# begin: a folder that goes at the end, however that comes, with what was started.
begin() {
  work=$(mktemp -d -t mostove-bench-XXXXXX)
  chmod 755 "$work" # a database server of another user stands in it
  pids=()
  failures=0
  trap end EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

end() {
  trap '' INT TERM HUP
  if [ -e "$work/separate/run" ]; then deploy/down --data "$work/separate" >/dev/null || true; fi
  kill "${pids[@]}" 2>/dev/null || true
  wait "${pids[@]}" 2>/dev/null || true
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

# The first line of the figures, and a sentence.
machine() {
  local model disk synced
  model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | sort -u | head -n 1)
  disk=$(stat -f -c %T "$work")
  dd if=/dev/zero of="$work/synced" bs=4k count=200 oflag=dsync 2>"$work/dd"
  synced=$(sed -n 's/.*copied, \([0-9.e-]*\) s.*/\1/p' "$work/dd" | awk '{ printf "%d", $1 * 1e6 / 200 }')
  jq -cn --arg model "$model" --argjson processors "$(nproc)" --arg kernel "$(uname -sr)" --arg disk "$disk" \
    --argjson synced "$synced" --arg load "$(cut -d ' ' -f 1-3 /proc/loadavg)" --arg date "$(date -uIseconds)" \
    --arg revision "$(git describe --always --dirty 2>/dev/null || true)" \
    --arg callers "${MOSTOVE_CALLERS:-tokens}" \
    '{$date, $revision, $callers, $processors, $model, $kernel, $disk, synced_write_us: $synced, $load}' >"$work/figures"
  say "$(nproc) processors ($model), $(uname -sr), $work on $disk, where a synced write of 4 KB takes $synced us; \
load $(cut -d ' ' -f 1-3 /proc/loadavg); callers: ${MOSTOVE_CALLERS:-tokens}"
}

# await LOG EXPRESSION PID: prints what the expression of sed finds, as soon as it does.
await() {
  local found=
  until [ -n "$found" ]; do
    kill -0 "$3" 2>/dev/null || fail "it did not start: $(tail -n 5 "$1")"
    sleep 0.1
    found=$(sed -n "$2" "$1")
  done
  printf '%s\n' "$found"
}

# start_one FOLDER: mostove-all; sets $server (its pid) and $url. Calls are an
# administrator's from then on, who has no limits.
start_one() {
  local log=$work/mostove-all.log address
  "$BUILD"/bin/mostove-all --http 127.0.0.1:0 --grpc 127.0.0.1:0 --data "$1" \
    --identity-operator-socket "$work/operator.sock" >"$log" 2>&1 </dev/null &
  server=$!
  pids+=("$server")
  services[one]=$server
  address=$(await "$log" '/"ready"/s/.*"http":"\([^"]*\)".*/\1/p' "$server")
  url=http://$address
  "$BUILD"/bin/mostove admin token bench@example.org --socket "$work/operator.sock" --output "$work/token"
  call_with "$work/token"
}

# call_with FILE: sets MOSTOVE_TOKEN and $proof, what requests bring, to the token in it; to nothing
# with callers = local.
call_with() {
  MOSTOVE_TOKEN='' proof=()
  if [ "${MOSTOVE_CALLERS:-tokens}" = tokens ]; then
    MOSTOVE_TOKEN=$(cat -- "$1")
    proof=(-H "Authorization: Bearer $MOSTOVE_TOKEN")
  fi
  export MOSTOVE_TOKEN
}

stop_one() {
  kill "$server"
  wait "$server" || say "mostove-all ended with $?"
}

# get TARGET [OPTION...]: the answer's body; fails for an error.
get() { curl -fsS --noproxy '*' "${proof[@]}" "${@:2}" "$url$1"; }

# post TARGET FILE...: one request for each line of the files, JOBS (4) at once.
post() {
  local target=$1
  shift
  # shellcheck disable=SC2016
  cat -- "$@" | split -l 1 -a 5 -d --filter='cat >"$FILE.json"' - "$work/line-"
  find "$work" -maxdepth 1 -name 'line-*.json' -print0 | sort -z | xargs -0 -P "${JOBS:-4}" -I '{}' curl -fsS --noproxy '*' -o /dev/null \
    "${proof[@]}" -H 'Content-Type: application/json' --data-binary '@{}' "$url$target" ||
    fail "not all of $target was taken: see above"
  find "$work" -maxdepth 1 -name 'line-*.json' -delete
}

# metric PATTERN: the sum of the samples whose names and labels match.
metric() { get /metrics | awk -v pattern="$1" '$0 ~ "^" pattern { sum += $NF } END { printf "%d\n", sum }'; }

# answered PATTERN: how many requests for resources were answered with such a status.
answered() { metric "mostove_http_requests_total{route=\"/v1.*status=\"$1\""; }

# cpu_us PID...: what these processes and all below them used so far, those that ended too.
cpu_us() {
  # Some end while they are listed.
  { cat /proc/[0-9]*/stat 2>/dev/null || true; } | sed 's/ (.*) / /' | awk -v roots="$*" -v us="$TICK_US" '
    { parent[$1] = $3; used[$1] = $13 + $14 + $15 + $16 }
    END {
      split(roots, list)
      for (i in list) root[list[i]] = 1
      for (pid in parent) {
        for (at = pid; at in parent && !(at in root); at = parent[at]) continue
        if (at in root) sum += used[pid]
      }
      printf "%d\n", sum * us
    }'
}

# children_us: what the ended children of this script used.
children_us() {
  local fields
  read -r -a fields < <(sed 's/.*) //' /proc/$$/stat)
  printf '%s\n' $(((fields[13] + fields[14]) * TICK_US))
}

# machine_us: what was used of all processors.
machine_us() {
  local fields
  read -r -a fields </proc/stat
  printf '%s\n' $(((fields[1] + fields[2] + fields[3] + fields[6] + fields[7]) * TICK_US))
}

# used_us SUBJECT: of its gateway, its services, its database, of this script's
# children, of the machine.
used_us() {
  local pids
  for pids in "${gateway[$1]:-}" "${services[$1]:-}" "${database[$1]:-}"; do
    # shellcheck disable=SC2086
    if [ -n "$pids" ]; then cpu_us $pids; else printf '0\n'; fi
  done
  children_us
  machine_us
}

table_head() {
  printf '\n%-13s %-13s %3s %10s %9s %9s %8s %8s %9s %7s %7s\n' \
    '' '' at requests/s 'p50 ms' 'p99 ms' 'CPU us' gateway database errors 'others*'
}

table_foot() {
  cat <<'END_OF_TEXT'
CPU us: microseconds of a processor for one request, without the database where that is a process of
its own; gateway: the gateway's part of it; database: of PostgreSQL and Redis, or of SQLite alone.
*others: percent of one processor that went to programs that are not measured.
END_OF_TEXT
}

# measure SUBJECT REQUEST CONNECTIONS LOAD...: a line of the table and of
# $work/figures. LOAD, called with the connections, prints "figures" with
# requests, microseconds, p50 and p99 in microseconds, errors. Sets $sent.
measure() {
  local subject=$1 request=$2 at=$3 before after numbers
  shift 3
  mapfile -t before < <(used_us "$subject")
  "$1" "$at" "${@:2}" >"$work/load.out" 2>&1 || fail "$subject, $request at $at: $(tail -n 5 "$work/load.out")"
  mapfile -t after < <(used_us "$subject")
  read -r -a numbers < <(sed -n 's/^figures //p' "$work/load.out")
  sent=${numbers[0]:-0}
  ((sent > 0)) || fail "$subject, $request at $at: nothing was answered: $(tail -n 5 "$work/load.out")"
  awk -v file="$work/figures" -v subject="$subject" -v request="$request" -v at="$at" -v numbers="${numbers[*]}" \
    -v before="${before[*]}" -v after="${after[*]}" -v gateway="${gateway[$subject]:-}" \
    -v services="${services[$subject]:-}" -v database="${database[$subject]:-}" -f $HERE/figures.awk
  check "$subject, $request at $at: ${numbers[4]} errors" [ "${numbers[4]}" = 0 ]
}

# http CONNECTIONS URL ARGUMENT...: a load; the arguments are those of requests.lua.
http() {
  local connections=$1 at=$2
  shift 2
  wrk -t 1 -c "$connections" -d "${TIME}s" --timeout 60s "${proof[@]}" \
    -s $HERE/requests.lua "$at" -- "$@"
}
