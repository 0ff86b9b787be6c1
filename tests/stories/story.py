# SPDX-License-Identifier: Apache-2.0
"""A story: steps that build on one another, on one site with an agent and an outside world. The first that fails ends it."""
import contextlib
import email
import email.policy
import os
import re
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.lmtp_client import deliver  # noqa: E402
from harness.site import UNPRIVILEGED, Site, expect  # noqa: E402
from harness.smtp_sink import SmtpSink  # noqa: E402


class Ended(Exception):
    pass


class Story:
    """`with Story(NAME, DOMAIN...) as story:` a site with these domains; forwards and other mail to the outside arrive in `sink`."""

    def __init__(self, name, *settings):
        self.name = name
        self.sink = SmtpSink()
        self.site = Site(user=UNPRIVILEGED, settings=(f"submit=smtp:127.0.0.1:{self.sink.port}", *settings))
        self.told = 0

    def __enter__(self):
        self.site.start_agent()
        return self

    def __exit__(self, kind, error, trace):
        if error and kind is not Ended:
            print(f"not ok stories {self.name}: between its steps", flush=True)
            traceback.print_exc(file=sys.stdout)
        self.site.close()
        self.sink.close()
        if error:
            sys.exit(1)

    @contextlib.contextmanager
    def step(self, sentence):
        try:
            yield
        except Exception as error:
            print(f"not ok stories {self.name}: {sentence}", flush=True)
            print("#   " + traceback.format_exc().replace("\n", "\n#   "), flush=True)
            raise Ended from error
        print(f"ok stories {self.name}: {sentence}", flush=True)

    def run(self, line, **options):
        """mailctl with the words of `line`."""
        return self.site.mailctl(*line.split(), **options)

    def send(self, *recipients, text="hello", sender="somebody@outside.example"):
        """What the agent answers to RCPT and, for what it took, to the end of the data."""
        self.told += 1
        message = (f"From: {sender}\nTo: {recipients[0]}\nSubject: message {self.told}\n"
                   f"Message-ID: <{self.told}@outside.example>\n\n{text}\n")
        return deliver(self.site.socket, sender, list(recipients), message.encode())

    def taken(self, *recipients, **options):
        answers, ends = self.send(*recipients, **options)
        expect(all(each.startswith("250") for each in answers + ends), f"{recipients}: {answers} {ends}")

    def refused(self, recipient, code, **options):
        answers, ends = self.send(recipient, **options)
        expect((answers + ends)[-1].startswith(code), f"{recipient}: {answers} {ends}")

    def count(self, address):
        return len(self.site.messages(address))

    def gains(self, address, number=1):
        """`with story.gains(A):` A has so many messages more behind it."""
        return _gains(lambda: self.count(address), number, address)

    def goes_out(self, number=1):
        """As gains, counted by recipients."""
        return _gains(lambda: sum(len(recipients) for _, recipients, _ in self.sink.messages), number, "the outside world")

    @contextlib.contextmanager
    def replies(self, sender, number=1):
        """`with story.replies(A) as replies:` A gets so many answers of machines, parsed; and with 0 none in a second."""
        found = []
        yield found
        deadline = time.monotonic() + (10 if number else 1)
        while time.monotonic() < deadline and (len(found) < number or not number):
            found[:] = [parsed(text) for _, recipients, text in self.sink.messages if recipients == [sender] and b"Auto-Submitted: auto-replied" in text]
            time.sleep(0.05)
        expect(len(found) == number, f"{sender} got {len(found)} answers, not {number}")

    def rows(self, line):
        """Rows of a command as lists of cells (--plain)."""
        return [row.split("\t") for row in self.run(line + " --plain").splitlines()]


def parsed(message):
    return email.message_from_bytes(message, policy=email.policy.default)


def code_in(invitation):
    """The one-time code that an invitation carries."""
    return re.search(r"^    ([A-Za-z0-9]{20})$", parsed(invitation).get_body(("plain",)).get_content().replace("\r", ""), re.MULTILINE)[1]


def wait_until(condition, what, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < deadline, f"waited {seconds} s until {what}")
        time.sleep(0.1)


@contextlib.contextmanager
def _gains(count, number, who):
    before = count()
    yield
    deadline = time.monotonic() + 10
    while count() - before < number and time.monotonic() < deadline:
        time.sleep(0.05)
    expect(count() - before == number, f"{who} got {count() - before} messages, not {number}")
