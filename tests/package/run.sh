#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The Debian package in a clean system: built here, installed there, used, upgraded, removed, purged. Mail and domain files are
# looked for at each step. Needs root and Debian's archive; takes a few minutes, so tests/run.sh runs it only when it is named.
# tests/package/run.sh [--suite bookworm|trixie] [DEB]     DEB: one that was built already, for that suite
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
suite=$(. /etc/os-release && echo "$VERSION_CODENAME") deb=
while [ $# -gt 0 ]; do
    case $1 in
        --suite) suite=$2 && shift 2 ;;
        *) deb=$(realpath "$1") && shift ;;
    esac
done
work=$(mktemp -d /var/tmp/mailctl-package-XXXXXX)
root=$work/root
leave() {
    umount -q "$root/proc" || true
    rm -rf "$work"
}
trap leave EXIT
passed=0 failed=0

try() { # NAME COMMAND...: in the clean system
    local name=$1
    shift
    if chroot "$root" env LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@" > "$work/said" 2>&1; then
        echo "ok package $name" && passed=$((passed + 1))
    else
        echo "not ok package $name: $*" && sed 's/^/    /' "$work/said" && failed=$((failed + 1))
    fi
}
refuse() { # NAME COMMAND...: it must fail
    local name=$1
    shift
    try "$name" sh -c '! "$@"' refuse "$@"
}

build() { # into $work
    git -C "$here" archive --prefix=mailctl/ HEAD | tar -x -C "$work"
    (cd "$work/mailctl" && dpkg-buildpackage -b -us -uc > "$work/build.log" 2>&1) || { tail -40 "$work/build.log" && exit 1; }
    deb=$(ls "$work"/mailctl_*.deb)
}

[ -n "$deb" ] || build
if command -v lintian > /dev/null; then
    if lintian --allow-root --fail-on error,warning "$deb" > "$work/lintian" 2>&1; then
        echo "ok package lintian has nothing to say" && passed=$((passed + 1))
    else
        echo "not ok package lintian" && sed 's/^/    /' "$work/lintian" && failed=$((failed + 1))
    fi
fi
debootstrap --variant=minbase "$suite" "$root" > "$work/bootstrap.log" 2>&1 || { tail -20 "$work/bootstrap.log" && exit 1; }
mount -t proc proc "$root/proc"
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d" && chmod 755 "$root/usr/sbin/policy-rc.d"
cp "$deb" "$root/tmp/mailctl.deb"

try 'it installs with what it needs' apt-get -qq install -y --no-install-recommends /tmp/mailctl.deb postfix
try 'the mail user is there, and his directory is his' sh -c 'test "$(stat -c %U:%a /var/vmail)" = vmail:700'
refuse 'nothing was made that needs a site' test -e /etc/mailctl
try 'manual pages, completions and examples are there' sh -c 'ls /usr/share/man/man8/mailctl.8.gz /usr/share/bash-completion/completions/mailctl /usr/share/doc/mailctl/examples/systemd'
try 'units are there' sh -c 'ls /lib/systemd/system/mailctl-deliver.socket /lib/systemd/system/mailctl-housekeeping.timer /usr/lib/tmpfiles.d/mailctl.conf'
try 'a site is made' mailctl init --hostname mx.example.org --postmaster ann@example.org
try 'a domain' mailctl domain create example.org
try 'and a mailbox' mailctl mailbox create ann@example.org --no-password
deliver='printf "Subject: hello\n\nhello\n" | runuser -u vmail -- mailctl-deliver pipe -f bob@example.net -- ann@example.org'
try 'mail comes as the mail user' sh -c "$deliver"
try 'the message is there' sh -c 'test "$(ls /var/vmail/example.org/ann/new | wc -l)" = 1'
try 'maps are as the domain files say' mailctl map check
try 'an upgrade over the same state' sh -c 'dpkg -i /tmp/mailctl.deb && mailctl map check'
try 'and mail comes afterwards' sh -c "$deliver"
try 'it is removed' apt-get -qq remove -y mailctl
try 'mail, domain files and state stay' sh -c 'test "$(ls /var/vmail/example.org/ann/new | wc -l)" = 2 && ls /etc/mailctl/domains/example.org.toml /var/lib/mailctl/history'
try 'it comes back with all it had' sh -c 'apt-get -qq install -y /tmp/mailctl.deb && mailctl mailbox list --plain | grep -q ann@example.org'
try 'it is purged, and nobody said that mail is to go' apt-get -qq purge -y mailctl
try 'mail and domain files stay' sh -c 'test "$(ls /var/vmail/example.org/ann/new | wc -l)" = 2 && ls /etc/mailctl/domains/example.org.toml'
refuse 'what can be made again is gone' ls /var/lib/mailctl/directory /var/lib/mailctl/maps
try 'installed again' sh -c 'apt-get -qq install -y /tmp/mailctl.deb && mailctl init && mailctl apply --yes'
try 'the mailbox is there with its mail' sh -c "mailctl mailbox list --json | grep -q last_delivery && $deliver && test \"\$(ls /var/vmail/example.org/ann/new | wc -l)\" = 3"
try 'somebody says that all is to go' sh -c 'echo mailctl mailctl/purge-data boolean true | debconf-set-selections && apt-get -qq purge -y mailctl'
refuse 'all is gone' ls /var/vmail /etc/mailctl /var/lib/mailctl

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
