# The two homes of Mostove: started, filled, measured, killed and counted.
# Sourced by run, after common.sh.
# shellcheck shell=bash disable=SC2034,SC2154

# shellcheck source=tests/ports.sh
. tests/ports.sh

ORGANIZATIONS=10000
LIST='/v1/organizations?pageSize=50&filter=kind%3D%22LOCAL%22'
FIRST_CREATE='{"legalName":"Сдружение %d"}'
FULL_CREATE=$(awk -v body=1 -f "$HERE"/records.awk)

options=()
# What the caller set for other servers.
unset "${!PG@}"

# start_separate FOLDER: PostgreSQL, Redis, the services and the gateway, as
# deploy/up starts them, $copies (1) of each service, with further $options. Sets $url, $operations, and who calls as start_one.
start_separate() {
  local data=$1 address file name pid first
  first=$(free_ports 60)
  address=127.0.0.1:$first operations=$((first + 2))
  url=http://$address
  step "Starting separate processes" \
    deploy/up --separate --copies "${copies:-1}" "${options[@]}" --operations "$operations" --no-sample ${build:+--build "$build"} --data "$data" --http "$address" --grpc "127.0.0.1:$((first + 1))"
  call_with "$data/admin.token"
  gateway[separate]='' services[separate]='' database[separate]=''
  for file in "$data"/run/*.pid; do
    read -r pid <"$file"
    name=$(basename "$file" .pid)
    case $name in
      keep) kill "$pid" ;; # nothing may start again what is killed here
      mostove-gateway*) gateway[separate]+=" $pid" ;;
      mostove-*) services[separate]+=" $pid" ;;
      postgres | redis) database[separate]+=" $pid" ;;
    esac
  done
}

# in_postgres COMMAND...: one of PostgreSQL's clients, on the database of organizations.
in_postgres() {
  PGHOST="$work/separate/socket" PGUSER=mostove_organizations PGDATABASE=mostove_organizations "$@"
}

# sql HOME STATEMENT: what the database of organizations answers.
sql() {
  case $1 in
    one) sqlite3 "$work/one/organizations.db" "$2" ;;
    separate) in_postgres psql -XAtqc "$2" ;;
  esac
}

# Organizations bench-1, bench-2, ... and two that were made as the measured
# creates make theirs: the bare statements copy their rows.
load() {
  local begin=$SECONDS
  awk -v kind=organizations -v from=1 -v to=$ORGANIZATIONS -v batch=500 -f "$HERE"/records.awk >"$work/organizations"
  post /v1/organizations:batchCreate "$work/organizations"
  create_one() {
    get "/v1/organizations?organizationId=$1" -o /dev/null -H 'Content-Type: application/json' \
      -H "Idempotency-Key: $1" --data-binary "${2//%d/0}"
  }
  create_one like-create "$FIRST_CREATE"
  create_one like-create-full "$FULL_CREATE"
  say "Loaded $ORGANIZATIONS organizations in $((SECONDS - begin)) s."
}

# What the others have to answer with: the same.
keep_answers() {
  mkdir -p "$work/answers"
  get /v1/organizations/bench-7 >"$work/answers/one.json"
  get "$LIST" >"$work/answers/list.json"
  local token=
  while :; do
    get "/v1/organizations?pageSize=500&orderBy=create_time&pageToken=$token" >"$work/page"
    jq -c '{requests: [.organizations[] | {organizationId: (.name | ltrimstr("organizations/")), organization: .}]}' "$work/page"
    token=$(jq -r '.nextPageToken // ""' "$work/page")
    [ -n "$token" ] || break
  done >"$work/answers/all"
}

# expect TITLE STATUS CONNECTIONS: since $before all requests were answered with
# this status. wrk goes away without the last answers, one on each connection:
# the server finds that out (status 499) or answers.
expect() {
  local now all gone
  mapfile -t now < <(answers "$2")
  all=$((now[0] - before[0])) gone=$((now[2] - before[2]))
  check "$1: $((all - gone - now[1] + before[1])) of $all answers were not $2" [ $((now[1] - before[1] + gone)) = "$all" ]
  check "$1: wrk saw $sent answers of $all, $gone without a caller" [ $((all - sent)) -ge 0 -a $((all - sent)) -le "$3" ]
}

# answers STATUS: how many there were, of this status, and of callers that went away.
answers() { answered ... && answered "$1" && answered 499; }

# requests HOME REQUEST STATUS ARGUMENT...: with 64 connections and with one.
requests() {
  local home=$1 request=$2 status=$3 connections before
  shift 3
  if ! wanted request "$request"; then return; fi
  for connections in 64 1; do
    mapfile -t before < <(answers "$status")
    measure "$home" "$request" "$connections" http "$url" "$@"
    # The last answers, to connections that wrk has closed.
    sleep 0.2
    expect "$home, $request at $connections" "$status" "$connections"
  done
}

reads() {
  local etag
  etag=$(get /v1/organizations/bench-7 | jq -r .etag)
  check "GET one gives the organization" [ "$(get /v1/organizations/bench-7 | jq -r .name)" = organizations/bench-7 ]
  check "the list has 50 that match" [ "$(get "$LIST" | jq '[.organizations[] | select(.kind == "LOCAL")] | length')" = 50 ]
  requests "$1" get 200 names "$ORGANIZATIONS"
  requests "$1" not-modified 304 names "$ORGANIZATIONS" "$etag"
  requests "$1" list 200 path "$LIST"
}

# Of one process, on a copy of its data: reads of answers that nobody kept, and a
# list that changes all the time.
cold_and_changing() {
  stop_one
  cp -r "$work/one" "$work/copy"
  MOSTOVE_ANSWERS_BYTES_MAX=0 start_one "$work/copy"
  services[one-cold]=$server
  reads one-cold
  stop_one
  start_one "$work/copy"
  requests one list-changing 200 changing "$LIST" 20
  stop_one
  start_one "$work/one"
}

# Two sizes: what an organization enters at first, and all that it may say.
creates() {
  requests "$1" create 200 create "$FIRST_CREATE"
  requests "$1" create-full 200 create "$FULL_CREATE"
}

# kill_home HOME: its programs, without a warning; the database stays.
kill_home() {
  local pid
  for pid in ${gateway[$1]:-} ${services[$1]}; do kill -KILL "$pid"; done
  for pid in ${gateway[$1]:-} ${services[$1]}; do
    wait "$pid" 2>/dev/null || true # if it is of this script
    while [ -e "/proc/$pid/exe" ]; do sleep 0.1; done
  done
}

# count HOME CREATED GONE: whether the database holds what was acknowledged, and
# of the creates whose caller went away each as a whole or not at all.
count() {
  local home=$1 rows
  rows=$(($(sql "$home" 'SELECT COUNT(*) FROM organizations') - ORGANIZATIONS))
  check "$home: $rows organizations are there of $2 acknowledged creates and $3 without a caller" \
    [ "$rows" -ge "$2" -a "$rows" -le $(($2 + $3)) ]
  check "$home: as many idempotency keys as organizations" [ "$(sql "$home" 'SELECT COUNT(*) FROM idempotency')" = "$rows" ]
  check "$home: as many entries of the change log as organizations" \
    [ "$(sql "$home" "SELECT COUNT(*) FROM change_log WHERE resource_type = 'organizations.mostove.bg/Organization'")" = $((ORGANIZATIONS + rows)) ]
  say "Killed: $2 acknowledged creates were looked for in the database."
}

# Whether what PostgreSQL acknowledged is on disk also when the machine stops.
durable() {
  [ "$(sql separate 'SHOW fsync')" = on ] && [ "$(sql separate 'SHOW synchronous_commit')" = on ]
}

# home NAME: all that is measured of it, and the bare statements on its database.
home() {
  local before now
  "start_$1" "$work/$1"
  load
  [ -e "$work/answers" ] || keep_answers
  if [ "$1" = separate ]; then check "PostgreSQL writes commits to the disk" durable; fi
  table_head
  if wanted subject "$1"; then
    [ "$1" != one ] || cold_and_changing
    reads "$1"
    mapfile -t before < <(answers 200)
    creates "$1"
    mapfile -t now < <(answers 200)
    kill_home "$1"
    count "$1" $((2 + now[1] - before[1])) $((now[2] - before[2]))
  else
    kill_home "$1"
  fi
  if wanted subject "${engines[$1]}"; then statements "$1"; fi
  if [ "$1" = separate ]; then deploy/down --data "$work/separate" >/dev/null; fi
}
