#!/bin/sh
# build_page.sh MAILCTL PAGE.scd OUTPUT: a man page from its prose and the command table of the program.
set -e
here=$(dirname "$0")
"$1" __manual < "$2" > "$3.scd"
scdoc < "$3.scd" > "$3.roff"
awk -f "$here/tidy.awk" "$3.roff" > "$3"
rm "$3.scd" "$3.roff"
