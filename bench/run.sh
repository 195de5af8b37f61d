#!/usr/bin/env bash
# Measures jit against curl in the same run, and prints ratios. Builds a release, starts its own server, needs no
# account and no network. Exits 1 where a ratio is over its limit.
#
#   bench/run.sh [RUNS]      medians of RUNS runs each, 20 if not given
# shellcheck disable=SC2317 # functions that a trap or "$@" calls are reachable
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-20}

scripts/install-packages.sh build bench
{ cmake --preset release && cmake --build --preset release; } >/dev/null
bin=$PWD/build/release/src
work=$(mktemp -d)
servers=()
cleanup() {
  ((${#servers[@]} == 0)) || kill "${servers[@]}" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

# Nothing of the caller's may have a part in it.
unset SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE CURL_HOME HTTPS_PROXY https_proxy ALL_PROXY all_proxy NO_PROXY no_proxy
unset JIT_CONFIG JIT_OUTPUT SAIL_ACCESS_TOKEN SAIL_ACTIVEENVIRONMENT XDG_CONFIG_HOME
unset SAIL_CLIENT_ID SAIL_CLIENT_SECRET XDG_CACHE_HOME DBUS_SESSION_BUS_ADDRESS
export HOME=$work XDG_RUNTIME_DIR=$work

# A CA, and a server's certificate from it.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=jit bench CA' \
  -keyout "$work/ca.key" -out "$work/ca.pem" 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=localhost' \
  -keyout "$work/server.key" -out "$work/server.csr" 2>/dev/null
openssl x509 -req -in "$work/server.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -days 2 \
  -extfile <(echo 'subjectAltName=DNS:localhost,IP:127.0.0.1') -out "$work/server.pem" 2>/dev/null

# The system's trust store and the CA, in both forms that programs read.
cat /etc/ssl/certs/ca-certificates.crt "$work/ca.pem" >"$work/bundle.pem"
cp -r /etc/ssl/certs "$work/certs"
cp "$work/ca.pem" "$work/certs/$(openssl x509 -in "$work/ca.pem" -noout -hash).0"
export SSL_CERT_DIR=$work/certs

rate=0
tenant() { # starts a practice tenant with these options, and makes it the one that all goes to
  : >"$work/exports"
  "$bin/jit-sandbox" --tls-cert "$work/server.pem" --tls-key "$work/server.key" --rate-limit "$rate" "$@" >"$work/exports" &
  servers+=($!)
  until [[ $(wc -l <"$work/exports") -ge 3 ]]; do :; done
  # shellcheck source=/dev/null
  . "$work/exports"
}
# Time passes so fast in this tenant that the access of one run is over before the next.
tenant --provision-delay 0 --time-scale 1000000

connection=c0ffee00-0000-4000-8000-000000000001
url=$SAIL_BASE_URL/jit-activations/v1/activate
body='{"connectionId":"'$connection'","activationPeriodMins":1}'
client=(-sS --fail -o /dev/null)
get_token() {
  curl -sS --fail --cacert "$1" "$SAIL_BASE_URL/oauth/token" -d grant_type=client_credentials \
    -d client_id="$SAIL_CLIENT_ID" -d client_secret="$SAIL_CLIENT_SECRET" | jq -r .access_token
}
post() { # post CA-FILE TOKEN: what people do today
  curl "${client[@]}" --cacert "$1" "$url" -H "Authorization: Bearer $2" -H 'Content-Type: application/json' \
    -H 'Accept: application/json' -H 'X-SailPoint-Experimental: true' -d "$body"
}
token=$(get_token "$work/ca.pem")

# The commands, as scripts that hyperfine starts without a shell of its own where they are one program.
headers="-H 'Authorization: Bearer $token' -H 'Content-Type: application/json' -H 'Accept: application/json' -H 'X-SailPoint-Experimental: true'"
curl_bundle="curl ${client[*]} --cacert $work/bundle.pem $url $headers -d '$body'"
curl_one="curl ${client[*]} --cacert $work/ca.pem $url $headers -d '$body'"
jit_activate="$bin/jit activate $connection -m 1"
cat >"$work/script" <<SCRIPT
#!/bin/bash
set -euo pipefail
$(declare -f get_token post)
url='$url' body='$body' client=(${client[@]})
post '$work/bundle.pem' "\$(get_token '$work/bundle.pem')"
SCRIPT
chmod +x "$work/script"

measure() { # FILE [-n NAME COMMAND]...
  local file=$1
  shift
  hyperfine -N --warmup 3 --runs "$runs" --export-json "$work/$file" --style none "$@" >/dev/null 2>"$work/log" ||
    { cat "$work/log" >&2; exit 1; }
}
SAIL_ACCESS_TOKEN=$token measure token.json -n curl_bundle "$curl_bundle" -n curl_one "$curl_one" -n jit_token "$jit_activate"
measure pat.json -n script "$work/script" -n jit_pat "$jit_activate --no-cache"
# One after the other, so that what else the machine does falls on both; the token is in the cache after the warm-up.
measure warm.json -n jit_given "env SAIL_ACCESS_TOKEN=$token $jit_activate" -n jit_warm "env JIT_WARM=1 $jit_activate"
measure name.json -n jit_id "$jit_activate" -n jit_name "$bin/jit activate 'Prod DB Admin' -m 1"
measure version.json -n curl_version 'curl --version' -n jit_version "$bin/jit --version"

median() { jq -r --arg name "$1" '.results[] | select(.command == $name) | .median * 1000' "$work"/*.json; }
peak() { # KiB, the least of five runs
  for _ in 1 2 3 4 5; do
    command time -f %M -o "$work/peak" "$@" >/dev/null
    cat "$work/peak"
  done | sort -n | head -1
}
journal() { curl -sS --cacert "$work/ca.pem" "$@" "$SAIL_BASE_URL/sandbox/journal"; }
counts() { # CONNECTIONS REQUESTS of one command
  journal -X DELETE >/dev/null
  "$@" >/dev/null
  journal | jq -r '"\(.connections) \(.requests | length)"'
}

failed=0
peaks=()
row() { # WHAT JIT PEER LIMIT UNIT
  local ratio verdict
  ratio=$(jq -n "$2 / $3 * 1000 | round / 1000")
  verdict=ok
  [[ $(jq -n "$ratio <= $4") == true ]] || { verdict=over; failed=1; }
  printf '| %s | %.1f %s | %.1f %s | %.2f | %s | %s |\n' "$1" "$2" "$5" "$3" "$5" "$ratio" "$4" "$verdict"
}
over() { # WHAT JIT PEER LIMIT: how many milliseconds more
  local difference verdict=ok
  difference=$(jq -n "$2 - $3")
  [[ $(jq -n "$difference <= $4") == true ]] || { verdict=over; failed=1; }
  printf '| %s | %.1f ms | %.1f ms | %+.1f ms | %s ms | %s |\n' "$1" "$2" "$3" "$difference" "$4" "$verdict"
}
same() { # WHAT FOUND WANTED
  local verdict=ok
  [[ $2 == "$3" ]] || { verdict="expected $3"; failed=1; }
  printf '| %s | %s | | | | %s |\n' "$1" "$2" "$verdict"
}

echo "Medians of $runs runs; $(uname -m), $(nproc) cores; $(curl --version | head -1 | cut -d' ' -f1,2)."
echo
echo '| what | jit | peer | ratio | limit | |'
echo '|---|---|---|---|---|---|'
row 'activate with a token : curl, system bundle' "$(median jit_token)" "$(median curl_bundle)" 0.45 ms
row 'activate with a token : curl, one CA' "$(median jit_token)" "$(median curl_one)" 1.15 ms
row 'activate with a PAT : curl, jq, curl' "$(median jit_pat)" "$(median script)" 0.30 ms
row 'activate by name : by ID' "$(median jit_name)" "$(median jit_id)" 1.6 ms
row 'activate, cached token : given token' "$(median jit_warm)" "$(median jit_given)" 1.1 ms
# shellcheck disable=SC2016 # Markdown, not a command
row '`jit --version` : `curl --version`' "$(median jit_version)" "$(median curl_version)" 1.1 ms
export SAIL_ACCESS_TOKEN=$token
mapfile -t curl_words < <(xargs -n1 <<<"$curl_bundle")
row 'peak memory, activate : curl' "$(peak "$bin/jit" activate $connection -m 1)" "$(peak "${curl_words[@]}")" 1.3 KiB
same 'connections, requests with a token' "$(counts "$bin/jit" activate $connection -m 1)" '1 1'
unset SAIL_ACCESS_TOKEN
rm -rf "$work/jit"
same 'connections, requests with a PAT, cold' "$(counts "$bin/jit" activate $connection -m 1)" '1 2'
same 'connections, requests with a PAT, warm' "$(counts "$bin/jit" activate $connection -m 1)" '1 1'

# Access is active already, so both look once and send nothing: what is left is the start of the command.
tenant --provision-delay 0
"$bin/jit" activate $connection -m 60 --wait >/dev/null
measure run.json -n ensure "$bin/jit ensure $connection -m 60" -n run "$bin/jit run -e $connection -m 60 -- true"
# shellcheck disable=SC2016 # Markdown, not a command
over 'run of `true` : ensure' "$(median run)" "$(median ensure)" 3

# The list, in tenants of 10,000 and of 100,000 connections: 40 pages and 400.
for size in 10000 100000; do
  tenant --connections "$size"
  measure "list$size.json" -n "list$size" "$bin/jit list -o jsonl"
  peaks[size]=$(peak "$bin/jit" list -o jsonl)
  same "entries, connections, requests of a list of $size" \
    "$("$bin/jit" list -o jsonl | wc -l) $(counts "$bin/jit" list -o jsonl)" "$size 1 $((size / 250 + 1))"
done

# Many targets: 1,000 over TLS, without a limit, against what people do today.
targets() { # the IDs of the first so many generated connections
  local n
  for ((n = 1; n <= $1; n++)); do printf '5ca1ab1e-0000-4000-8000-%012d\n' $((n * 618033988749 % 1000000000000)); done
}
targets 1000 >"$work/targets"
tenant --connections 1000 --provision-delay 0 --time-scale 1000000
url=$SAIL_BASE_URL/jit-activations/v1/activate
SAIL_ACCESS_TOKEN=$(get_token "$work/ca.pem")
export SAIL_ACCESS_TOKEN
options=(-sS --fail -o /dev/null --cacert "$work/ca.pem" -H "Authorization: Bearer $SAIL_ACCESS_TOKEN"
  -H 'Content-Type: application/json' -H 'Accept: application/json' -H 'X-SailPoint-Experimental: true')
while read -r id; do
  printf 'next\nurl = "%s"\nsilent\nshow-error\nfail\noutput = /dev/null\ncacert = "%s"\n' "$url" "$work/ca.pem"
  printf 'header = "%s"\n' "Authorization: Bearer $SAIL_ACCESS_TOKEN" 'Content-Type: application/json' \
    'Accept: application/json' 'X-SailPoint-Experimental: true'
  printf 'data = "{\\"connectionId\\":\\"%s\\",\\"activationPeriodMins\\":1}"\n' "$id"
done <"$work/targets" | tail -n +2 >"$work/curlrc"
cat >"$work/xargs" <<SCRIPT
#!/bin/bash
$(declare -p options)
xargs -P 8 -I{} curl "\${options[@]}" '$url' -d '{"connectionId":"{}","activationPeriodMins":1}' <'$work/targets'
SCRIPT
chmod +x "$work/xargs"
few=$runs
runs=$((runs < 5 ? runs : 5))
measure many.json -n jit_many "$bin/jit activate --from-file $work/targets -m 1 -o jsonl" \
  -n curl_many "curl --parallel --no-progress-meter -K $work/curlrc"
runs=2
measure xargs.json -n xargs_many "$work/xargs"
runs=$few
row '1,000 targets : xargs -P 8 curl' "$(median jit_many)" "$(median xargs_many)" 0.2 ms
row '1,000 targets : curl --parallel' "$(median jit_many)" "$(median curl_many)" 1 ms

# The same where a token has 100 requests in 10 s: 90 s is the least for 1,000; and by 50 processes of 20 targets.
unset SAIL_ACCESS_TOKEN
elapsed() { # milliseconds
  local start=${EPOCHREALTIME/./}
  "$@" >/dev/null
  echo $(((${EPOCHREALTIME/./} - start) / 1000))
}
split -l 20 "$work/targets" "$work/part-"
crowd() {
  local part pids=()
  for part in "$work"/part-*; do
    "$bin/jit" activate --from-file "$part" -m 1 -o jsonl -q >/dev/null &
    pids+=($!)
  done
  for part in "${pids[@]}"; do wait "$part"; done
}
for who in one crowd; do
  rate=100 tenant --connections 1000
  rm -rf "$work/jit"
  "$bin/jit" auth status --check >/dev/null # the token is in the cache
  sleep 10 # and that has left the window
  if [[ $who == one ]]; then
    row '1,000 targets, 100 in 10 s : least possible' \
      "$(elapsed "$bin/jit" activate --from-file "$work/targets" -m 1 -o jsonl -q)" 90000 1.05 ms
  else
    row 'the same by 50 processes with one token : least possible' "$(elapsed crowd)" 90000 1.2 ms
  fi
done

# Memory does not grow with the file.
targets 100000 >"$work/targets100000"
tenant --connections 100000 --provision-delay 0 --time-scale 1000000
for size in 1000 100000; do
  head -n "$size" "$work/targets100000" >"$work/targets"
  command time -f %M -o "$work/peak" "$bin/jit" activate --from-file "$work/targets" -m 1 -o jsonl >/dev/null
  peaks[size]=$(cat "$work/peak")
done
row 'peak memory, 100,000 targets : 1,000' "${peaks[100000]}" "${peaks[1000]}" 1.5 KiB

# The TAB key in bash, in the tenant of 10,000: names that are known, and none yet.
tenant --connections 10000
"$bin/jit" list -q >/dev/null
cat >"$work/tab" <<TAB
PATH=$bin:\$PATH
. completions/jit.bash
COMP_LINE='jit activate -e ' COMP_POINT=16
_jit
[[ \${#COMPREPLY[@]} -gt 9000 ]]
TAB
slowest() { # milliseconds: the 95th percentile of 40 runs
  hyperfine -N --warmup 3 --runs 40 --export-json "$work/tab.json" --style none "$@" >/dev/null 2>"$work/log" ||
    { cat "$work/log" >&2; exit 1; }
  jq '.results[0].times | sort | .[length * 0.95 | floor] * 1000' "$work/tab.json"
}
known=$(slowest "$bin/jit __complete bash ' ' 'jit activate -e '")
in_bash=$(slowest "bash $work/tab")
cold=$(slowest --prepare "find $work/jit -name 'names-????????????????' -delete" "$bin/jit __complete bash ' ' 'jit activate -e '")
row 'a page of a list of 100,000 : of 10,000' "$(jq -n "$(median list100000) / 401")" "$(jq -n "$(median list10000) / 41")" 1.3 ms
row 'peak memory, list of 100,000 : 32 MiB' "${peaks[100000]}" 32768 1 KiB
row 'what TAB waits for, 10,000 names, 95th percentile : 30 ms' "$known" 30 1 ms
row 'the same, no names yet : 30 ms' "$cold" 30 1 ms
row 'the same, a bash that starts and takes 10,000 names : 30 ms' "$in_bash" 30 2 ms
exit $failed
