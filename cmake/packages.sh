# SPDX-License-Identifier: Apache-2.0
# The one list of Debian packages: what the build needs, what the tests need besides, and how they are installed. Sourced by
# tests/run.sh and examples/quickstart.sh. Debian 12 is the platform; on 13 the same things have other version numbers.
case $(. /etc/os-release && echo "${VERSION_ID:-}") in
    13) boost=1.83 clang=19 ;;
    *) boost=1.81 clang=14 ;;
esac

build_packages=(
    cmake ninja-build g++ ccache
    "libboost$boost-dev" "libboost-filesystem$boost-dev" libcli11-dev libfmt-dev libtomlplusplus-dev nlohmann-json3-dev
    liblmdb-dev libsqlite3-dev libcrypt-dev libsodium-dev libssl-dev libidn2-dev libunistring-dev libunbound-dev libpq-dev
    zlib1g-dev liblzma-dev libzstd-dev
    scdoc
)
test_packages=(
    openssl doctest-dev librapidcheck-dev libexpected-dev
    "clang-$clang" "clang-tidy-$clang" "clang-format-$clang" "libclang-rt-$clang-dev"
    nsd ldnsutils dns-root-data
    opendkim opendkim-tools spf-tools-perl rsync
    postgresql
    postfix postfix-lmdb dovecot-core dovecot-imapd dovecot-lmtpd swaks
    python3 python3-pexpect tmux git bash zsh fish bats strace patch mandoc xz-utils zstd lmdb-utils shellcheck
)

[ "$boost" != 1.81 ] || test_packages+=(rspamd) # Debian 13 has none

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2> /dev/null)" = installed ]; }

# Runs a command as root: directly, else through sudo.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# install_packages NAME...: those that are missing, asking nothing. No service is started: our tests start private instances,
# and a mail server that appears on a workstation because somebody ran a test suite is a nuisance.
install_packages() {
    local missing=() name policy=/usr/sbin/policy-rc.d held_by_us=no status=0
    for name in "$@"; do is_installed "$name" || missing+=("$name"); done
    [ ${#missing[@]} -eq 0 ] && return 0
    echo "installing: ${missing[*]}" >&2
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee $policy > /dev/null && as_root chmod 755 $policy && held_by_us=yes
    fi
    { as_root apt-get -qq update &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "${missing[@]}"; } \
        > /dev/null || status=$?
    [ $held_by_us = no ] || as_root rm -f $policy
    return $status
}
