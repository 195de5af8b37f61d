#!/usr/bin/env bash
# Builds the release preset, makes a .deb and a .tar.gz of it in build/package, with SHA256SUMS, and prints their names. The
# same sources, built by the same compiler, give the same bytes wherever, whenever and by whomever: SOURCE_DATE_EPOCH is by
# default the time of the last commit or, without git, of CHANGELOG.md.
set -euo pipefail
cd "$(dirname "$0")/.."

umask 022 # CPack leaves the modes of its own files in the .deb
scripts/install-packages.sh build package
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date -r CHANGELOG.md +%s)}
export SOURCE_DATE_EPOCH
rm -rf build/package
mkdir -p build/package
version=$(sed -n 's/^project(jit VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
name=jit-$version-linux-$(uname -m)
log=build/package/build.log
if ! { cmake --preset release --fresh && cmake --build --preset release &&
  cpack --config build/release/CPackConfig.cmake -B build/package &&
  cmake --install build/release --strip --prefix "build/package/$name"; } >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
cd build/package
tar --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --mtime="@$SOURCE_DATE_EPOCH" -cf - "$name" |
  gzip -9n >"$name.tar.gz"
rm -r _CPack_Packages "$name" build.log
sha256sum -- *.deb *.tar.gz >SHA256SUMS
printf 'build/package/%s\n' *.deb *.tar.gz
