#!/usr/bin/env bash
# Installs the Debian packages that are missing: scripts/install-packages.sh build|test|check|package|bench...
# `build` is what compiling needs, `test` what the tests need beside it, `check` what continuous integration
# adds, `package` what scripts/package.sh, test-package.sh and test-fresh.sh need, `bench` what bench/run.sh measures with.
# Says what it installs; does nothing, and asks for no rights, where nothing is missing.
set -euo pipefail

packages_of() {
  case $1 in
  build)
    echo g++ cmake ninja-build ca-certificates libcurl4-openssl-dev libcli11-dev rapidjson-dev libspdlog-dev \
      libfmt-dev libyaml-cpp-dev libutf8proc-dev libboost-dev libssl-dev
    ;;
  test)
    echo catch2 python3 openssl tinyproxy squid-openssl nginx-light curl jq mandoc dbus gnome-keyring libglib2.0-bin \
      libsecret-1-0 libsecret-tools strace zsh fish bash-completion less python3-yaml python3-h2 make faketime \
      openssh-client procps tmux
    ;;
  check)
    echo git ccache mold jq clang libclang-rt-dev clang-format clang-tidy shellcheck gcovr nodejs
    command -v npm >/dev/null || echo npm # others than Debian have it in the package of nodejs
    ;;
  package) echo file dpkg-dev debootstrap lintian python3 binutils ;;
  bench) echo hyperfine curl jq openssl time ;;
  *)
    echo "usage: scripts/install-packages.sh build|test|check|package|bench..." >&2
    exit 2
    ;;
  esac
}

if ! command -v dpkg-query >/dev/null; then
  echo "This is no Debian: install what $(packages_of build) are on your system, if the build stops for want of them." >&2
  exit 0
fi

# A package of another architecture brings neither headers nor libraries of this one.
native=$(dpkg --print-architecture)
is_installed() {
  grep -qxE "installed (all|$native)" <<<"$(dpkg-query -W -f='${db:Status-Status} ${Architecture}\n' "$1" 2>/dev/null)"
}
missing=()
for set in "$@"; do
  for package in $(packages_of "$set"); do
    is_installed "$package" || missing+=("$package")
  done
done
((${#missing[@]})) || exit 0

echo "Installing packages: ${missing[*]}" >&2
as_root=()
if [[ $(id -u) != 0 ]]; then
  command -v sudo >/dev/null || {
    echo "Neither root nor sudo: ask somebody to run  apt-get install ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { "${as_root[@]}" apt-get update -qq &&
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
  >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
