#!/usr/bin/env bash
# Runs clang-tidy over the sources, or over those named. As ccache does for a compiler, it remembers in ~/.cache/jit-tidy where
# nothing was found, and looks again once the file, one that it includes, its flags, .clang-tidy or clang-tidy has changed.
# CI_FULL=1 looks at everything, and for longer.
set -euo pipefail
cd "$(dirname "$0")/.."

export root=$PWD cache=${XDG_CACHE_HOME:-$HOME/.cache}/jit-tidy
# How many steps the analyzer takes in a function. Nearly all functions take fewer; the others cost more than all the rest
# together. 225,000 is what clang has.
export steps=50000
if [[ ${CI_FULL:-} ]]; then
  steps=225000
fi

# A digest of all that the result depends on.
fingerprint() {
  local command
  command=$(jq -r --arg file "$root/$1" 'map(select(.file == $file))[0].command' build/tidy/compile_commands.json)
  {
    echo "$steps ${command//"$root"/.}"
    clang-tidy --version
    sha256sum <.clang-tidy
    if [[ $command == null ]]; then # of another system: clang-tidy takes the flags of a file beside it
      sha256sum <"$1"
    else
      (cd build/tidy && eval "${command% -o *} -M $root/$1") |
        sed 's/^[^ ]*: //; s/\\$//' | xargs sha256sum | sed "s,$root,.,"
    fi
  } | sha256sum | cut -d ' ' -f 1
}

look_at() {
  set -euo pipefail
  local known
  known=$cache/$(fingerprint "$1")
  if [[ -e $known && ! ${CI_FULL:-} ]]; then
    echo "$1"
    return
  fi
  clang-tidy --quiet -p build/tidy --extra-arg={-Xclang,-analyzer-config,-Xclang,max-nodes="$steps"} "$1" 2> >(grep -v 'warnings generated' >&2) >&2
  : >"$known"
}
export -f fingerprint look_at

cmake --preset tidy >/dev/null
if (($#)); then
  files=("$@")
else
  mapfile -t files < <(git ls-files --cached --others --exclude-standard 'src/*.cpp' 'tests/fuzz/*.cpp')
fi
mkdir -p "$cache"
find "$cache" -type f -mtime +30 -delete
known=$(printf '%s\0' "${files[@]}" | xargs -0 --max-procs="$(nproc)" -I{} bash -c 'look_at {}' | wc -l)
echo "clang-tidy found nothing in ${#files[@]} files; $known of them are as they were when it looked at them before"
