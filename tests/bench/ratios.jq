# The table of ratios, tab-separated, from the figures (read with --slurp).

# Of the two, databases count where both have one.
def cpu($other): if $other == "nginx" or $other == "grpc-gateway" then .cpu_us
  else [.cpu_us, .database_cpu_us] | map(values) | add end;
# Of SQLite's reads there is one line, for any number of callers.
def find($subject; $ours):
  [.[] | select(.subject == $subject and .request == $ours.request)]
  | (map(select(.connections == $ours.connections)) + .)[0];
def ratio($ours; $theirs): if $theirs == null then "-" else $ours / $theirs * 100 | round / 100 | tostring end;

. as $all
| (["nginx", "grpc-gateway", "statements"] + (if any(.[]; .subject == "separate") then ["one"] else [] end)) as $others
| (["", "", "at"] + ($others | map("rate:" + .)) + ($others | map("CPU:" + .))),
  (.[] | select(.subject == "one" or .subject == "separate") | . as $ours
    | ($others | map(if . == "statements" then {one: "sqlite", separate: "postgresql"}[$ours.subject] else . end)
        | map(if . == $ours.subject then null else . as $other | $all | find($other; $ours) end)) as $theirs
    | [$ours.subject, $ours.request, ($ours.connections | tostring)]
      + ($theirs | map(ratio($ours.requests_per_s; .requests_per_s?)))
      + [range($others | length) as $i
          | ratio($ours | cpu($others[$i]); if $theirs[$i] == null then null else $theirs[$i] | cpu($others[$i]) end)])
| @tsv
