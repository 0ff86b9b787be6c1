#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# mailctl-tutorial(7), typed block by block into a clean Debian that was booted for it and has no net, with what the blocks must
# show. Needs root and Debian's archive; takes some minutes, so it runs only when it is named.
# tests/package/tutorial.sh [--suite bookworm|trixie] [--said FILE] DEB     FILE: the blocks and what was answered
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/tests/harness/clean_system.sh"
suite=$(. /etc/os-release && echo "$VERSION_CODENAME") said=/dev/null deb=''
while [ $# -gt 0 ]; do
    case $1 in
        --suite) suite=$2 && shift ;;
        --said) said=$2 && shift ;;
        *) deb=$(realpath "$1") ;;
    esac
    shift
done
[ -n "$deb" ] || { echo 'tests/package/tutorial.sh: which package?' >&2 && exit 2; }
work=$(mktemp -d /var/tmp/mailctl-tutorial-XXXXXX)
root=$work/root
trap 'halt; rm -rf --one-file-system "$work"' EXIT

# A word of a block, and a text that the answer to it must hold.
cat > "$work/shows" << 'END'
mailctl address list|sales@example.org
mailctl address list|team@example.org
quota=3G -n|+quota = "3 GiB"
quota=3G -n|dry run
doveadm auth test|auth succeeded
mailctl status|generation:
MAILINDEX=1|deliver to mailbox 'ann@example.org'
MAILINDEX=1|Subject: the first mail
MAILINDEX=1|It works.
track search|sales@example.org
track search|delivered
dkim activate|v=DKIM1
dkim activate|activated selector 'first'
MAILINDEX=2|Subject: signed
MAILINDEX=2|d=example.org; s=first
MAILINDEX=2|553
dns show example.org --zone|example.org. 3600 IN MX 10 mx.example.org.
dns show example.org --zone|first._domainkey.example.org.
mailctl check|mailctl-housekeeping.timer
mailctl check|mailctl init
END

# missing BLOCK ANSWER: what the answer should hold and does not.
missing() {
    local word text
    while IFS='|' read -r word text; do
        if grep -qF -- "$word" "$1" && ! grep -qF -- "$text" "$2"; then echo "missing: $text"; fi
    done < "$work/shows"
}

# The blocks of the page, as a reader sees them: a file each.
sed 's/\\\\$/\\/' "$here/man/mailctl-tutorial.7.scd" |
    awk -v to="$work/block" '/^```/ { inside = !inside; if (inside) name = sprintf("%s.%02d", to, ++number); next } inside { print > name }'
while IFS='|' read -r word _; do
    grep -qF -- "$word" "$work"/block.* || { echo "not ok tutorial: no block has '$word'" && exit 1; }
done < "$work/shows"

# Everything that the first block installs is fetched before, and lies there as in an archive.
make_system "$suite" "$root"
mkdir "$root/srv/packages" && cp "$deb" "$root/srv/packages"
(cd "$root/srv/packages" && dpkg-scanpackages --multiversion . 2> /dev/null > Packages)
echo 'deb [trusted=yes] file:/srv/packages ./' > "$root/etc/apt/sources.list.d/packages.list"
wanted=$(tr -d '\\\n' < "$work/block.01" | sed 's/.*recommends//')
# shellcheck disable=SC2086 # words
inside "$root" net sh -c 'apt-get -qq update && apt-get -qq install -y --no-install-recommends systemd-sysv dbus procps iproute2 &&
    apt-get -qq install -y --no-install-recommends --download-only "$@"' sh $wanted > "$work/fetched" 2>&1 || { cat "$work/fetched" && exit 1; }

boot "$root" || { cat "$root/boot.log" && exit 1; }
passed=0 failed=0
: > "$said"
for block in "$work"/block.*; do
    status=0
    in_booted DEBIAN_FRONTEND=noninteractive bash -euo pipefail -c "cd /root; $(cat "$block")" > "$work/answer" 2>&1 < /dev/null || status=$?
    { sed 's/^/# /' "$block" && cat "$work/answer" && echo; } >> "$said"
    wrong=$(missing "$block" "$work/answer")
    if [ $status -eq 0 ] && [ -z "$wrong" ]; then
        echo "ok tutorial $(head -n 1 "$block")" && passed=$((passed + 1))
        continue
    fi
    echo "not ok tutorial $(head -n 1 "$block"): status $status $wrong" && failed=1
    sed 's/^/    /' "$work/answer"
    in_booted journalctl -n 30 --no-pager | sed 's/^/    /'
    break
done
halt
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
