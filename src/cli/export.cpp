// SPDX-License-Identifier: Apache-2.0
// `mailctl export`: accounts as CSV on standard output.
#include "mailctl/admin/transfer/export.hpp"

#include "invocation.hpp"

namespace mailctl {
namespace {

Result<Report> run_export(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    const Arguments& arguments = invocation.arguments;
    const ExportRequest request{.hashes = arguments.has("with-hashes") ? Hashes::shown : Hashes::left_out,
                                .for_excel = arguments.has("excel"),
                                .as_rows = arguments.has("json") || arguments.has("plain")};
    return export_accounts(invocation.world, domains, request);
}

} // namespace

Noun export_noun() {
    return {
        .name = "export",
        .summary = "all accounts as CSV",
        .commands = {{.noun = "export",
                      .verb = "",
                      .summary = "print the accounts of domains, or of the site, as CSV",
                      .positionals = {{"DOMAIN", Count::any, Values::domain}},
                      .options = {{.long_name = "with-hashes",
                                   .value = "",
                                   .help = "the hashes of passwords too; keep the file as you keep passwords"},
                                  {.long_name = "excel",
                                   .value = "",
                                   .help = "with a byte order mark and CRLF, so that Excel reads UTF-8"}},
                      .examples = {{"mailctl export example.org > accounts.csv", ""},
                                   {"mailctl export --with-hashes | mailctl --root /srv/new import --create-domains -",
                                    "all accounts to another site"},
                                   {"mailctl export --excel > accounts.csv", "for a spreadsheet"}},
                      .access = Access::read,
                      .right = Right::domain,
                      .run = run_export,
                      .details = {"Mailboxes with their aliases, suspension and autoreply, forwards, robots, lists "
                                  "and banished names, in a stable order. What 'mailctl import' reads of it is what "
                                  "it was made from. The settings of a domain itself are not accounts: they are in "
                                  "its file."}}},
        .also = {"dump", "backup"}};
}

} // namespace mailctl
