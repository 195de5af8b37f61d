#!/usr/bin/env bash
# Builds the fuzz targets and runs each for a while, two at a time. Fails on any finding, and names the file that
# reproduces it.
# scripts/fuzz.sh [SECONDS] [TARGET...]; 20 seconds and every target of tests/fuzz if none is given. The inputs
# found stay in build/fuzz/corpus for the next run.
# 0 seconds: only the inputs known so far, which are the same at every run. CI does this: it judges a change by what
# the change does.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=20
if (($#)) && [[ $1 =~ ^[0-9]+$ ]]; then
  seconds=$1
  shift
fi
limit=-max_total_time=$seconds
((seconds)) || limit=-runs=0 # 0 seconds are no limit for libFuzzer
targets=("$@")
if ((!$#)); then
  targets=(tests/fuzz/*.cpp)
  targets=("${targets[@]##*/}")
  targets=("${targets[@]%.cpp}")
fi

scripts/install-packages.sh build check
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --target "${targets[@]/#/fuzz-}" -- --quiet
mkdir -p build/fuzz/findings

fuzz() {
  local target=$1 log=build/fuzz/$1.log
  mkdir -p "build/fuzz/corpus/$target"
  # -timeout and -rss_limit_mb are seconds and MiB for one input: a finding as well.
  if "build/fuzz/tests/fuzz/fuzz-$target" "$2" -max_len=1024 -dict=tests/fuzz/dictionary.txt \
    -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix="build/fuzz/findings/$target-" \
    "build/fuzz/corpus/$target" "tests/fuzz/corpus/$target" >"$log" 2>&1; then
    echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs, nothing found"
  else
    grep -E 'broken promise|ERROR:|runtime error|SUMMARY' "$log" | sed "s/^/$target: /" || tail -n 20 "$log"
    local file
    file=$(sed -n 's/.*Test unit written to //p' "$log")
    echo "$target: see $log; reproduce it with: build/fuzz/tests/fuzz/fuzz-$target $file"
    return 1
  fi
}
export -f fuzz
printf '%s\0' "${targets[@]}" | xargs -0 -I{} --max-procs=2 bash -c "fuzz {} $limit" || {
  echo "Fuzzing found something. Keep the input in tests/fuzz/corpus once it is mended, with a unit test." >&2
  exit 1
}
