# SPDX-License-Identifier: Apache-2.0
"""An LMTP client that says exactly what it is told and reads replies line-exactly, one per recipient (RFC 2033)."""
import socket


class LmtpClient:
    def __init__(self, path, timeout=30, greet=True):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(path)
        self.buffer = b""
        if greet:
            self.banner = self.reply()
            self.say("LHLO client.example")
            self.greeting = self.reply()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def say(self, line):
        self.send(line.encode() + b"\r\n")

    def line(self):
        while b"\r\n" not in self.buffer:
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionError(f"closed after {self.buffer!r}")
            self.buffer += more
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line.decode(errors="replace")

    def reply(self):
        lines = [self.line()]
        while lines[-1][3:4] == "-":
            lines.append(self.line())
        return "\n".join(lines)

    def ask(self, line):
        self.say(line)
        return self.reply()

    def deliver(self, sender, recipients, message, parameters=""):
        """(replies to RCPT, final replies of the accepted recipients). `message` with LF or CRLF line ends."""
        answer = self.ask(f"MAIL FROM:<{sender}>{parameters}")
        if not answer.startswith("250"):
            return [answer], []
        answers = [self.ask(f"RCPT TO:<{recipient}>") for recipient in recipients]
        accepted = [answer for answer in answers if answer.startswith("250")]
        if not accepted:
            self.ask("RSET")
            return answers, []
        go_on = self.ask("DATA")
        if not go_on.startswith("354"):
            return answers, [go_on]
        text = message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        if not text.endswith(b"\r\n"):
            text += b"\r\n"
        stuffed = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in text.split(b"\r\n"))
        self.send(stuffed + b".\r\n")
        return answers, [self.reply() for _ in accepted]


def deliver(path, sender, recipients, message, parameters=""):
    with LmtpClient(path) as client:
        return client.deliver(sender, recipients, message, parameters)
