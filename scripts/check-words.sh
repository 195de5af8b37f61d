#!/usr/bin/env bash
# Fails where a word of scripts/private-words.txt is used in a source, a message, the help, the manual or the documents.
set -euo pipefail
cd "$(dirname "$0")/.."

found=0
while IFS=: read -r word term; do
    if git grep -n -i -w -F -e "$word" -- src man completions README.md docs action templates 'tests/*.cpp' 'tests/*.hpp'; then
        printf '%s: write%s\n' "$word" "$term" >&2
        found=1
    fi
done < <(grep -v '^#' scripts/private-words.txt)
exit "$found"
