#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the owners of foreign files say of them, and what `mailctl import` makes of the same bytes.

Postfix is asked by `postmap -q` on a texthash, Dovecot by `doveadm user`, `doveadm quota get` and `doveadm auth test`. A file
that is read must say the same here; one that could be read otherwise must be refused, and then nothing may be there.
"""
import os
import pwd
import random
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.dovecot import IS_23, VERSION, Dovecot  # noqa: E402
from harness.site import UNPRIVILEGED, Site, expect, run_tests  # noqa: E402

ACCOUNTS = "paul@one.example|{PLAIN}secret\nann@one.example|{PLAIN}secret\nbob@one.example|{PLAIN}secret\n"


class Directory:
    """Files as a foreign product has them, readable by the site's user."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="mailctl-foreign-")
        os.chmod(self.path, 0o755)
        return self

    def __exit__(self, *unused):
        shutil.rmtree(self.path, ignore_errors=True)

    def write(self, name, text):
        path = os.path.join(self.path, name)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return path


def new_site():
    return Site(user=UNPRIVILEGED, hostname="mx.one.example", postmaster="admin@elsewhere.example")


def imported(site, path, profile):
    """Whether the file was taken; if not, nothing of it may be there."""
    done = subprocess.run(site.command("mailctl", "import", path, "--profile", profile, "--create-domains"), capture_output=True,
                          text=True, env=site.environment(), timeout=120)
    if done.returncode == 0:
        return True
    expect(done.returncode == 4, f"status {done.returncode}: {done.stderr}")
    expect(not site.json("domain", "list"), "a refused file has left something")
    return False


def where_mail_goes(site):
    """Targets of every address that the site has, as addresses."""
    targets = {}
    for row in site.json("mailbox", "list"):
        shown = site.json("mailbox", "show", row["address"])[0]
        targets[row["address"]] = set(shown["forward"] or []) | ({row["address"]} if shown["store"] else set())
    for row in site.json("alias", "list"):
        targets[row["address"]] = {row["mailbox"]}
    for row in site.json("forward", "list"):
        targets[row["address"]] = set(row["to"])
    return targets


def what_postfix_says(path, key):
    done = subprocess.run(["postmap", "-q", key, f"texthash:{path}"], capture_output=True, text=True, timeout=60)
    return {part for part in re.split(r"[,\s]+", done.stdout) if part}


def compare_table(text):
    """True: the table was taken, and says what Postfix says of every address in it."""
    with Directory() as files, new_site() as site:
        files.write("postfix-accounts.cf", ACCOUNTS)
        path = files.write("postfix-virtual.cf", text)
        if not imported(site, files.path, "docker-mailserver"):
            return False
        ours = where_mail_goes(site)
        keys = {word.lower() for word in re.findall(r"[A-Za-z]+@[a-z]+\.example", text)} | set(ours)
        domains = {"one.example"} # and those that a line is about
        for key in keys:
            theirs = what_postfix_says(path, key)
            expected = theirs or ({key} if key in ACCOUNTS else set())
            expect(ours.get(key, set()) == (set() if expected == {key} and key not in ACCOUNTS else expected),
                   f"{key}: ours {ours.get(key)}, Postfix {expected}\n{text}")
            domains |= {key.split("@")[1]} if expected - {key} else set()
        ours = {row["domain"] for row in site.json("domain", "list")}
        expect(ours == domains, f"domains {ours}, of lines {domains} for\n{text}")
    return True


def a_virtual_table_says_what_postmap_says():
    for text in ("team@one.example paul@one.example\n                 ann@one.example bob@one.example\n",
                 "team@one.example paul@one.example,\n  ann@one.example,\n",
                 "team@one.example\n\tpaul@one.example\n\n  # a \"quote\n\n   bob@one.example\n",
                 "team@one.example paul@one.example\n    x@elsewhere.example y@elsewhere.example\n",
                 "# \"remark\nTeam@one.example  x@elsewhere.example , ann@one.example\r\npaul@one.example\tpaul@one.example x@far.example\n",
                 "ann@one.example x@far.example"):
        expect(compare_table(text), f"refused:\n{text}")


def a_table_that_could_be_read_otherwise_is_refused():
    for text in ("  team@one.example paul@one.example\n", "paul@one.example\n", "team@one.example: paul@one.example\n",
                 "team@one.example paul@one.example\nTEAM@one.example ann@one.example\n", "team@one.example paul\n",
                 "team@one.example |/bin/true\n", "team@one.example :include:/etc/list\n", "team@one.example /dev/null\n",
                 "team@ paul@one.example\n", "team@one.example paul@one.example, \"|/bin/true\"\n",
                 "team@one.example Paul <paul@one.example>\n", "team@one.example paul@one.example; ann@one.example;x\n"):
        expect(not compare_table(text), f"taken:\n{text}")


