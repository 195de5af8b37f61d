#!/usr/bin/env bash
# Builds with clang++, runs all but the slow tests with instrumented programs and prints the line coverage of src/. Fails
# below 90 %.
set -euo pipefail
cd "$(dirname "$0")/.."

find build/coverage -name '*.gcda' -delete 2>/dev/null || true
scripts/test.sh coverage -LE slow
llvm_cov=$(clang++ --print-prog-name=llvm-cov)
gcovr --root . --filter 'src/' --gcov-executable "$llvm_cov gcov" --fail-under-line 90 build/coverage
