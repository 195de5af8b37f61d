#!/usr/bin/env bash
# Runs every test of the preset `asan`, and prints the line coverage of src/. Fails below 90 %.
# scripts/coverage.sh [ctest options]
set -euo pipefail
cd "$(dirname "$0")/.."

find build/asan -name '*.gcda' -delete 2>/dev/null || true
scripts/test.sh asan "$@"
llvm_cov=$(clang++ --print-prog-name=llvm-cov)
gcovr --root . --filter 'src/' --gcov-executable "$llvm_cov gcov" --fail-under-line 90 build/asan
