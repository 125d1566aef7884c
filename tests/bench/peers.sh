# What else serves such answers: nginx with files, and grpc-gateway with records
# in memory. Sourced by run, after homes.sh.
# shellcheck shell=bash disable=SC2034,SC2154

# One process that is the worker; it sends what the home answered, from files.
nginx_peer() {
  local port
  port=$(free_ports 1)
  cat >"$work/nginx.conf" <<END_OF_CONF
daemon off;
master_process off;
pid $work/nginx.pid;
error_log $work/nginx.log;
events { }
http {
  access_log off;
  client_body_temp_path $work/nginx-body;
  types { application/json json; }
  sendfile on;
  tcp_nopush on;
  open_file_cache max=10;
  keepalive_requests 1000000000;
  server { listen 127.0.0.1:$port; root $work/answers; }
}
END_OF_CONF
  nginx -e "$work/nginx.log" -c "$work/nginx.conf" &
  services[nginx]=$!
  pids+=("$!")
  url=http://127.0.0.1:$port
  until get /one.json -o "$work/copy" 2>/dev/null; do
    kill -0 "${services[nginx]}" 2>/dev/null || fail "nginx did not start: $(tail -n 5 "$work/nginx.log")"
    sleep 0.1
  done
  check "nginx sends GET one's body" cmp -s "$work/copy" "$work/answers/one.json"
  measure_peer nginx get path /one.json
  measure_peer nginx list path /list.json
}

grpc_gateway_peer() {
  local log=$work/grpc-gateway.log
  build/bench/grpc-gateway >"$log" 2>&1 </dev/null &
  services[grpc-gateway]=$!
  pids+=("$!")
  url=http://$(await "$log" 's/^ready //p' $!)
  # In their order: the list begins with the newest.
  JOBS=1 post /v1/organizations:batchCreate "$work/answers/all"
  check "grpc-gateway gives the same organization" same '{organizations: [.]}' /v1/organizations/bench-7 one.json
  check "grpc-gateway gives the same list" same . "$LIST" list.json
  measure_peer grpc-gateway get names "$ORGANIZATIONS"
  measure_peer grpc-gateway list path "$LIST"
  measure_peer grpc-gateway create create "$FIRST_CREATE"
  measure_peer grpc-gateway create-full create "$FULL_CREATE"
}

# same EXPRESSION TARGET FILE: the answers are the same, except for the times
# of their making and the page's token.
same() {
  cmp -s <(get "$2" | jq -S "$1 | .organizations[] | del(.createTime, .updateTime)") \
    <(jq -S "$1 | .organizations[] | del(.createTime, .updateTime)" "$work/answers/$3")
}

# measure_peer PEER REQUEST ARGUMENT...: with 64 connections and with one.
measure_peer() {
  local peer=$1 request=$2 connections
  shift 2
  if ! wanted request "$request"; then return; fi
  for connections in 64 1; do measure "$peer" "$request" $connections http "$url" "$@"; done
}

stop_peer() {
  kill "${services[$1]}"
  wait "${services[$1]}" 2>/dev/null || true
}
