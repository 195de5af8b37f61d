#!/usr/bin/env bash
# Runs every test with instrumented programs and prints the line coverage of src/. Fails below 90 %.
set -euo pipefail
cd "$(dirname "$0")/.."

find build/coverage -name '*.gcda' -delete 2>/dev/null || true
scripts/test.sh coverage
gcovr --root . --filter 'src/' --object-directory build/coverage --fail-under-line 90 build/coverage
