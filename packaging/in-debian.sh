#!/usr/bin/env bash
# Run by scripts/test-package.sh as root of a new Debian: in-debian.sh VERSION DEB TARBALL
set -euo pipefail
version=$1 deb=$2 tarball=$3

fail() {
  echo "in Debian: $*" >&2
  exit 1
}
quietly() { "$@" >/tmp/log 2>&1 || { cat /tmp/log >&2; fail "$* failed"; }; }
# All files, but those where apt and dpkg keep their own records.
files() {
  find / -xdev \( -path /proc -o -path /tmp -o -path /var/lib/apt -o -path /var/cache -o -path /var/log \) -prune -o -print | sort
}

export DEBIAN_FRONTEND=noninteractive
quietly apt-get update
mapfile -t depends < <(apt-get install -s --no-install-recommends "$deb" | sed -n 's/^Inst \([^ ]*\) .*/\1/p' | grep -vx jit)
quietly apt-get install -y --no-install-recommends "${depends[@]}"
files >/tmp/before
quietly apt-get install -y --no-install-recommends "$deb"
echo "depends on $(dpkg-query -W -f '${Depends}' jit): ${#depends[@]} packages were installed for it"

for program in jit jit-sandbox; do
  [[ $("$program" --version | head -n 1) == "$program $version" ]] || fail "$program --version says: $("$program" --version)"
done
for page in /demo/*.[1-9]; do
  zcat "/usr/share/man/man${page##*.}/${page##*/}.gz" | cmp -s - "$page" || fail "the manual page ${page##*/} is not installed"
done
[[ $(bash -c '. /usr/share/bash-completion/completions/jit && complete -p jit') ]] || fail "no completion for bash"
for file in zsh/vendor-completions/_jit fish/vendor_completions.d/jit.fish doc/jit/copyright doc/jit/changelog.gz doc/jit/recipes.md; do
  [[ -s /usr/share/$file ]] || fail "/usr/share/$file is not installed"
done

# As nobody in particular; a practice tenant of its own.
demonstrate() {
  setpriv --reuid=nobody --regid=nogroup --clear-groups env PATH="$1:/usr/bin:/bin" HOME=/tmp/home \
    jit-sandbox --provision-delay 0 -- bash /demo/demo.sh >/tmp/demo 2>&1 || { cat /tmp/demo >&2; fail "the demonstration failed"; }
  grep -q '^Prod DB Admin  *ended ' /tmp/demo || fail "the demonstration shows no end of access"
}
install -d -o nobody /tmp/home
demonstrate /usr/bin

quietly apt-get purge -y jit
files >/tmp/after
diff /tmp/before /tmp/after || fail "this is left of the package (>), or it took this away (<)"

mkdir /tmp/unpacked
tar -xf "$tarball" -C /tmp/unpacked --strip-components=1
demonstrate /tmp/unpacked/bin
