# SPDX-License-Identifier: Apache-2.0
"""An SMTP server that keeps what it gets: where forwards arrive in tests. Recipients can be refused on request."""
import socket
import threading


class SmtpSink:
    def __init__(self, refuse=None):
        """`refuse` maps a recipient address to the reply it gets, e.g. {"gone@x.example": "550 5.1.1 no such user"}."""
        self.refuse = refuse or {}
        self.messages = []  # (sender, recipients, bytes with CRLF)
        self.peers = []  # the address that each came from
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection, connection.makefile("rwb") as stream:
            def say(line):
                stream.write(line.encode() + b"\r\n")
                stream.flush()
            say("220 sink.example ESMTP")
            sender, recipients = None, []
            for raw in stream:
                line = raw.decode(errors="replace").strip()
                verb = line.upper()
                if verb.startswith(("EHLO", "LHLO")):
                    stream.write(b"250-sink.example\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 PIPELINING\r\n")
                    stream.flush()
                elif verb.startswith("MAIL FROM:"):
                    sender, recipients = line[line.index("<") + 1:line.index(">")], []
                    say("250 2.1.0 ok")
                elif verb.startswith("RCPT TO:"):
                    recipient = line[line.index("<") + 1:line.index(">")]
                    answer = self.refuse.get(recipient, "250 2.1.5 ok")
                    if answer.startswith("2"):
                        recipients.append(recipient)
                    say(answer)
                elif verb == "DATA":
                    say("354 go on")
                    body = b""
                    for data in stream:
                        if data == b".\r\n":
                            break
                        body += data[1:] if data.startswith(b".") else data
                    self.peers.append(connection.getpeername()[0])
                    self.messages.append((sender, recipients, body))
                    say("250 2.0.0 kept")
                elif verb == "QUIT":
                    say("221 2.0.0 bye")
                    return
                else:
                    say("250 2.0.0 ok")