def any_virtual_table_is_read_so_or_refused():
    pieces = ("team@one.example ", "info@one.example\t", "paul@one.example", "ann@one.example", " ", "\n", "\n  ", "\n\t", ",",
              "# remark\n", "\n#x\n", "x@far.example", "\r\n", "\n \n", ", ", "Bob@one.example ")
    chance = random.Random(20260228)
    taken = 0
    for _ in range(25):
        text = "".join(chance.choice(pieces) for _ in range(chance.randint(3, 14))) + "\n"
        taken += compare_table(text)
    expect(taken > 2, f"only {taken} tables were taken: the property says nothing")


DOVECOT = """
base_dir = {directory}/run
state_dir = {directory}/run
log_path = {directory}/log
protocols =
ssl = no
first_valid_uid = 1
mail_plugins = quota
mail_location = maildir:~/Maildir
auth_username_format = %u
passdb {{
  driver = passwd-file
  args = username_format=%u {users}
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {users}
}}
plugin {{
  quota = count:User quota
  quota_vsizes = yes
}}
service auth {{
  user = root
}}
"""

DOVECOT_24 = VERSION + """
base_dir = {directory}/run
state_dir = {directory}/run
log_path = {directory}/log
protocols {{
}}
ssl = no
first_valid_uid = 1
mail_driver = maildir
mail_path = %{{home}}/Maildir
auth_username_format = %{{user}}
passdb users {{
  driver = passwd-file
  passwd_file_path = {users}
}}
userdb users {{
  driver = passwd-file
  passwd_file_path = {users}
}}
service auth {{
  user = root
}}
"""


class Owner(Dovecot):
    """A Dovecot that reads the foreign file itself."""

    def __init__(self, users):
        super().__init__("/dev/null")
        with open(self.configuration, "w", encoding="utf-8") as file:
            file.write((DOVECOT if IS_23 else DOVECOT_24).format(directory=self.directory, users=users))

    def quota(self, user):
        """(KiB, messages) as text, "-" without a limit; absent: the user cannot be opened."""
        status, answer = self.doveadm("-f", "tab", "quota", "get", "-u", user)
        limits = {line.split("\t")[1]: line.split("\t")[3] for line in answer.splitlines() if line.count("\t") > 3}
        return (limits["STORAGE"], limits["MESSAGE"]) if status == 0 else None


RULES = ["userdb_quota_rule=*:storage=1G:messages=5000", "userdb_quota_rule=*:messages=1000", "userdb_quota_rule=*:storage=1GB",
         "userdb_quota_rule=*:ignore", "userdb_quota_rule=Trash:storage=+10M userdb_quota_rule2=*:storage=2M",
         "quota_rule=*:storage=1G", "userdb_quota_rule=*:bytes=1000 userdb_quota_rule2=*:bytes=2048", "userdb_quota_rule=*:storage=100",
         "userdb_quota_rule=*:bytes=1g", "userdb_quota_rule=*:storage=1.5G", "userdb_quota_rule=*:storage=0",
         "userdb_quota_rule=?:storage=3M", "userdb_quota_rule=*:bytes=1M:storage=2M", "userdb_quota_rule=*:backend=x",
         "userdb_quota_rule=*:storage=1T\tuserdb_quota_rule2=*:messages=7", "userdb_quota_rule=*:storage=-5M",
         "userdb_quota_rule=*:storage=5G userdb_quota_rule=*:storage=6G", "userdb_quota_rule=*:bytes=5G:ignore",
         "userdb_quota_rule=*:storage=1kb", "userdb_quota_rule=1G", "userdb_quota_rule2=*:bytes=7M",
         "userdb_quota_rule=*:storage=1G userdb_quota_rule2=*:ignore", "userdb_quota_rule=*:storage=1G userdb_quota_rule3=*:storage=2G",
         "userdb_quota_rule=*:storage=2M nologin", ""]

# What Dovecot 2.3 says to each. 2.4 reads no such rules, so it cannot be asked; where 2.3 is, this is held against it.
SAID_BY_23 = [("1048576", "5000"), ("-", "1000"), ("1048576", "-"), ("-", "-"), ("2048", "-"), ("-", "-"), ("2", "-"), ("100", "-"),
              ("1048576", "-"), None, ("-", "-"), ("3072", "-"), ("2048", "-"), None, ("1073741824", "7"), None, ("6291456", "-"), None,
              ("1", "-"), None, ("-", "-"), ("1048576", "-"), ("1048576", "-"), ("2048", "-"), ("-", "-")]


def said_of_quotas(files, lines):
    if not IS_23:
        return SAID_BY_23
    with Owner(files.write("users", "\n".join(lines) + "\n")) as owner:
        said = [owner.quota(f"u{number}@one.example") for number in range(len(lines))]
    expect(said == SAID_BY_23, said)
    return said


