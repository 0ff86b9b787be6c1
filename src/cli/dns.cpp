// `mailctl dns`: what the DNS of the domains should say, and what it says.
#include "mailctl/admin/care/dns.hpp"

#include "invocation.hpp"

namespace mailctl {
namespace {

Result<Report> run_dns_show(Invocation& invocation) {
    const Arguments& arguments = invocation.arguments;
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    if (arguments.has("host")) {
        if (!invocation.words.empty())
            return fail(ErrorKind::usage, "--host is about the hosts, and takes no domain", "leave the domain out");
        return show_host_dns(invocation.world);
    }
    const DnsForm form = arguments.has("zone")       ? DnsForm::zone
                         : arguments.has("nsupdate") ? DnsForm::nsupdate
                                                     : DnsForm::rows;
    return show_dns(invocation.world, domains, form);
}

Result<Report> run_dns_policy(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    return show_dns_policies(invocation.world, domains);
}

Command show_dns_command() {
    return {.noun = "dns",
            .verb = "show",
            .summary = "show the records that domains should have",
            .positionals = {{"DOMAIN", Count::any, Values::domain}},
            .options = {{.long_name = "zone", .value = "", .help = "as lines for a zone file", .one_of = "form"},
                        {.long_name = "nsupdate", .value = "", .help = "as input for nsupdate(1)", .one_of = "form"},
                        {.long_name = "host", .value = "", .help = "what the hosts themselves need", .one_of = "form"}},
            .examples = {{"mailctl dns show example.org", "each record with its reason; of its aliases too"},
                         {"mailctl dns show example.org --zone >> example.org.zone", "to be loaded as it is"},
                         {"mailctl dns show example.org --nsupdate | nsupdate -k KEYFILE", ""},
                         {"mailctl dns show --host", "addresses, names and SPF of the hosts"}},
            .access = Access::read,
            .right = Right::domain,
            .run = run_dns_show,
            .details = {"With --zone and --nsupdate only names below the one given are shown; for an alias, give the "
                        "alias. The lines for nsupdate add our strings and touch no others of the same name.",
                        "What the records say comes from the domain file and from the dns keys of "
                        "mailctl.toml(5). Without any domain those of all are shown."}};
}

} // namespace

Noun dns_noun() {
    return {.name = "dns",
            .summary = "what the DNS of the domains should say, and what it says",
            .commands =
                {
                    show_dns_command(),
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
