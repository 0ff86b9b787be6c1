// SPDX-License-Identifier: Apache-2.0
// `mailctl dns`: what the DNS of the domains should say, and what it says.
#include "mailctl/admin/care/dns.hpp"

#include "invocation.hpp"
#include "mailctl/admin/care/dns_check.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/config/dns_words.hpp"

#include "mailctl/os/files.hpp"
#include "mailctl/os/terminal.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

Result<Report> run_dns_show(Invocation& invocation) {
    const Arguments& arguments = invocation.arguments;
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    if (arguments.has("host")) {
        if (!invocation.words.empty())
            return fail(ErrorKind::usage, "--host is about the hosts, and takes no domain", "leave the domain out");
        return show_host_dns(invocation.world, arguments.all("next-key"));
    }
    if (arguments.has("next-key"))
        return fail(ErrorKind::usage, "--next-key is about the hosts", "give it together with --host");
    const DnsForm form = arguments.has("zone")       ? DnsForm::zone
                         : arguments.has("nsupdate") ? DnsForm::nsupdate
                                                     : DnsForm::rows;
    return show_dns(invocation.world, domains, form);
}

Result<DnsCheckOptions> dns_check_options(const Arguments& arguments) {
    DnsCheckOptions options;
    options.servers = arguments.all("server");
    for (const auto& server : options.servers)
        if (!parse_name_server(server))
            return fail(ErrorKind::usage, fmt::format("'{}' is not the address of a server", printable(server)),
                        "write --server 192.0.2.53, or --server 192.0.2.53:5353");
    if (const auto file = arguments.find("answers")) {
        options.answers_name = *file == "-" ? "standard input" : *file;
        TRY_ASSIGN(options.answers,
                   *file == "-" ? read_standard_input("--answers", "name a file, or pipe one in") : load_file(*file));
    }
    options.save_file = arguments.find("save");
    options.changes_only = arguments.has("changes");
    options.connect = arguments.has("connect");
    if (options.answers && options.connect)
        return fail(ErrorKind::usage, "--answers takes the place of the net, and --connect needs it",
                    "give one of them");
    options.next_keys = arguments.all("next-key");
    if (options.answers && !options.servers.empty())
        return fail(ErrorKind::usage, "--answers takes the place of the net, and --server is about it",
                    "give one of them");
    if (const auto text = arguments.find("timeout")) {
        TRY_ASSIGN(const Age timeout, parse_age(*text));
        if (timeout < Age(1) || timeout > std::chrono::hours(1))
            return fail(ErrorKind::usage, "--timeout is a time from 1s to 1h");
        options.timeout = timeout;
    }
    return options;
}

Result<Report> run_dns_check(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    TRY_ASSIGN(const DnsCheckOptions options, dns_check_options(invocation.arguments));
    return check_dns(invocation.world, domains, options);
}

Result<Report> run_dns_list(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    return list_dns(invocation.world, domains);
}

Result<Report> run_dns_policy(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    return show_dns_policies(invocation.world, domains);
}

Option next_key_option() {
    return {.long_name = "next-key",
            .value = "FILE",
            .help = "the host's next certificate or private key, for TLSA",
            .repeatable = true,
            .values = Values::file};
}

Command show_dns_command() {
    return {.noun = "dns",
            .verb = "show",
            .summary = "show the records that domains should have",
            .positionals = {{"DOMAIN", Count::any, Values::domain}},
            .options = {{.long_name = "zone", .value = "", .help = "as lines for a zone file", .one_of = "form"},
                        {.long_name = "nsupdate", .value = "", .help = "as input for nsupdate(1)", .one_of = "form"},
                        {.long_name = "host", .value = "", .help = "what the hosts themselves need", .one_of = "form"},
                        next_key_option()},
            .examples = {{"mailctl dns show example.org", "each record with its reason; of its aliases too"},
                         {"mailctl dns show example.org --zone >> example.org.zone", "to be loaded as it is"},
                         {"mailctl dns show example.org --nsupdate | nsupdate -k KEYFILE", ""},
                         {"mailctl dns show --host", "addresses, names, SPF and TLSA of the hosts"}},
            .access = Access::read,
            .right = Right::domain,
            .run = run_dns_show,
            .details = {"With --zone and --nsupdate only names below the one given are shown; for an alias, give the "
                        "alias. The lines for nsupdate add our strings and, where the last 'dns check' saw them, "
                        "delete those of ours that are out of date; somebody else's are never touched.",
                        "What the records say comes from the domain file and from the dns keys of "
                        "mailctl.toml(5). Without any domain those of all are shown."}};
}

