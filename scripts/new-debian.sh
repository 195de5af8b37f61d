#!/usr/bin/env bash
# Unpacks a new Debian, the minbase of this machine's release, into an empty folder: scripts/new-debian.sh FOLDER. Takes root,
# and the first time a network and debootstrap; it is kept in build/debian.tar for the next time, until you delete it.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1

# From the same mirror and by the same proxy.
proxy=$(apt-config shell proxy Acquire::http::Proxy | sed -n "s/^proxy='\(.*\)'$/\1/p")
proxy=${http_proxy:-$proxy}
mkdir -p build
if [[ ! -f build/debian.tar ]]; then
  suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  # shellcheck disable=SC2016 # is for apt to expand
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $suite" 'Label: Debian' | head -n 1)
  [[ $mirror ]] || { echo "apt has no source of Debian $suite" >&2; exit 1; }
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  env ${proxy:+http_proxy="$proxy"} debootstrap --variant=minbase "$suite" "$work/debian" "$mirror" >"$work/log" 2>&1 ||
    { cat "$work/log" >&2; exit 1; }
  tar -C "$work/debian" --one-file-system -cf - . >"$work/debian.tar"
  mv "$work/debian.tar" build/debian.tar
fi
tar -C "$folder" -xf build/debian.tar
cp /etc/resolv.conf "$folder/etc/resolv.conf"
printf '127.0.0.1 localhost\n::1 localhost\n' >"$folder/etc/hosts"
if [[ $proxy ]]; then
  echo "Acquire::http::Proxy \"$proxy\";" >"$folder/etc/apt/apt.conf.d/proxy"
fi
