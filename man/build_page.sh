#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# build_page.sh PROSE.scd OUTPUT: a man page from its prose.
set -e
here=$(dirname "$0")
scdoc < "$1" > "$2.roff"
awk -f "$here/tidy.awk" "$2.roff" > "$2"
rm "$2.roff"
