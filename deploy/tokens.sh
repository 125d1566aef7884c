# Who may call what deploy/up starts; sourced, not run, after separate.sh. In the
# data folder are, made anew by each up and valid for a day, mode 0600,
#   admin.token          of an administrator of the network
#   tokens/ROLE.token    of somebody with that role in the sample network
# shellcheck shell=bash disable=SC2034,SC2154

ADMINISTRATOR=administrator@example.org
# Roles of the sample network, and on what.
SAMPLE_ROLES=(
  network-analyst=network
  organization-administrator=organizations/example-sunflower-sofia
  organization-editor=organizations/example-voices-of-refuge
  organization-reader=organizations/example-danube-bridge
  donor-reader=donors/unhcr
  trainer=programs/example-academy-2026
)

# The socket by which the server's operator reaches identity.
operator_socket() {
  if ((separate == 1)); then
    printf '%s\n' "$data/socket/operator.sock"
  else
    printf '%s\n' "$data/operator.sock"
  fi
}

# admin WORD...: `mostove admin`, which ends with 3 while identity or its database cannot be
# reached: both may just have been started again.
admin() {
  local code=3 give_up=$((SECONDS + READY_SECONDS))
  until [ "$code" != 3 ]; do
    code=0
    "$BUILD"/bin/mostove admin "$@" --socket "$(operator_socket)" </dev/null 2>"$data/run/admin.err" || code=$?
    ((SECONDS < give_up)) || break
    ((code != 3)) || sleep 0.2
  done
  ((code == 0)) || cat -- "$data/run/admin.err" >&2
  return "$code"
}

# issue_token EMAIL ROLE RESOURCE FILE
issue_token() { admin token "$1" --role "$2" --on "$3" --output "$4"; }

# The first administrator of the sample network, once; sets $password to what it was
# given. Each home has its own.
make_administrator() {
  local stamp=$data/run/administrator-${wanted[0]}
  password=
  ((sample == 1)) && [ ! -e "$stamp" ] || return 0
  password=$(admin create "$ADMINISTRATOR") || fail "no administrator can be made"
  : >"$stamp"
}

# Whether every service knows whose the administrator's token is: they follow identity's log,
# each by itself, and all of them answer to this one stream. (curl ends a moment later, without the lock on the folder.)
token_known() {
  grep -q '^id: ' < <(curl -fsSN --noproxy '*' --max-time 3 "http://$http/v1/changes:watch" \
    -H "Authorization: Bearer $(cat -- "$data/admin.token")" 2>/dev/null 9>&-)
}

# The administrator's comes last: who knows it knows those that were made before.
make_tokens() {
  local one give_up=$((SECONDS + READY_SECONDS))
  if ((sample == 1)); then
    [ -d "$data/tokens" ] || mkdir -m 0700 -- "$data/tokens"
    for one in "${SAMPLE_ROLES[@]}"; do
      issue_token "${one%%=*}@example.org" "${one%%=*}" "${one#*=}" "$data/tokens/${one%%=*}.token" ||
        fail "no token can be made for the role ${one%%=*}"
    done
  fi
  issue_token "$ADMINISTRATOR" network-administrator network "$data/admin.token" ||
    fail "no token can be made for the administrator"
  until token_known; do
    ((SECONDS < give_up)) || fail "the administrator's token is not taken; see $data/log"
    sleep 0.1
  done
}
