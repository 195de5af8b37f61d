#!/usr/bin/env bash
# The main job, step by step, in whatever tenant the environment names. Made for `jit-sandbox -- scripts/demo.sh`.
set -euo pipefail

# The words as they would be typed.
quoted() {
  local word line=''
  for word in "$@"; do
    case $word in
    *[\ ]*) line+=" \"$word\"" ;;
    *) line+=" $word" ;;
    esac
  done
  printf '%s' "${line# }"
}

show() {
  printf '\n$ %s\n' "$(quoted "$@")"
  "$@"
}

echo "Tenant: $SAIL_BASE_URL (a practice tenant)"
show jit list --search prod
show jit activate "Prod DB Admin" -m 60 --wait
show jit status
show jit extend "Prod DB Admin" -m 30
show jit ensure "Prod DB Admin" -m 60 --min-remaining 30 -o json
show jit deactivate "Prod DB Admin" --wait
show jit history --limit 1 -o jsonl
