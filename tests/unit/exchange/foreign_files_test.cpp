// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/transfer/foreign_files.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

namespace {

// "address type column=value ..." of each row, empty cells left out.
std::vector<std::string> rows_of(const ForeignAccounts& accounts) {
    CsvReader reader(accounts.text.text, {});
    CsvRow row;
    std::vector<std::string> headings, rows;
    while (reader.next(row)) {
        if (headings.empty()) {
            for (const auto& cell : row.cells)
                headings.emplace_back(cell.text);
            continue;
        }
        std::string text(row.cells[0].text);
        for (std::size_t i = 1; i < row.cells.size(); ++i)
            if (!row.cells[i].text.empty()) text += " " + headings[i] + "=" + std::string(row.cells[i].text);
        rows.push_back(text);
    }
    CHECK(rows.size() == accounts.text.places.size());
    return rows;
}
using ForeignRows = std::vector<std::string>;

} // namespace

TEST_CASE("docker-mailserver's three files are put together") {
    const std::vector<ForeignFile> files{
        {"postfix-accounts.cf",
         "# ours\npaul@example.com|{SHA512-CRYPT}$6$x$y\nann@example.com|{SHA512-CRYPT}$6$x$z|a=b\n"},
        {"postfix-virtual.cf", "macca@example.com paul@example.com\ninfo@example.com paul@example.com,x@far.example\n"
                               "ann@example.com ann@example.com, ann@far.example\n@example.com ann@example.com\n"
                               "@example.net @example.com\n"},
        {"dovecot-quotas.cf", "paul@example.com:5G\nzoe@example.com:1G\n"}};
    const auto accounts = from_docker_mailserver(files);
    CHECK(rows_of(accounts) == ForeignRows{"paul@example.com type=mailbox password_hash={SHA512-CRYPT}$6$x$y quota=5G",
                                           "ann@example.com type=mailbox password_hash={SHA512-CRYPT}$6$x$z "
                                           "forward=ann@far.example",
                                           "macca@example.com type=alias to=paul@example.com",
                                           "info@example.com type=forward to=paul@example.com x@far.example",
                                           "catchrest@example.com type=alias to=ann@example.com"});
    CHECK(accounts.notes.size() == 3);
    CHECK(accounts.text.places[2].line == 1);
}

TEST_CASE("PostfixAdmin's tables are put together") {
    const std::vector<ForeignFile> tables{
        {"mailbox.csv", "username,password,name,maildir,quota,local_part,domain,active\n"
                        "paul@example.com,$1$abcdefgh$0123456789abcdefghijkl,Paul,x,1048576,paul,example.com,1\n"
                        "old@example.com,$1$abcdefgh$0123456789abcdefghijkl,,x,0,old,example.com,0\n"},
        {"alias.csv", "address,goto,domain,active\npaul@example.com,paul@example.com,example.com,1\n"
                      "old@example.com,paul@example.com,example.com,1\n"
                      "away@example.com,\"x@far.example,away#example.com@autoreply.example.com\",example.com,1\n"
                      "off@example.com,paul@example.com,example.com,0\n"}};
    const auto accounts = from_postfixadmin(tables).value();
    CHECK(
        rows_of(accounts) ==
        ForeignRows{
            "paul@example.com type=mailbox name=Paul password_hash={CRYPT}$1$abcdefgh$0123456789abcdefghijkl "
            "quota=1048576",
            "old@example.com type=mailbox password_hash={CRYPT}$1$abcdefgh$0123456789abcdefghijkl quota=0 "
            "forward=paul@example.com store=false suspend_login=true suspend_receive=reject suspend_reason=not active",
            "away@example.com type=forward to=x@far.example"});
    CHECK(accounts.notes.size() == 3);
}

TEST_CASE("a passwd-file of Dovecot") {
    const auto accounts = from_passwd_file(
        {"users", "paul@example.com:{BLF-CRYPT}$2y$05$abc:1000:1000:Paul B.:/home/x::userdb_quota_rule=*:storage=1G\n"
                  "ann:{PLAIN}se:1:1\nbob@example.com:$6$saltsalt$abcdefghijklmnopqrstuvwxyz::::::nologin x=y\n"});
    CHECK(rows_of(accounts) ==
          ForeignRows{"paul@example.com type=mailbox name=Paul B. password_hash={BLF-CRYPT}$2y$05$abc quota=1G",
                      "ann type=mailbox password=se",
                      "bob@example.com type=mailbox password_hash={CRYPT}$6$saltsalt$abcdefghijklmnopqrstuvwxyz "
                      "suspend_login=true suspend_receive=accept suspend_reason=no login"});
    CHECK(accounts.notes.size() == 2);
}

TEST_CASE("a domain of vpopmail") {
    const std::vector<VpopmailDomain> domains{
        {"example.com",
         {"d/example.com/vpasswd",
          "paul:$1$abcdefgh$0123456789abcdefghijkl:1:0:Paul:/d/example.com/paul:52428800S\n"
          "ann:$1$abcdefgh$0123456789abcdefghijkl:1:26:Ann:/d/example.com/ann:NOQUOTA:clear\n"},
         {{"d/example.com/.qmail-default", "| /home/vpopmail/bin/vdelivermail '' bounce-no-mailbox\n"},
          {"d/example.com/.qmail-in:fo",
           "&x@far.example\n/home/vpopmail/domains/example.com/paul/Maildir/\n|/bin/prog\n"},
          {"d/example.com/paul/.qmail", "/home/vpopmail/domains/example.com/paul/Maildir/\n&paul@far.example\n"}}}};
    const auto accounts = from_vpopmail(domains);
    CHECK(rows_of(accounts) ==
          ForeignRows{"paul@example.com type=mailbox name=Paul password_hash={CRYPT}$1$abcdefgh$0123456789abcdefghijkl "
                      "quota=52428800 forward=paul@far.example",
                      "ann@example.com type=mailbox name=Ann password_hash={CRYPT}$1$abcdefgh$0123456789abcdefghijkl "
                      "suspend_login=true suspend_receive=reject",
                      "in.fo@example.com type=forward to=x@far.example paul@example.com"});
    CHECK(accounts.notes.size() == 2);
}