def quota_rules_mean_what_doveadm_says():
    lines = [f"u{number}@one.example:{{PLAIN}}secret:5000:5000::/tmp/mailctl-no-home::{rule}" for number, rule in enumerate(RULES)]
    with Directory() as files, new_site() as site:
        for number, (line, theirs) in enumerate(zip(lines, said_of_quotas(files, lines), strict=True)):
            command = ("import", files.write("one", line + "\n"), "--profile", "dovecot", "--create-domains", "--json")
            site.mailctl(*command, status=4 if theirs is None else 0)
            found = [row for row in site.json("mailbox", "list") if row["address"] == f"u{number}@one.example"]
            expect(bool(found) == (theirs is not None), f"Dovecot {theirs}, ours {found}: {line}")
            if not found:
                continue
            quota = found[0]["quota"]
            expect(theirs[0] == ("-" if not quota else str((quota + 1023) // 1024)), f"{quota}, Dovecot {theirs}: {line}")
            told = [row["what"] for row in site.json(*command[:-1]) if row["type"] == "left_out"]
            expect(theirs[1] == "-" or any("messages" in each for each in told), f"not told: {line}")


def the_users_are_those_that_doveadm_finds():
    text = ("paul@one.example:{PLAIN}secret:5000:5000::/tmp/x::\r\n# remark\n:nobody\n\nann@one.example:{PLAIN}a:5000:5000::/tmp/x\n"
            "bob@one.example:{PLAIN}b:5000:5000::/tmp/x::x=a:b:c\n")
    with Directory() as files, Owner(files.write("users", text)) as owner, new_site() as site:
        expect(imported(site, os.path.join(files.path, "users"), "dovecot"), "refused")
        _, answer = owner.doveadm("user", "*")
        ours = sorted(row["address"] for row in site.json("mailbox", "list"))
        expect(ours == sorted(answer.split()), f"ours {ours}, Dovecot {answer}")


def an_imported_hash_lets_its_password_in_and_not_itself():
    """PostfixAdmin's table, as a file and as a directory: crypt("secret", "ab") and its relatives."""
    hashes = {"des": "abNANd1rDfiNc", "md5": "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/", "hex": "5ebe2294ecd0e0f08eab7690d2a6ee69",
              "sha": "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="}
    passwords = {"des": "secret", "md5": "password", "hex": "secret", "sha": "secret"}
    table = "username,password,name,active\n" + "".join(f"{name}@one.example,{text},,1\n" for name, text in hashes.items())
    with Directory() as files:
        path = files.write("mailbox.csv", table)
        for source in (path, files.path):
            with new_site() as site:
                expect(imported(site, source, "postfixadmin"), f"refused: {source}")
                site.mailctl("map", "build")
                weak = "" if IS_23 else "auth_allow_weak_schemes = yes\n"  # 2.4 refuses them unless told otherwise
                with Dovecot(site.path("lib", "maps", "dovecot.conf"), weak) as dovecot:
                    for name, text in hashes.items():
                        good, _ = dovecot.doveadm("auth", "test", f"{name}@one.example", passwords[name])
                        bad, _ = dovecot.doveadm("auth", "test", f"{name}@one.example", text)
                        expect(good == 0, f"{name}: the password does not log in: {dovecot.log()}")
                        expect(bad != 0, f"{name}: the hash itself logs in")


def hashes_that_dovecot_cannot_read_are_refused():
    good = ["{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "{SHA.HEX}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4", "{MD5}5ebe2294ecd0e0f08eab7690d2a6ee69",
            "{LDAP-MD5}Xr4ilOzQ4PCOq3aQ0qbuaQ==", "{PLAIN-MD5.B64}Xr4ilOzQ4PCOq3aQ0qbuaQ=="]
    bad = ["{SHA256}$5$saltsalt$abcdefghijklmnopqrstuvwxyz", "{PLAIN-MD5}nothex", "{SSHA}x", "{SHA512.HEX}zz", "{CRAM-MD5}12",
           "{SCRAM-SHA-1}x", "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ", "{SSHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "{MD5}secret", "{PBKDF2}x",
           "{SHA1.HEX}5ebe2294", "{ssha512.hex}00ff", "{SMD5}Xr4ilOzQ4PCOq3aQ0qbuaQ=="]
    with new_site() as site:
        site.mailctl("domain", "create", "one.example")
        site.mailctl("mailbox", "create", "paul@one.example", "--no-password")
        for text in good + bad:
            done = subprocess.run(["doveadm", "pw", "-t", text, "-p", "secret"], capture_output=True, text=True, timeout=60)
            expect((done.returncode == 0) == (text in good), f"Dovecot says otherwise of {text}: {done.stderr}")
            site.mailctl("mailbox", "password", "paul@one.example", "--hash-stdin", stdin=text, status=0 if text in good else 4)


if __name__ == "__main__":
    if os.getuid() != 0 or not pwd.getpwnam(UNPRIVILEGED):
        print("not ok foreign: needs root")
        sys.exit(1)
    sys.exit(run_tests("foreign", [
        a_virtual_table_says_what_postmap_says, a_table_that_could_be_read_otherwise_is_refused, any_virtual_table_is_read_so_or_refused,
        quota_rules_mean_what_doveadm_says, the_users_are_those_that_doveadm_finds, an_imported_hash_lets_its_password_in_and_not_itself,
        hashes_that_dovecot_cannot_read_are_refused]))
