#!/usr/bin/env bash
# Makes the packages and looks whether they are good:
# - lintian finds no errors or warnings in the .deb, and no path of the build is in the programs;
# - in a new Debian that has only what the .deb depends on, apt installs it, its programs, manual pages and completions are
#   there, the demonstration runs, and nothing is left once it is removed; the .tar.gz runs there, too;
# - jit-sandbox, compiled once more in another folder, has the same bytes; so have the packages, packed once more, by another
#   umask and in another time zone. With --full all of it is compiled and packed once more in the other folder.
# The new Debian takes root or sudo (scripts/new-debian.sh). Fails where it cannot be made: nothing is left out.
# scripts/test-package.sh [--full]
set -euo pipefail
cd "$(dirname "$0")/.."

full=
if [[ ${1:-} == --full ]]; then
  full=1
fi

fail() {
  echo "scripts/test-package.sh: $*" >&2
  exit 1
}

scripts/install-packages.sh build package
as_root=()
if [[ $(id -u) != 0 ]]; then
  command -v sudo >/dev/null || fail "needs root or sudo, for debootstrap and chroot"
  as_root=(sudo)
fi
work=$(mktemp -d)
mkdir "$work/elsewhere" "$work/first"
trap 'wait; "${as_root[@]}" rm -rf "$work"' EXIT

mkdir -p build "$work/debian"
"${as_root[@]}" env ${http_proxy:+http_proxy="$http_proxy"} scripts/new-debian.sh "$work/debian" &
making=$!

scripts/package.sh
deb=$(echo build/package/*.deb)
tarball=$(echo build/package/*.tar.gz)

# Compiled for real, in another folder, and with what else differs from one person to the next.
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$work/elsewhere"
time=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
build_again() (
  umask 077
  export SOURCE_DATE_EPOCH=$time TZ=Asia/Kathmandu CCACHE_DISABLE=1
  if [[ $full ]]; then
    "$work/elsewhere/scripts/package.sh"
  else
    cd "$work/elsewhere"
    cmake --preset release && cmake --build --preset release --target jit-sandbox && strip build/release/src/jit-sandbox
  fi
)
build_again >"$work/second.log" 2>&1 &
second=$!

echo "lintian ..."
# That tag is of uploads to Debian.
lintian --allow-root --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs "$deb"

echo "no path of the build ..."
dpkg-deb --fsys-tarfile "$deb" | tar -xf - -C "$work" ./usr/bin
if grep -alF -e "$PWD" -e "$work" "$work"/usr/bin/*; then
  fail "a path of this machine is in what was built"
fi

echo "how the programs are built ..."
JIT=$work/usr/bin/jit JIT_SANDBOX=$work/usr/bin/jit-sandbox python3 tests/e2e/test_hardening.py Programs 2>&1 | tee "$work/hardening.log"
grep -qx OK "$work/hardening.log" || fail "what is released is not built as it is to be" # nothing is skipped

wait "$making" || fail "cannot make a new Debian"
suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
echo "install, run and remove in Debian $suite ..."
debian=$work/debian
"${as_root[@]}" cp "$deb" "$tarball" "$debian/"
"${as_root[@]}" mkdir "$debian/demo"
"${as_root[@]}" cp scripts/demo.sh man/*.[1-9] "$debian/demo"
"${as_root[@]}" chmod -R a+rX "$debian/demo"
"${as_root[@]}" cp packaging/in-debian.sh "$debian/demo"
"${as_root[@]}" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
  unshare --mount --pid --fork --mount-proc="$debian/proc" \
  chroot "$debian" bash /demo/in-debian.sh "$(sed -n 's/^project(jit VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)" \
  "/${deb##*/}" "/${tarball##*/}"

echo "a second build ..."
wait "$second" || { cat "$work/second.log" >&2; fail "the second build failed"; }
mv build/package/* "$work/first"
if [[ $full ]]; then
  mv "$work"/elsewhere/build/package/* build/package
else
  cmp "$work/usr/bin/jit-sandbox" "$work/elsewhere/build/release/src/jit-sandbox" || fail "jit-sandbox differs, built elsewhere"
  (umask 077 && SOURCE_DATE_EPOCH=$time TZ=Asia/Kathmandu scripts/package.sh >/dev/null)
fi
for package in "$deb" "$tarball"; do
  cmp "$work/first/${package##*/}" "$package" || fail "a second time the same sources give another ${package##*/}"
done
cat build/package/SHA256SUMS
