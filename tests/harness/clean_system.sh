# SPDX-License-Identifier: Apache-2.0
# Clean systems of a Debian release, for tests of what cannot be tried on the machine itself. Sourced by tests/debian and
# tests/package. Needs root, debootstrap and Debian's archive.

systems=${MAILCTL_DEBIAN:-/var/tmp/mailctl-debian}
mkdir -p "$systems"

# is_ours DIRECTORY: nothing that was not made here is ever run in or removed.
is_ours() { [ -e "$1/etc/mailctl-test-system" ]; }

# make_system SUITE DIRECTORY: a minimal system in which no service starts by itself. Its first state is kept for the next one.
make_system() {
    local suite=$1 root=$2 base=$systems/$1.base
    if ! is_ours "$base"; then
        rm -rf --one-file-system "$base"
        echo "== making Debian $suite" >&2
        debootstrap --variant=minbase --include=ca-certificates "$suite" "$base" > "$systems/$suite.log" 2>&1 ||
            { tail -20 "$systems/$suite.log" >&2 && return 1; }
        printf '#!/bin/sh\nexit 101\n' > "$base/usr/sbin/policy-rc.d" && chmod 755 "$base/usr/sbin/policy-rc.d"
        echo '127.0.0.1 localhost clean.example.org' > "$base/etc/hosts"
        touch "$base/etc/mailctl-test-system"
    fi
    cp -a "$base" "$root"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
}

remove_system() { ! is_ours "$1" || rm -rf --one-file-system "$1"; }

# inside DIRECTORY NET COMMAND...: as root in the system, with what programs expect below /proc and /dev, and with processes of its
# own, all of which end with COMMAND. NET is `net`, or `alone`: loopback and nothing else. What is mounted is so in here only: nothing
# of it can outlive a killed test. $cache, where it is set, is there as /ccache.
inside() {
    local root=$1 net=$2 namespaces=(--mount --pid --fork --kill-child --uts)
    shift 2
    [ "$net" = net ] || namespaces+=(--net)
    # shellcheck disable=SC2016 # the shell in the new namespaces expands it
    unshare "${namespaces[@]}" bash -euc '
        root=$1 net=$2 cache=$3
        shift 3
        mount -t proc proc "$root/proc"
        mount -t tmpfs -o mode=755 dev "$root/dev"
        mkdir "$root/dev/pts" "$root/dev/shm"
        mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
        mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
        for device in null zero full random urandom tty; do
            touch "$root/dev/$device" && mount --bind "/dev/$device" "$root/dev/$device"
        done
        ln -s pts/ptmx "$root/dev/ptmx" && ln -s /proc/self/fd "$root/dev/fd"
        ln -s fd/0 "$root/dev/stdin" && ln -s fd/1 "$root/dev/stdout" && ln -s fd/2 "$root/dev/stderr"
        [ -z "$cache" ] || { mkdir -p "$root/ccache" && mount --bind "$cache" "$root/ccache"; }
        [ "$net" = net ] || ip link set lo up
        hostname clean.example.org
        chroot "$root" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=xterm \
            LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive CCACHE_DIR=/ccache "$@"
        exit 0 # not exec: this shell is the first process there, and takes in the daemons that others leave behind' inside "$root" "$net" "${cache:-}" "$@"
}

# copy_tree DIRECTORY: the files of this tree as they stand, ignored ones left out. Times stay, so that a kept system compiles
# what changed.
copy_tree() {
    local tree=$1
    mkdir -p "$tree" && find "$tree" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
    git -C "$here" ls-files -z -co --exclude-standard | (cd "$here" && xargs -0 -r ls -d 2> /dev/null) |
        tar -C "$here" --owner=root --group=root -T - -c | tar -x -C "$tree"
}

# boot DIRECTORY: its own systemd runs it, without a net. `in_booted COMMAND...` runs there, and `halt` ends it; whoever booted calls it.
booted=''
boot() {
    local turn
    rm -f "$1/usr/sbin/policy-rc.d"
    SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 systemd-nspawn --quiet --directory "$1" --machine "clean-$$" --register=no --keep-unit \
        --private-network --console=pipe --boot < /dev/null > "$1/boot.log" 2>&1 &
    booted=$!
    for turn in $(seq 300); do
        sleep 0.2
        in_booted systemctl is-system-running 2> /dev/null | grep -qE 'running|degraded' && return 0
    done
    echo "no system after a minute ($turn)" >&2
    return 1
}
in_booted() {
    local leader
    leader=$(pgrep -P "$booted" | head -n 1)
    nsenter -t "${leader:-0}" -a env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "$@"
}
halt() {
    [ -n "$booted" ] || return 0
    kill -TERM "$booted" 2> /dev/null || true # systemd-nspawn has it shut down
    wait "$booted" || true
    booted=''
}