Command check_dns_command() {
    return {.noun = "dns",
            .verb = "check",
            .summary = "compare what the DNS says with what it should say",
            .positionals = {{"DOMAIN", Count::any, Values::domain}},
            .options = {{.long_name = "server",
                         .value = "IP[:PORT]",
                         .help = "ask this server, and no other",
                         .repeatable = true},
                        {.long_name = "timeout", .value = "AGE", .help = "time for one question; 8s by default"},
                        {.long_name = "answers",
                         .value = "FILE",
                         .help = "take the answers from FILE and ask nobody; - reads standard input",
                         .values = Values::file},
                        {.long_name = "save",
                         .value = "FILE",
                         .help = "write all answers into FILE, for --answers",
                         .values = Values::file},
                        {.long_name = "changes", .value = "", .help = "show only what changed since the last round"},
                        {.long_name = "connect",
                         .value = "",
                         .help = "also talk to port 25 of the MX, and fetch the MTA-STS policy"},
                        next_key_option()},
            .examples = {{"mailctl dns check example.org", "status 5: a required record is wrong"},
                         {"mailctl dns check --changes -q", "from cron or a timer: all domains, and only what is new"},
                         {"mailctl dns check example.org --server 192.0.2.1 --server 192.0.2.2",
                          "what these two say, each by itself"},
                         {"mailctl dns check example.org --connect", "also greeting, STARTTLS and certificate"}},
            .access = Access::read,
            .right = Right::domain,
            .run = run_dns_check,
            .details = {
                "Without a domain all are looked at, and the hosts too. What was seen is remembered: 'dns list' shows "
                "it, and 'domain list' says whether mail of a domain comes here.",
                "States: ok, missing, wrong, several (where one may be), propagating (some servers have it), bogus "
                "(DNSSEC), unsigned, unknown (nobody answered), extra, advice. Status 5: a required record is "
                "missing, wrong, several or bogus. Status 75: none is, and one is unknown."}};
}

} // namespace

Noun dns_noun() {
    return {.name = "dns",
            .summary = "what the DNS of the domains should say, and what it says",
            .commands =
                {
                    show_dns_command(),
                    check_dns_command(),
                    {.noun = "dns",
                     .verb = "list",
                     .summary = "show what was last seen in the DNS",
                     .positionals = {{"DOMAIN", Count::any, Values::domain}},
                     .options = {},
                     .examples = {{"mailctl dns list example.org", "and since when"}},
                     .access = Access::read,
                     .right = Right::domain,
                     .run = run_dns_list,
                     .details = {"Nobody is asked."}},
                    {.noun = "dns",
                     .verb = "policy",
                     .summary = "print the MTA-STS policy of domains",
                     .positionals = {{"DOMAIN", Count::many, Values::domain}},
                     .options = {},
                     .examples = {{"mailctl dns policy example.org > /srv/mta-sts/.well-known/mta-sts.txt", ""}},
                     .access = Access::read,
                     .right = Right::domain,
                     .run = run_dns_policy,
                     .details = {"The web server of mta-sts.DOMAIN gives it out as /.well-known/mta-sts.txt, by HTTPS. "
                                 "The id that 'dns show' wants in _mta-sts changes if and only if the policy does."}},
                },
            .also = {"zone", "records", "spf", "dmarc", "mx"}};
}

} // namespace mailctl
