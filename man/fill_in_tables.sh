#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fill_in_tables.sh MAILCTL DIRECTORY PAGE.scd...: each page's prose with the command table of the program in it, in DIRECTORY.
# What would not differ is not written, so that nothing is made from it anew.
set -e
mailctl=$1 directory=$2
shift 2
for page in "$@"; do
    target=$directory/$(basename "$page")
    "$mailctl" __manual < "$page" > "$target.new"
    if cmp -s "$target.new" "$target"; then rm "$target.new"; else mv "$target.new" "$target"; fi
done
