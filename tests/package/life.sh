#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Run by tests/package/run.sh inside a clean Debian that has booted with the package, Postfix and Dovecot as Debian sets them up, and
# no net but loopback. The fragments are taken over as the manual pages say, and the units of the package do the rest: what they
# forbid is forbidden here.
set -u
password='correct horse battery' passed=0 failed=0 maps=/var/lib/mailctl/maps
export COLUMNS=200

# try NAME TEXT: TEXT is bash, and may use what is defined here.
try() {
    if (eval "$2") > /tmp/said 2>&1; then
        echo "ok package $1" && passed=$((passed + 1))
    else
        echo "not ok package $1" && failed=$((failed + 1))
        sed 's/^/    /' /tmp/said
        journalctl --no-pager --lines 12 --output cat | sed 's/^/    | /'
    fi
}
until_true() { # COMMAND...: within 20 seconds
    local turn
    for turn in $(seq 100); do
        "$@" > /tmp/said 2>&1 && return 0
        sleep 0.2
    done
    echo "not within 20 seconds: $* ($turn)" >> /tmp/said
    return 1
}

make_certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj /CN=mx.example.org \
        -addext 'subjectAltName = DNS:example.org, DNS:mx.example.org, DNS:imap.example.org, DNS:pop.example.org, DNS:smtp.example.org' \
        -keyout /root/site.key -out /root/site.pem 2> /dev/null
}
make_site() {
    make_certificate
    mailctl init -q --hostname mx.example.org --postmaster ann@example.org
    mailctl config set -q maps.policy=on
    mailctl domain create -q example.org
    mailctl domain set -q example.org tls.certificate=/root/site.pem tls.key=/root/site.key
    echo "$password" | mailctl mailbox create -q ann@example.org --name Ann --quota 1G --password-stdin
    mailctl list create -q team@example.org ann@example.org --post members
    mailctl forward create -q away@example.org someone@elsewhere.example
}

# As mailctl-map(8) has it: at the end of main.cf and master.cf, and after all of Debian's own for Dovecot.
take_over_fragments() {
    postconf -e 'myhostname = mx.example.org' 'mydestination = localhost' 'inet_interfaces = loopback-only' \
        'smtpd_tls_chain_files = /root/site.key, /root/site.pem' 'relayhost = [127.0.0.1]:9' \
        'smtpd_tls_security_level = may' # Debian 13 has it only where ssl-cert was there first
    postconf -X smtpd_tls_cert_file smtpd_tls_key_file
    cat $maps/main.cf >> /etc/postfix/main.cf
    cat $maps/master.cf $maps/submission.cf >> /etc/postfix/master.cf
    echo "!include $maps/dovecot.conf" > /etc/dovecot/local.conf
}

send() { # RECIPIENT [SUBJECT]
    swaks --server 127.0.0.1 --helo client.example --from bob@elsewhere.example --to "$1" --header "Subject: ${2:-hello}"
}
has_mail() { [ "$(find /var/vmail/example.org/ann/new /var/vmail/example.org/ann/cur -type f | wc -l)" -eq "$1" ]; }
imap() { # PATH [OPTION...]
    curl -sS --insecure --user "ann@example.org:$password" "imap://127.0.0.1/$1" "${@:2}"
}
hand_in() { # SENDER
    curl -sS --insecure --ssl-reqd --user "ann@example.org:$password" --mail-from "$1" --mail-rcpt ann@example.org \
        --upload-file /etc/hostname smtp://127.0.0.1:587/laptop
}
serial() { openssl x509 -noout -serial; }
served() { openssl s_client -connect "127.0.0.1:$1" -servername imap.example.org "${@:2}" < /dev/null 2> /dev/null | serial; }
is_served() { # the certificate of now, by both
    [ "$(served 993)" = "$(serial < /root/site.pem)" ] && [ "$(served 25 -starttls smtp)" = "$(serial < /root/site.pem)" ]
}
units='mailctl-deliver.socket mailctl-policy.socket mailctl-housekeeping.timer mailctl-track.timer mailctl-tls.timer'

try 'nothing runs before there is a site' "systemctl start $units; ! systemctl is-active $units mailctl-deliver.service | grep '^active'"
(set -e && make_site && take_over_fragments) || exit 1
try 'Debian runs its SMTP and LMTP services in a chroot' '! postconf -M smtp/inet lmtp/unix | grep -v "^[^ ]* *[^ ]* *[^ ]* *[^ ]* *y"'
try 'Postfix finds nothing to say of the fragments' 'postfix check 2>&1 | { ! grep -E "error|fatal|warning"; }'
try 'Dovecot takes the fragment beside the files of Debian' 'doveconf -n'
try 'sockets and timers start' "systemctl start $units && systemctl is-active $units"
try 'Postfix and Dovecot start' 'systemctl restart postfix dovecot && until_true is_served'
try 'Postfix hands mail to the agent' 'send ann@example.org first && until_true has_mail 1'
try 'a name that nobody has is refused at RCPT' '! send nobody@example.org > /tmp/answer; grep "<\*\* 550 5.1.1" /tmp/answer'
try 'smtpd asks the agent, out of its chroot, who may post' '! send team@example.org > /tmp/answer; grep "<\*\* 550 5.7.1" /tmp/answer'
try 'a local program sends by sendmail(1)' \
    'printf "Subject: second\n\nhello\n" | sendmail -f bob@elsewhere.example ann@example.org && until_true has_mail 2'
try 'the agent forwards by sendmail(1)' 'send away@example.org && until_true sh -c "postqueue -j | grep someone@elsewhere.example | grep SRS0="'
try 'mail is read over IMAP, from INBOX' 'imap "INBOX;UID=1" | grep "^Subject: first"'
try 'a folder is made beside it' 'imap "" -X "CREATE Sent" && test -d /var/vmail/example.org/ann/.Sent'
try 'Dovecot has the quota' 'doveadm quota get -u ann@example.org | grep -E "STORAGE.* 1048576 "'
try 'a wrong password is refused' '! password=wrong imap INBOX'
try 'mail is handed in with the password of the mailbox' 'hand_in ann@example.org && until_true has_mail 3'
try 'nobody hands mail in as somebody else' '! hand_in bob@example.org'
try 'a renewed certificate is taken over by its unit' 'systemctl start mailctl-tls && make_certificate && ! is_served && systemctl start mailctl-tls && until_true is_served'
try 'the logs are read by theirs' 'systemctl start mailctl-track && [ "$(mailctl track search --to ann@example.org --plain | grep -c delivered)" -ge 3 ]'
try 'housekeeping has nothing to say' 'systemctl start mailctl-housekeeping'
try 'no unit has failed' '! systemctl --failed --no-legend | grep .'
mailctl check --json > /tmp/found 2> /dev/null
try 'check finds no error at a site like this' '! grep -B 3 -A 5 "\"severity\": \"error\"" /tmp/found'
[ $failed -eq 0 ]
