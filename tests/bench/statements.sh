# The bare statements on a home's database, without Mostove: the row of GET
# one, the page of a list by its index, the rows of a create. Sourced by run,
# after homes.sh.
# shellcheck shell=bash disable=SC2034,SC2154

# copy_of HOME TABLE CONDITION [COLUMN EXPRESSION]...: a statement that adds a
# copy of the rows of the condition, with other values in some columns; of an
# empty one the database makes the value.
copy_of() {
  local home=$1 table=$2 where=$3 column names=() values=()
  local -A other=()
  shift 3
  while (($# > 0)); do
    other[$1]=$2
    shift 2
  done
  for column in $(columns_of "$home" "$table"); do
    if [ -n "${other[$column]-set}" ]; then
      names+=("$column")
      values+=("${other[$column]-$column}")
    fi
  done
  printf 'INSERT INTO %s (%s) SELECT %s FROM %s WHERE %s;\n' \
    "$table" "$(join "${names[@]}")" "$(join "${values[@]}")" "$table" "$where"
}

join() {
  local IFS=,
  printf '%s\n' "$*"
}

columns_of() {
  case $1 in
    one) sql one "SELECT name FROM pragma_table_info('$2')" ;;
    separate) sql separate "SELECT column_name FROM information_schema.columns WHERE table_name = '$2' ORDER BY ordinal_position" ;;
  esac
}

# Tables with the values of repeated fields of an organization.
side_tables_of() {
  case $1 in
    one) sql one "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'organizations\_%' ESCAPE '\'" ;;
    separate) sql separate "SELECT tablename FROM pg_tables WHERE tablename LIKE 'organizations\_%'" ;;
  esac
}

# create_of HOME ID: what a create like that of ID writes: the resource, the
# values of its repeated fields, the entry of the change log, the answer kept
# for the idempotency key.
create_of() {
  local home=$1 name="name = 'organizations/$2'" new="'organizations/' || :id" sequence='' table kept
  # As libs/changelog makes it; SQLite numbers by itself.
  if [ "$home" = separate ]; then
    sequence='(SELECT (pg_current_xact_id()::text::bigint + base) * 4096 FROM change_epoch)'
  fi
  copy_of "$home" organizations "$name" name "$new"
  for table in $(side_tables_of "$home"); do
    if [ "$(sql "$home" "SELECT COUNT(*) FROM $table WHERE $name")" != 0 ]; then
      copy_of "$home" "$table" "$name" name "$new"
    fi
  done
  copy_of "$home" change_log "$name" name "$new" sequence "$sequence"
  # By the whole key, which has an index.
  kept=$(sql "$home" "SELECT 'caller = ''' || caller || ''' AND method = ''' || method || '''' FROM idempotency WHERE key = '$2'")
  copy_of "$home" idempotency "$kept AND key = '$2'" key "'key-' || :id"
}

# statements HOME: measures them on its database, when nobody else uses it.
statements() {
  local home=$1 run folder=$work/statements
  mkdir -p "$folder"
  cat >"$folder/get" <<'END_OF_SQL'
SELECT payload, revision, sequence, deleted, audience, own_audience FROM organizations
WHERE name = 'organizations/bench-' || :id;
END_OF_SQL
  cat >"$folder/list" <<'END_OF_SQL'
SELECT name, create_time, revision, payload FROM organizations
WHERE kind = 1 AND audience = 4 AND deleted = 0 ORDER BY create_time DESC, name DESC LIMIT 51;
END_OF_SQL
  create_of "$home" like-create >"$folder/create"
  create_of "$home" like-create-full >"$folder/create-full"
  for run in get list create create-full; do
    if wanted request $run; then "statements_of_$home" "$run" "$folder/$run"; fi
  done
}

# One caller, since SQLite has one writer and a read waits for nothing; creates
# of 64 callers share a commit.
statements_of_one() {
  case $1 in
    get | list) measure sqlite "$1" 1 sqlite "$2" 1 "$ORGANIZATIONS" 0 ;;
    *)
      measure sqlite "$1" 64 sqlite "$2" "$(date +%s%6N)" $((1 << 40)) 64
      measure sqlite "$1" 1 sqlite "$2" "$(date +%s%6N)" $((1 << 40)) 1
      ;;
  esac
}

sqlite() { "$work/statements-of-sqlite" "$work/one/organizations.db" "$2" "$TIME" "${@:3}"; }

statements_of_separate() {
  local connections
  database[postgresql]=${database[separate]}
  for connections in 64 1; do measure postgresql "$1" $connections postgresql "$2"; done
}

# A transaction's statements travel together, as in libs/sql at its best.
postgresql() {
  local last=$ORGANIZATIONS
  [[ $2 != */create* ]] || last=$((1 << 62))
  rm -rf -- "$work/pgbench"
  mkdir "$work/pgbench"
  {
    printf '\\set id random(1, %s)\n\\startpipeline\n' "$last"
    cat "$2"
    printf '\\endpipeline\n'
  } >"$work/pgbench/script"
  in_postgres pgbench -n -M prepared -c "$1" -j 1 -T "$TIME" -l --log-prefix "$work/pgbench/log" \
    -f "$work/pgbench/script" >"$work/pgbench/output" || return
  cut -d ' ' -f 3 "$work"/pgbench/log.* | sort -n | awk -v us=$((TIME * 1000000)) -v failed="$(
    sed -n 's/^number of failed transactions: \([0-9]*\).*/\1/p' "$work/pgbench/output"
  )" '
    { time[NR] = $1 }
    END { printf "figures %d %d %d %d %d\n", NR, us, time[int(NR / 2) + 1], time[int(NR * 99 / 100) + 1], failed }'
}
