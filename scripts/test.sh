#!/usr/bin/env bash
# Installs what the tests need, builds with warnings as errors, and runs every test.
# scripts/test.sh [PRESET] [ctest options]; PRESET is one of CMakePresets.json, `dev` if none is given.
set -euo pipefail
cd "$(dirname "$0")/.."

preset=dev
if (($#)) && [[ $1 != -* ]]; then
  preset=$1
  shift
fi
packages=(build test)
[[ $preset == dev ]] || packages+=(check)
scripts/install-packages.sh "${packages[@]}"
cmake --preset "$preset" >/dev/null
cmake --build --preset "$preset" -- --quiet
# The tests wait most of their time, for a tenant that works or for a limit: more of them than cores.
ctest --preset "$preset" --parallel "$(($(nproc) * 3))" "$@"
