#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One story for each of the documents the product was wished for with, lived through step by step with the real programs:
# tests/stories/run.sh [WORD...] tells those whose file name has one of the words. Needs root where Postfix or Dovecot play.
# Stories mostly wait, so they are lived side by side, and each is told when it has ended.
set -u
cd "$(dirname "$0")" || exit 1
told=$(mktemp -d)
trap 'rm -rf "$told"' EXIT
for story in [0-9]*.py; do
    if [ $# -gt 0 ]; then
        wanted=no
        for word in "$@"; do [[ $story != *"$word"* ]] || wanted=yes; done
        [ $wanted = yes ] || continue
    fi
    { python3 "$story" > "$told/$story" || touch "$told/failed"; flock "$told" cat "$told/$story"; } &
done
wait
[ ! -e "$told/failed" ]
