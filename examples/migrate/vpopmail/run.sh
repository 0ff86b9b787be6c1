#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The walkthrough of README.md with the sample beside it. `mailctl` must be in PATH; nothing outside a temporary directory is touched.
set -eu
cd "$(dirname "$0")"
MAILCTL_ROOT=$(mktemp -d)
export MAILCTL_ROOT
trap 'rm -rf "$MAILCTL_ROOT"' EXIT
mailctl init -q --hostname mx.example.org --postmaster admin@elsewhere.example
mailctl config set -q maps.type=texthash
mailctl import --profile vpopmail --create-domains domains --dry-run > "$MAILCTL_ROOT/diff"
echo "it would change $(grep -c '^+++' "$MAILCTL_ROOT/diff") files"
mailctl import --profile vpopmail --create-domains domains
mailctl import --profile vpopmail --create-domains domains # a second time changes nothing
mailctl mailbox list
mailctl alias list
mailctl forward list
mailctl explain --plain nobody@example.org
