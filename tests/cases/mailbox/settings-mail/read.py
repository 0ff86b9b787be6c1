# SPDX-License-Identifier: Apache-2.0
"""The mailed settings, as another program's parser understands them."""
import email.policy
import plistlib
import sys

raw = sys.stdin.buffer.read()
message = email.message_from_bytes(raw, policy=email.policy.default)
for name in ("From", "To", "Subject", "Auto-Submitted"):
    print(f"{name}: {message[name]}")
for part in message.walk():
    print(part.get_content_type(), part.get_filename() or "", [str(d) for d in part.defects])
print(message.get_body(("plain",)).get_content().splitlines()[0])
print("<strong>ann@example.org</strong>" in message.get_body(("html",)).get_content())
profile = plistlib.loads(next(message.iter_attachments()).get_content())
print(profile["PayloadContent"][0]["EmailAccountName"])
print("longest line:", "short" if max(map(len, raw.splitlines())) <= 998 else "too long", "ASCII" if raw.isascii() else "not ASCII")
