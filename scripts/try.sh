#!/usr/bin/env bash
# Builds jit and shows its main job against the practice tenant that comes with it: no account needed.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install-packages.sh build
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "Building jit and jit-sandbox (the first time takes a few minutes) ..." >&2
if ! { cmake --preset release && cmake --build --preset release; } >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi

export PATH="$PWD/build/release/src:$PATH"
# A home of its own, so that no configuration of yours has a part in it.
home=$(mktemp -d)
trap 'rm -rf "$log" "$home"' EXIT
env -u JIT_CONFIG -u JIT_OUTPUT -u XDG_CONFIG_HOME HOME="$home" \
  jit-sandbox --provision-delay 0 -- scripts/demo.sh
