#!/usr/bin/env bash
# Has access for a connection of ssh: ssh-access ENTITLEMENT MINUTES
set -euo pipefail

# What ssh was called with, by its process ID.
words_of() {
  if [[ -r /proc/$1/cmdline ]]; then
    mapfile -d '' -t words <"/proc/$1/cmdline"
  else
    read -ra words < <(ps -o args= -p "$1")
  fi
}

# False where this ssh connects to nobody: -G prints the configuration, -O asks a connection that is there,
# -Q and -V tell of ssh itself. Options may stand before the host and behind it.
connects() {
  local words pid=$PPID option OPTIND round
  while [[ $(ps -o comm= -p "$pid") != ssh ]]; do # a shell may stand between
    pid=$(($(ps -o ppid= -p "$pid")))
    ((pid > 1)) || return 1
  done
  words_of "$pid"
  set -- "${words[@]:1}"
  for round in options host; do
    OPTIND=1
    while getopts :1246ab:c:e:fgi:kl:m:no:p:qstvxAB:CD:E:F:GI:J:KL:MNO:P:Q:R:S:TVw:W:XYy option; do
      [[ $option != [GOQV] ]] || return 1
    done
    [[ $round == options && $# -ge OPTIND ]] || break
    shift "$OPTIND"
  done
}

if connects; then
  exec jit ensure -e "$1" -m "$2" >&2
fi
