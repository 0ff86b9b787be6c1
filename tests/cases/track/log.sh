# SPDX-License-Identifier: Apache-2.0
# Lines of a Postfix log some seconds ago, for the cases of `track`: sourced by their cmd files.
form='%b %e %H:%M:%S' # of the stamps

line() { # SECONDS-AGO SERVICE TEXT
    printf '%s mx1 postfix/%s[1]: %s\n' "$(date -d "-$1 seconds" "+$form")" "$2" "$3"
}
begin() { # SECONDS-AGO ID SENDER
    line "$1" smtpd "$2: client=h.example.com[192.0.2.1]${login:+, sasl_method=PLAIN, sasl_username=$login}"
    line "$1" cleanup "$2: message-id=<$2@example.com>"
    line "$1" qmgr "$2: from=<$3>, size=812, nrcpt=1 (queue active)"
}
try() { # SECONDS-AGO ID RECIPIENT STATUS ANSWER [RELAY [SERVICE]]
    line "$1" "${7:-smtp}" "$2: to=<$3>, relay=${6:-mx.example.com[198.51.100.7]:25}, delay=1.5, delays=0.1/0/0.4/1, dsn=2.0.0, status=$4 ($5)"
}
message() { # as begin and try: SECONDS-AGO ID SENDER RECIPIENT STATUS ANSWER
    begin "$1" "$2" "$3"
    try "$1" "$2" "$4" "$5" "$6"
    line "$1" qmgr "$2: removed"
}
