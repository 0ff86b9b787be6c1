#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Completion in real shells. MAILCTL=path to the program, or MAILCTL_BIN=its directory.
set -u
here=$(cd "$(dirname "$0")" && pwd)
MAILCTL=$(realpath "${MAILCTL:-${MAILCTL_BIN:-$here/../../build/release}/mailctl}")
work=$(mktemp -d /tmp/mailctl-completion.XXXXXX)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/home" && ln -s "$MAILCTL" "$work/bin/mailctl"
export PATH=$work/bin:$PATH HOME=$work/home MAILCTL_ROOT=$work/site LC_ALL=C.UTF-8 TERM=xterm
unset MAILCTL_DOMAIN
{
    mailctl init -q --hostname mx.example.org &&
        mailctl config set -q maps.type=texthash &&
        mailctl domain create -q example.org example.net &&
        mailctl mailbox create -q ann@example.org bob@example.org --no-password
} || { echo "not ok completion: the site cannot be made" && exit 1; }
python3 "$here/shells.py" "$work"
