#!/usr/bin/env bash
# The main job, step by step, in whatever tenant the environment names. Made for `jit-sandbox -- scripts/demo.sh`.
set -euo pipefail

prod_db_admin=c0ffee00-0000-4000-8000-000000000001

show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

echo "Tenant: $SAIL_BASE_URL (a practice tenant)"
show jit activate -e $prod_db_admin -m 60
show jit extend -e $prod_db_admin -m 30
show jit deactivate -e $prod_db_admin

export JIT_OUTPUT=json
printf '\n$ export JIT_OUTPUT=json\n'
show jit activate -e $prod_db_admin -m 60
show jit extend -e $prod_db_admin -m 30
show jit deactivate -e $prod_db_admin
