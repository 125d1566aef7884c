# What the scripts share; sourced, not run. They stand in the project's root.
# shellcheck shell=bash

# shellcheck disable=SC2034
BUILD=build/release
LOGS=build/log
# In a data folder that deploy/up made.
# shellcheck disable=SC2034
MARKER=.mostove-data

say() { printf '%s\n' "$*"; }

# One sentence to the error output, and the end.
fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# step TITLE COMMAND...: runs a long command with its output in a log, shows
# where it stands and how long it took. A failure shows the end of the log.
step() {
  local title=$1 log pid start=$SECONDS shown=0 every=10 code=0
  shift
  mkdir -p "$LOGS"
  log=$LOGS/$(tr -cs 'a-zA-Z0-9\n' '-' <<<"$title").log
  [ -t 1 ] && every=1
  say "$title ..."
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.2
    if ((SECONDS - start >= shown + every)); then
      shown=$((SECONDS - start))
      progress "$shown" "$log"
    fi
  done
  wait "$pid" || code=$?
  [ -t 1 ] && printf '\r\033[K'
  if ((code != 0)); then
    tail -n 40 "$log" >&2
    fail "\"$title\" failed after $((SECONDS - start)) s; all of its output is in $log"
  fi
  say "  done in $((SECONDS - start)) s"
}

# progress SECONDS LOG: the last line of the log, shortened; on a terminal in place.
progress() {
  local last
  last=$(tail -c 2000 "$2" | tr '\r' '\n' | grep -v '^[[:space:]]*$' | tail -n 1 | tr -d '\000-\037' || true)
  if [ -t 1 ]; then
    printf "\r\033[K  %d s  %.100s" "$1" "${last:-at work}"
  else
    printf "  %d s  %.100s\n" "$1" "${last:-at work}"
  fi
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

# The packages of the given lists.
packages_of() { sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$@"; }

# Those of the arguments that are not installed. A program that came another way
# (Node.js has repositories of its own) counts: Debian's may be in conflict with it.
missing_of() {
  local installed name
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' || true)
  for name in "$@"; do
    grep -qxF -- "$name" <<<"$installed" || command -v "$name" >/dev/null || printf '%s\n' "$name"
  done
}

# folder OPTION CALLER DIR: the absolute path, whether or not it exists; CALLER
# is where the script was called from.
folder() {
  [ -n "$3" ] || fail "$1 needs a folder"
  (cd "$2" && realpath -m -- "$3")
}

# Not in root's home: it is closed to the account that the separate programs run under.
default_data() {
  if [ "$(id -u)" = 0 ]; then
    printf '%s\n' /var/lib/mostove
  else
    [ -n "${HOME:-}" ] || fail "HOME is not set; say where the data goes with --data DIR"
    printf '%s\n' "$HOME/.local/share/mostove"
  fi
}

# only_data CALLER ARGUMENT...: sets $data, for scripts that have no other option.
only_data() {
  local caller=$1
  shift
  data=
  while (($# > 0)); do
    case $1 in
      --data=*) set -- --data "${1#*=}" "${@:2}" ;;
    esac
    case $1 in
      --data) data=$(folder "$1" "$caller" "${2:-}") ;;
      -h | --help) usage && exit 0 ;;
      *) fail "there is no option $1; see deploy/${0##*/} --help" ;;
    esac
    shift 2
  done
  [ -n "$data" ] || data=$(default_data)
}

# The comment at the head of the script.
usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "deploy/${0##*/}"; }
