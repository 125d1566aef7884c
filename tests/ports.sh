# Addresses for what the tests start; sourced, not run.
# shellcheck shell=bash

# free_ports COUNT: the first of COUNT ports of 127.0.0.1, one after the other,
# that nobody listens on. One call for all that a test needs: the ports of two
# calls may overlap. Below those that the kernel gives to clients.
free_ports() {
  local first port
  for first in $(shuf -i 20000-29900 -n 100); do
    for ((port = first; port < first + $1; port++)); do
      if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then continue 2; fi
    done
    printf '%s\n' "$first"
    return
  done
  fail "no $1 free ports next to each other"
}
