#!/usr/bin/env bash
# Runs clang-tidy over the sources, or over those named.
set -euo pipefail
cd "$(dirname "$0")/.."

cmake --preset tidy >/dev/null
if (($#)); then
  files=("$@")
else
  mapfile -t files < <(git ls-files --cached --others --exclude-standard 'src/*.cpp' 'tests/fuzz/*.cpp')
fi
printf '%s\0' "${files[@]}" |
  xargs -0 --max-procs="$(nproc)" --max-args=1 clang-tidy --quiet -p build/tidy 2> >(grep -v 'warnings generated' >&2)
