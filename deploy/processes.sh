# The processes of the data folder $data; sourced, not run, after common.sh.
# Each has
#   run/NAME.pid       its number
#   run/NAME.command   the words it was started with, each ended by a NUL
#   log/NAME.log       what it writes
# shellcheck shell=bash disable=SC2154

WAIT_SECONDS=60

# Put before every command, such as "setpriv --reuid ..."; empty: as who calls.
as_account=()
stopped=0

# The names of the processes that were started here, living or not.
names() {
  local file
  for file in "$data"/run/*.command; do
    file=${file##*/}
    [ "$file" = '*.command' ] || printf '%s\n' "${file%.command}"
  done
}

# runs NAME: leaves 0 and sets $pid if the process lives and is the one that was
# started. A number that went to another process, or a process that ended and
# waits for its parent, has other words or none. Starts no program, for deploy/keep.
runs() {
  local words started
  [ -r "$data/run/$1.pid" ] && [ -r "$data/run/$1.command" ] || return 1
  read -r pid <"$data/run/$1.pid" && [[ $pid =~ ^[1-9][0-9]*$ ]] || return 1
  { mapfile -d '' -t words <"/proc/$pid/cmdline"; } 2>/dev/null || return 1
  mapfile -d '' -t started <"$data/run/$1.command"
  [ "${words[*]@Q}" = "${started[*]@Q}" ]
}

# difference NAME COMMAND...: prints where the command that NAME was started with
# departs from this one; leaves 1 if it does not.
difference() {
  local started wanted=("${@:2}") i
  mapfile -d '' -t started <"$data/run/$1.command"
  for ((i = 0; i < ${#started[@]} || i < ${#wanted[@]}; i++)); do
    [ "${started[i]-}" = "${wanted[i]-}" ] && continue
    printf '%s\n' "${started[i - 1]} ${started[i]-}, not ${wanted[i]-}"
    return 0
  done
  return 1
}

# replaced PID: leaves 0 if the program's file is not there any more: a newer one was built or installed.
replaced() { [[ "$(readlink "/proc/$1/exe" 2>/dev/null)" == *" (deleted)" ]]; }

# launch NAME COMMAND...: starts it in the background; leaves 0 and sets $pid
# when it runs. The umask keeps logs, sockets and databases from others.
launch() {
  local name=$1
  shift
  rm -f -- "$data/run/$name.pid"
  printf '%s\0' "$@" >"$data/run/$name.command"
  (
    cd "$data" || exit
    printf '%s\n' "$BASHPID" >"$data/run/$name.pid"
    umask 077
    exec setsid "${as_account[@]}" "$@" >>"$data/log/$name.log" 2>&1 </dev/null 9>&-
  ) &
  local child=$!
  disown "$child" # its end is for deploy/keep to tell, not for this shell
  until runs "$name"; do
    kill -0 "$child" 2>/dev/null || return 1
    sleep 0.02
  done
}

# renew NAME: has one of our programs start anew on the sockets it listens on, from
# its file as that is now, and waits until the new process is ready and the old one
# has ended. Leaves 1, and the old one at work, if the new one does not start.
renew() {
  local name=$1 old copy log=$data/log/$1.log size start=$SECONDS
  runs "$name" || return 1
  old=$pid
  size=$(stat -c %s -- "$log")
  kill -USR2 "$old" || fail "$name (pid $old) belongs to another user; restart it as that user"
  until copy=$(tail -c +$((size + 1)) -- "$log") && grep -q '"event":"ready"' <<<"$copy"; do
    ((SECONDS - start < WAIT_SECONDS)) && runs "$name" || return 1
    sleep 0.05
  done
  copy=$(sed -n 's/.*"event":"copy_started","pid":\([0-9]*\).*/\1/p' <<<"$copy" | tail -n 1)
  [ -n "$copy" ] || return 0 # it has the old one's number
  printf '%s\n' "$copy" >"$data/run/$name.pid.new"
  mv -f -- "$data/run/$name.pid.new" "$data/run/$name.pid"
  kill -TERM "$old"
  while [ -n "$(tr -d '\0' 2>/dev/null <"/proc/$old/cmdline")" ]; do
    ((SECONDS - start < 2 * WAIT_SECONDS)) || fail "the old $name (pid $old) has not ended; its log is $log"
    sleep 0.05
  done
  runs "$name"
}

# operations_of NAME: prints where operators ask it over HTTP; leaves 1 if nowhere.
operations_of() {
  local words i
  mapfile -d '' -t words <"$data/run/$1.command"
  for ((i = 0; i < ${#words[@]}; i++)); do
    case ${words[i]} in
      --operations | --http) printf '%s\n' "${words[i + 1]}" && return ;;
    esac
  done
  return 1
}

# stop NAME...: asks those that run to finish, all at once, waits for them and
# adds them to $stopped.
stop() {
  local name pid start=$SECONDS signal running=()
  for name in "$@"; do
    runs "$name" || continue
    # Of PostgreSQL's signals the one that does not wait for its clients to go.
    signal=TERM
    [ "$name" != postgres ] || signal=INT
    kill "-$signal" "$pid" || fail "$name (pid $pid) belongs to another user; stop it as that user"
    running+=("$name")
  done
  for name in "${running[@]}"; do
    while runs "$name"; do
      if ((SECONDS - start >= WAIT_SECONDS)); then
        fail "$name (pid $pid) has not ended in $WAIT_SECONDS s; its log is $data/log/$name.log"
      fi
      sleep 0.05
    done
    say "$name has stopped."
    stopped=$((stopped + 1))
  done
  for name in "$@"; do rm -f -- "$data/run/$name.pid" "$data/run/$name.command"; done
}

# Ends what is left of a PostgreSQL whose first process was killed (processes that
# work in its folder) and takes away the files with its number: a new one would not
# start beside them, nor while any process has that number.
end_postgres_orphans() {
  local process start=$SECONDS signal=QUIT left=1
  [ -d "$data/postgres" ] || return 0
  while ((left == 1)); do
    left=0
    for process in /proc/[1-9]*; do
      if [ "$process/cwd" -ef "$data/postgres" ] && [ "$(cat "$process/comm" 2>/dev/null)" = postgres ]; then
        kill "-$signal" "${process##*/}" 2>/dev/null || continue
        left=1 stopped=$((stopped + 1))
      fi
    done
    ((SECONDS - start < 5)) || signal=KILL
    ((left == 0)) || sleep 0.1
  done
  rm -f -- "$data/postgres/postmaster.pid" "$data"/socket/.s.PGSQL.*.lock
}
