# SPDX-License-Identifier: Apache-2.0
"""Holds the four forms, in files of the current directory, against the rules of those who read them."""
import html.parser
import pathlib
import plistlib
import re
import sys
import uuid
import xml.etree.ElementTree as xml

address = sys.argv[1]
local, domain = address.split("@")
ascii_domain = domain.encode("idna").decode()
user = f"{local}@{ascii_domain}"
problems = []


def expect(truth, says):
    if not truth:
        problems.append(says)


def read(name):
    data = pathlib.Path(name).read_bytes()
    expect(not data.startswith(b"\xef\xbb\xbf"), f"{name} begins with a byte order mark")
    expect(b"password>" not in data.lower(), f"{name} has an element for a password")
    return data


# Mozilla: draft-ietf-mailmaint-autoconfig, "Configuration file" (clientConfig 1.1)
SERVER = {"hostname", "port", "socketType", "authentication", "username"}
TYPES = {"incomingServer": {"imap", "pop3"}, "outgoingServer": {"smtp"}}
config = xml.fromstring(read("autoconfig"))
expect(config.tag == "clientConfig" and config.get("version") == "1.1", "autoconfig: root")
expect([child.tag for child in config] == ["emailProvider", "webMail"], "autoconfig: children of the root")
provider = config.find("emailProvider")
expect(provider.get("id") == ascii_domain, "autoconfig: id")
expect(provider.findtext("domain") == ascii_domain, "autoconfig: domain")
expect(len(provider.findall("displayName")) == 1 and 1 <= len(provider.findtext("displayShortName")) <= 20, "autoconfig: display names")
expect({child.tag for child in provider} <= {"domain", "displayName", "displayShortName", *TYPES}, "autoconfig: unknown elements")
servers = [child for child in provider if child.tag in TYPES]
expect([child.get("type") for child in servers] == ["imap", "pop3", "smtp"], "autoconfig: servers, the preferred one first")
for server in servers:
    values = {child.tag: child.text for child in server}
    expect(set(values) == SERVER and len(server) == len(SERVER), f"autoconfig: elements of {server.get('type')}")
    expect(server.get("type") in TYPES[server.tag], "autoconfig: type")
    expect(re.fullmatch(r"[a-z0-9.-]+", values["hostname"]), "autoconfig: hostname")
    expect(1 <= int(values["port"]) <= 65535, "autoconfig: port")
    expect(values["socketType"] in {"SSL", "STARTTLS"}, "autoconfig: socketType")
    expect(values["authentication"] == "password-cleartext", "autoconfig: authentication")
    expect(values["username"].replace("%EMAILLOCALPART%", local) == user, "autoconfig: username")
expect(config.find("webMail/loginPage").get("url") == f"https://webmail.{ascii_domain}/?a=1&b=2", "autoconfig: webMail")

# Microsoft: [MS-OXDSCLI] 2.2.4, the POX response
OUTER = "{http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006}"
INNER = "{http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a}"
root = xml.fromstring(read("autodiscover"))
expect(root.tag == OUTER + "Autodiscover" and [child.tag for child in root] == [INNER + "Response"], "autodiscover: root")
account = root.find(f"{INNER}Response/{INNER}Account")
expect(account.findtext(INNER + "AccountType") == "email" and account.findtext(INNER + "Action") == "settings", "autodiscover: account")
protocols = account.findall(INNER + "Protocol")
expect([p.findtext(INNER + "Type") for p in protocols] == ["IMAP", "POP3", "SMTP"], "autodiscover: protocols")
for protocol in protocols:
    value = {child.tag.removeprefix(INNER): child.text for child in protocol}
    expect(value["LoginName"] == user and 1 <= int(value["Port"]) <= 65535, "autodiscover: login and port")
    expect(value["Encryption"] in {"SSL", "TLS"} and value["SSL"] == "on" and value["SPA"] == "off", "autodiscover: security")
    expect(value["AuthRequired"] == "on" and value["DomainRequired"] == "off", "autodiscover: authentication")

# Apple: Profile-Specific Payload Keys, com.apple.mail.managed
profile = plistlib.loads(read("mobileconfig"))
mail, = profile["PayloadContent"]
for payload, kind in ((profile, "Configuration"), (mail, "com.apple.mail.managed")):
    expect(payload["PayloadType"] == kind and payload["PayloadVersion"] == 1, f"mobileconfig: {kind}")
    expect(payload["PayloadIdentifier"] and str(uuid.UUID(payload["PayloadUUID"])) == payload["PayloadUUID"], f"mobileconfig: names of {kind}")
    expect(uuid.UUID(payload["PayloadUUID"]).version == 8, "mobileconfig: version of the UUID")
expect(profile["PayloadUUID"] != mail["PayloadUUID"], "mobileconfig: two payloads with one UUID")
expect(mail["EmailAccountType"] == "EmailTypeIMAP" and mail["EmailAddress"] == user, "mobileconfig: account")
expect(mail["OutgoingPasswordSameAsIncomingPassword"] is True and not any(key.endswith("Password") and isinstance(value, str) for key, value in mail.items()), "mobileconfig: a password inside")
for side in ("IncomingMailServer", "OutgoingMailServer"):
    expect(mail[side + "Authentication"] == "EmailAuthPassword" and mail[side + "Username"] == user, f"mobileconfig: login of {side}")
    expect(isinstance(mail[side + "PortNumber"], int) and mail[side + "UseSSL"] is True and mail[side + "HostName"], f"mobileconfig: {side}")


class Sheet(html.parser.HTMLParser):
    VOID = {"meta", "br"}

    def __init__(self):
        super().__init__()
        self.open, self.words = [], []

    def handle_starttag(self, tag, attributes):
        expect(tag not in {"script", "img", "link", "iframe"}, f"html: <{tag}>")
        for name, value in attributes:
            expect(name not in {"src", "style", "srcset"} and not name.startswith("on"), f"html: attribute {name}")
            expect(name != "href" or value.startswith(("mailto:", "https://")), f"html: link to {value}")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        expect(self.open and self.open.pop() == tag, f"html: </{tag}> out of place")

    def handle_data(self, data):
        self.words.append(data)
        if self.open[-1:] == ["style"]:
            expect("url(" not in data and "@import" not in data, "html: the style loads something")


sheet = Sheet()
sheet.feed(read("html").decode())
sheet.close()
expect(not sheet.open, f"html: left open: {sheet.open}")
expect({address, user, f"{local}/{ascii_domain}"} <= set(sheet.words), "html: address and user names")
for problem in problems:
    print(f"{address}: {problem}")
print(address, "four good forms" if not problems else "wrong")
sys.exit(1 if problems else 0)
