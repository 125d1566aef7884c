# The home of separate programs: PostgreSQL, Redis, each service, the gateway;
# sourced, not run, after processes.sh. Beside run/ and log/ the data folder has
#   bin/        the programs, as they were built last
#   socket/     the Unix sockets
#   postgres/   a PostgreSQL with one database per service
#   redis/      Redis's working folder
#   identity/   the key that seals signing keys
#   tls/        certificates, with --tcp: see authority.sh
# shellcheck shell=bash disable=SC2034,SC2154

ACCOUNT=mostove

# PostgreSQL's own programs; Debian keeps them out of the usual path.
PATH=/usr/lib/postgresql/15/bin:$PATH:/usr/sbin
# What the caller set for psql is not meant for ours.
unset "${!PG@}"

# Connections that one service process may open: as many as it has threads (64
# for calls, 16 for other services), 8 writers, and some that look after the log.
CONNECTIONS_PER_PROCESS=100

# A folder with a definition is a service.
SERVICES=(services/*/definition.h)
SERVICES=("${SERVICES[@]#services/}")
SERVICES=("${SERVICES[@]%/definition.h}")

# address SERVICE COPY: where it listens.
address_of() {
  local index=0
  if ((tcp == 0)); then
    printf 'unix:%s\n' "$data/socket/$1-$2.sock"
    return
  fi
  while [ "${SERVICES[index]}" != "$1" ]; do index=$((index + 1)); done
  printf '127.0.0.1:%s\n' $((tcp + index * copies + $2 - 1))
}

# address_of_name NAME: the same for mostove-SERVICE-COPY.
address_of_name() {
  local service=${1#mostove-}
  address_of "${service%-*}" "${service##*-}"
}

# addresses SERVICE: those of all its copies, with commas.
addresses_of() {
  local copy all=
  for ((copy = 1; copy <= copies; copy++)); do all+=,$(address_of "$1" "$copy"); done
  printf '%s\n' "${all#,}"
}

# operations_address NAME: where operators ask mostove-SERVICE-COPY over HTTP.
operations_address() {
  local service=${1#mostove-} index=0
  while [ "${SERVICES[index]}" != "${service%-*}" ]; do index=$((index + 1)); done
  printf '127.0.0.1:%s\n' $((operations + index * copies + ${service##*-} - 1))
}

# Every process, in the order in which they are started.
separate_names() {
  local service copy
  printf '%s\n' postgres redis
  for service in "${SERVICES[@]}"; do
    for ((copy = 1; copy <= copies; copy++)); do printf 'mostove-%s-%s\n' "$service" "$copy"; done
  done
  printf '%s\n' mostove-gateway
}

# peers [SERVICE]: sets $peers, the options that tell a program where the services are, all or all but one.
peers() {
  local service
  peers=()
  for service in "${SERVICES[@]}"; do
    [ "$service" = "${1:-}" ] || peers+=("--services-$service" "$(addresses_of "$service")")
  done
}

# separate_command NAME: sets $command.
separate_command() {
  local service
  case $1 in
    postgres) postgres_command ;;
    redis) redis_command ;;
    mostove-gateway)
      peers
      tls_options gateway
      command=("$data/bin/mostove-gateway" --http "$http" --grpc "$grpc" --auth-issuer "http://$http"
        --redis "unix:$data/socket/redis.sock" "${peers[@]}" "${tls[@]}")
      ;;
    *)
      service=${1#mostove-} service=${service%-*}
      peers "$service"
      tls_options "$service"
      command=("$data/bin/mostove-$service" --address "$(address_of_name "$1")"
        --operations "$(operations_address "$1")"
        --database "postgresql:///mostove_$service?host=$data/socket&user=mostove_$service"
        --redis "unix:$data/socket/redis.sock" --auth-issuer "http://$http" "${peers[@]}" "${tls[@]}")
      [ "$service" != identity ] || command+=(--identity-key-file "$data/identity/identity.key")
      # One copy is enough for operators.
      [ "$1" != mostove-identity-1 ] || command+=(--identity-operator-socket "$(operator_socket)")
      ;;
  esac
}

# On the command line, where postgresql.conf cannot take it back: what an
# acknowledged write and a closed door depend on. Everything else may be set there.
postgres_command() {
  command=("$(command -v postgres)" -D "$data/postgres"
    -c listen_addresses= -k "$data/socket" -c unix_socket_permissions=0700
    -c fsync=on -c full_page_writes=on -c synchronous_commit=on
    -c max_connections=$((${#SERVICES[@]} * copies * CONNECTIONS_PER_PROCESS + 20))
    # After a crash one sync of the file system, not of thousands of files: 0.2 s for 10 s.
    -c recovery_init_sync_method=syncfs
    # The services set both by each call's deadline; these bound what others ask.
    -c statement_timeout=60s -c idle_in_transaction_session_timeout=30s)
}

# A cache: nothing of it goes to disk, and the oldest gives way.
redis_command() {
  command=("$data/bin/redis-server" --port 0 --unixsocket "$data/socket/redis.sock" --unixsocketperm 600
    --dir "$data/redis" --save '' --appendonly no --maxmemory 256mb --maxmemory-policy allkeys-lru
    --set-proc-title no)
}

# A path goes into socket addresses (107 bytes), URLs and lists with commas.
check_socket_paths() {
  local longest=.s.PGSQL.5432 name
  while read -r name; do
    name=${name#mostove-}.sock
    ((${#name} <= ${#longest})) || longest=$name
  done < <(separate_names)
  [[ $data =~ ^[a-zA-Z0-9/._~-]+$ ]] ||
    fail "--separate needs a data folder whose path has only letters a-z, digits and . _ ~ - in it, not $data; choose another with --data"
  longest=$data/socket/$longest
  ((${#longest} <= 107)) ||
    fail "the path of a socket may have 107 bytes, and $longest has ${#longest}; choose a shorter folder with --data"
}

# PostgreSQL refuses to be root, and nothing else needs to be: root starts
# everything as a system user. An ordinary user's programs run as that user.
prepare_account() {
  [ "$(id -u)" = 0 ] || return 0
  if ! getent passwd "$ACCOUNT" >/dev/null; then
    useradd --system --user-group --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin "$ACCOUNT"
    say "Made the system user $ACCOUNT."
  fi
  as_account=(setpriv "--reuid=$ACCOUNT" "--regid=$ACCOUNT" --init-groups --no-new-privs)
}

# reaches FOLDER: leaves 0 if the programs' account may go there.
reaches() { "${as_account[@]}" test -x "$1"; }

# What the programs write to is theirs; pid files, logs and programs stay the caller's.
prepare_folders() {
  local folder=$data
  mkdir -p -- "$data/bin"
  if [ -e "$data/$MARKER" ] && ! reaches "$data"; then
    chgrp "$ACCOUNT" -- "$data" && chmod g+x -- "$data"
  fi
  until reaches "$folder"; do
    ! reaches "$(dirname "$folder")" ||
      fail "the user $ACCOUNT, under whom root starts the programs, cannot reach $data: $folder is closed to it; choose another folder with --data, such as /var/lib/mostove"
    folder=$(dirname "$folder")
  done
  make_folder "$data/socket"
  make_folder "$data/redis"
  make_folder "$data/identity"
}

# make_folder FOLDER: for the account alone.
make_folder() {
  [ -d "$1" ] || mkdir -m 0700 -- "$1"
  ((${#as_account[@]} == 0)) || chown "$ACCOUNT:$ACCOUNT" -- "$1"
}

# in_data COMMAND...: as the account, in a folder where it may be.
in_data() { (cd "$data" && "${as_account[@]}" "$@"); }

# install_program FROM NAME: a copy in bin/, where the account can reach it and
# the next build does not change what runs.
install_program() {
  cmp -s -- "$1" "$data/bin/$2" && return
  install -m 0755 -- "$1" "$data/bin/$2.new"
  mv -f -- "$data/bin/$2.new" "$data/bin/$2"
}

install_programs() {
  local service
  for service in gateway "${SERVICES[@]}"; do install_program "$BUILD/bin/mostove-$service" "mostove-$service"; done
  # Debian's one program for all of Redis looks at the name it was called by.
  ln -sfn "$(command -v redis-server || command -v redis-check-rdb)" "$data/bin/redis-server"
}

# In a folder that gets its name when it is complete.
make_cluster() {
  local new=$data/postgres.new
  [ ! -e "$data/postgres" ] || return 0
  rm -rf -- "$new"
  make_folder "$new"
  step "Making the PostgreSQL database" in_data initdb --pgdata "$new" --encoding UTF8 --locale C \
    --auth-local peer --auth-host reject --data-checksums
  mv -- "$new" "$data/postgres"
}

postgres_ready() { in_data pg_isready -q -h "$data/socket" -d postgres; }

# The system tells PostgreSQL whose process is at the socket. The account, and root
# whom nothing stops anyway, may take the role of each service.
allow_roles() {
  local owner user role
  owner=$(in_data id -un)
  for user in "$owner" root; do
    for role in "$owner" "${SERVICES[@]/#/mostove_}"; do printf 'services %s %s\n' "$user" "$role"; done
  done | in_data tee "$data/postgres/pg_ident.conf" >/dev/null
  printf 'local all all peer map=services\n' | in_data tee "$data/postgres/pg_hba.conf" >/dev/null
}

# A role per service, which owns its database and may enter no other.
make_databases() {
  in_data psql -XqAt -v ON_ERROR_STOP=1 -v "names=${SERVICES[*]/#/mostove_}" -h "$data/socket" -d postgres <<'END'
CREATE TEMPORARY TABLE wanted AS SELECT unnest(string_to_array(:'names', ' ')) AS name;
SELECT format('CREATE ROLE %I LOGIN', name) FROM wanted
  WHERE name NOT IN (SELECT rolname FROM pg_roles) \gexec
SELECT format('CREATE DATABASE %1$I OWNER %1$I', name) FROM wanted
  WHERE name NOT IN (SELECT datname FROM pg_database) \gexec
SELECT format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', name) FROM wanted \gexec
END
}
