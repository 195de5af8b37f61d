#!/usr/bin/env bash
# Runs the README's two commands as somebody new would: in a new Debian that has nothing but what every Debian has and sudo, as a
# user without root's rights. Takes root or sudo (scripts/new-debian.sh), a network, and as long as the tests do and a build.
# scripts/test-fresh.sh [COMMAND...]; scripts/try.sh and scripts/test.sh if none is given.
set -euo pipefail
cd "$(dirname "$0")/.."

commands=("$@")
(($#)) || commands=(scripts/try.sh scripts/test.sh)
scripts/install-packages.sh package
as_root=()
if [[ $(id -u) != 0 ]]; then
  as_root=(sudo)
fi
debian=$(mktemp -d)
trap '"${as_root[@]}" rm -rf "$debian"' EXIT
mkdir -p build
"${as_root[@]}" env ${http_proxy:+http_proxy="$http_proxy"} scripts/new-debian.sh "$debian"
git ls-files -z --cached --others --exclude-standard | tar --null --files-from=- --transform='s,^,jit/,' -cf - |
  "${as_root[@]}" tee "$debian/jit.tar" >/dev/null

# shellcheck disable=SC2016 # is for the shell in there
inside='
set -euo pipefail
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
{ apt-get update -qq && apt-get install -y -qq --no-install-recommends sudo; } >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }
useradd --create-home --shell /bin/bash somebody
echo "somebody ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/somebody
su --login somebody -c "tar -xf /jit.tar"
for command in "$@"; do
  printf "\n\$ %s\n" "$command"
  su --login somebody -c "cd jit && $command"
done
'
"${as_root[@]}" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
  unshare --mount --pid --fork --kill-child --mount-proc="$debian/proc" \
  chroot "$debian" bash -c "$inside" bash "${commands[@]}" </dev/null
