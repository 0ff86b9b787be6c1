#!/usr/bin/env bash
# One story for each of the documents the product was wished for with, lived through step by step with the real programs:
# tests/stories/run.sh [WORD...] tells those whose file name has one of the words. Needs root where Postfix or Dovecot play.
set -u
cd "$(dirname "$0")" || exit 1
status=0
for story in [0-9]*.py; do
    if [ $# -gt 0 ]; then
        told=no
        for word in "$@"; do [[ $story != *"$word"* ]] || told=yes; done
        [ $told = yes ] || continue
    fi
    python3 "$story" || status=1
done
exit $status
