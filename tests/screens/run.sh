#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What people see: mailctl in a real terminal (tmux) of 40, 80, 120 and 200 columns, each screen compared with the one kept
# in tests/screens/SCREEN.WIDTH; the colours of a screen, as escape sequences, with SCREEN.colours. Times of the clock are
# written as TIME, the site's place as SITE.
#
#   tests/screens/run.sh [SCREEN...]             MAILCTL_BIN=directory of the program
#   tests/screens/run.sh --accept [SCREEN...]    keeps what was seen; look at the diff!
set -u
here=$(cd "$(dirname "$0")" && pwd)
bin=$(realpath "${MAILCTL_BIN:-$here/../../build/release}")
[ -x "$bin/mailctl" ] || { echo "not ok screens: no program '$bin/mailctl'" && exit 1; }
command -v tmux > /dev/null || { echo "not ok screens: tmux is not installed" && exit 1; }
accept=no
[ "${1:-}" != --accept ] || { accept=yes && shift; }

# A short place of known length: it is part of what is shown, and so of where lines break.
work=$(mktemp -d /tmp/scrXXXX)
trap 'tmux -S "$work/tmux" kill-server 2> /dev/null; rm -rf "$work"' EXIT
unset TMUX TMPDIR MAILCTL_DOMAIN NO_COLOR VISUAL EDITOR
export MAILCTL_ROOT=$work/site HOME=$work PATH=$bin:$PATH SUDO_USER=admin TZ=UTC LC_ALL=C.UTF-8

make_site() {
    local aliases=()
    for number in $(seq 40); do aliases+=(--alias "sales$number"); done
    mailctl init -q --hostname mx.example.org --postmaster admin@elsewhere.example 2> /dev/null &&
        mailctl config set -q maps.type=texthash time_zone=Europe/Berlin &&
        mailctl domain create -q example.org --alias example.net &&
        mailctl domain create -q bücher.example &&
        mailctl mailbox create -q ann@example.org --name 'Ann B.' --quota 1G "${aliases[@]}" --no-password &&
        mailctl mailbox create -q bob@example.org bartholomew.longname@example.org --no-password -m 'new colleagues' &&
        mailctl mailbox create -q kurt@bücher.example --name '山田 太郎' --no-password &&
        mailctl robot create -q info@example.org --subject Thanks --message $'Dear sender,\n\nwe got it.\n\tYours' &&
        mailctl mailbox suspend -q bob@example.org --until 2126-03-01 --reason 'not paid'
}

# The screens: name and command line. Each is drawn at every width.
screens() {
    cat << 'END'
first           mailctl
help            mailctl help
help-noun       mailctl mailbox
list            mailctl mailbox list
list-domains    mailctl domain list
list-nothing    mailctl candidate list; mailctl forward list; mailctl map check; mailctl config check
list-piped      mailctl mailbox list example.org | cat; mailctl candidate list | cat
show            mailctl mailbox show ann@example.org
show-block      mailctl robot show info@example.org
history         mailctl history list
history-show    mailctl history show 8
dry-run         mailctl mailbox delete bob@example.org -n
errors          mailctl mailbox show nobody@example.org; mailctl mailbox lst; mailctl domain show example.org.
questions       stty -echo; tmux send-keys n Enter n Enter n Enter; sleep 0.3; mailctl mailbox delete bob@example.org ann@example.org; mailctl mailbox clear ann@example.org; mailctl history revert 8
END
}

normalise() {
    sed -E -e "s|$work/site|/SITE|g" -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}/YYYY-MM-DD HH:MM/g' -e 's/ +$//' |
        sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
}

# Draws a screen of its own: a pane that ends with the command's end, of which the whole is captured.
draw() { # NAME WIDTH COMMAND [CAPTURE-OPTION...]
    local name=$1 width=$2 command=$3 pane=$1-$2
    shift 3
    printf '%s\n' "$command" > "$work/$pane.sh"
    tmux -S "$work/tmux" -f /dev/null new-session -d -s "$pane" -x "$width" -y 150 \
        "TERM=xterm-256color bash $work/$pane.sh; tmux -S $work/tmux wait-for -S $pane; sleep 60"
    timeout 20 tmux -S "$work/tmux" wait-for "$pane"
    tmux -S "$work/tmux" capture-pane -p "$@" -t "$pane" | normalise
    tmux -S "$work/tmux" kill-session -t "$pane"
}

compare() { # WHAT: standard input against tests/screens/WHAT
    cat > "$work/seen"
    [ $accept = no ] || cp "$work/seen" "$here/$1"
    if diff -u --label "kept $1" --label "seen $1" "$here/$1" "$work/seen" > "$work/difference" 2>&1; then
        echo "ok screens $1"
    else
        echo "not ok screens $1"
        sed 's/^/#   /' "$work/difference"
    fi
}

make_site || { echo "not ok screens: the site cannot be made" && exit 1; }
screens | while read -r name command; do
    [ $# -eq 0 ] || [[ " $* " == *" $name "* ]] || continue
    widths=(40 80 120 200)
    [ "$name" != questions ] || widths=(80)
    for width in "${widths[@]}"; do
        draw "$name" $width "$command" < /dev/null > "$work/screen"
        compare "$name.$width" < "$work/screen"
    done
    case $name in
        list | dry-run | errors)
            draw "$name" 80 "$command" -e < /dev/null | sed 's/\x1b/^[/g' > "$work/screen"
            compare "$name.colours" < "$work/screen"
            draw "$name" 80 "export NO_COLOR=1; $command" -e < /dev/null | sed 's/\x1b/^[/g' > "$work/screen"
            if grep -q '\^\[' "$work/screen"; then echo "not ok screens $name: NO_COLOR is obeyed"; else echo "ok screens $name: NO_COLOR is obeyed"; fi
            ;;
    esac
done | tee "$work/results"
! grep -q '^not ok ' "$work/results"
