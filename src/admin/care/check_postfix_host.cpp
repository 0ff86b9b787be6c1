// SPDX-License-Identifier: Apache-2.0
// Postfix on this host: whom it trusts, where it sends the mail of hosted domains, and the files it works with.
#include "check_table.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

std::vector<std::string> main_words(const SiteFacts& facts, std::string_view name) {
    return list_words(postfix_setting(facts, name));
}

// "lmtp" of "lmtp:unix:/run/x".
std::string_view transport_service(std::string_view transport) { return transport.substr(0, transport.find(':')); }

void routed_elsewhere(const SiteFacts& facts, Sayings& say) {
    if (!facts.postfix) return;
    const auto ours = postfix_setting(facts, "virtual_transport");
    for (const auto& route : facts.postfix->routes) {
        if (route.transport.empty() || route.transport.starts_with(':')) continue; // as without the row
        if (transport_service(route.transport) == transport_service(ours)) continue;
        const auto what = route.name == "*" ? std::string("every domain, ours too,") : fmt::format("'{}'", route.name);
        say("transport_maps", fmt::format("'{}' sends {} to '{}'", route.table, what, route.transport));
    }
}

bool says_own_domain(const SiteFacts& facts, std::string_view name) {
    const auto found = facts.postfix->own.find(name);
    if (found == facts.postfix->own.end()) return false;
    const auto words = list_words(found->second);
    return std::ranges::any_of(words, [](const std::string& word) {
        return word == "$mydomain" || word == "${mydomain}" || word == "$(mydomain)";
    });
}

// What nobody sees who looks for the domain's name in main.cf.
void own_domain_is_hosted(const SiteFacts& facts, Sayings& say) {
    if (!facts.postfix) return;
    const auto domain = fold(postfix_setting(facts, "mydomain"));
    if (facts.names.contains(domain) && says_own_domain(facts, "mydestination"))
        say("mydestination", fmt::format("'$mydomain' in mydestination is '{}', a domain of the site", domain),
            "take $mydomain out of mydestination in main.cf", Weight::error);
    for (const auto& word : main_words(facts, "mydestination"))
        if (word.find_first_of(".:/$") == word.npos && facts.names.contains(fmt::format("{}.{}", fold(word), domain)))
            say("mydestination",
                fmt::format("'{}' in mydestination is short for '{}.{}', a domain of the site", word, word, domain));
}

bool is_postscreen(const PostfixService& service) {
    return service.type == "inet" && !service.command.empty() && service.command.front() == "postscreen";
}

void screened_friends(const SiteFacts& facts, Sayings& say) {
    if (!facts.postfix || std::ranges::none_of(facts.postfix->services, is_postscreen)) return;
    const auto lists = main_words(facts, "postscreen_access_list");
    if (std::ranges::find(lists, "permit_mynetworks") == lists.end())
        say("postscreen_access_list", "postscreen tests hosts of mynetworks too: monitoring and relays may be refused");
}

// Where the agent listens at RCPT, as our fragment has it: "unix:/run/mailctl/policy.sock".
std::string policy_address(const SiteFacts& facts) {
    constexpr std::string_view begin = "check_policy_service { ";
    for (const auto& [unused, value] : facts.wanted_in_main)
        if (const auto at = value.find(begin); at != value.npos) {
            const auto rest = std::string_view(value).substr(at + begin.size());
            return std::string(rest.substr(0, rest.find_first_of(", }")));
        }
    return {};
}

void policy_not_asked(const SiteFacts& facts, Sayings& say) {
    if (!facts.postfix || facts.site.maps.policy == "off") return;
    const auto address = policy_address(facts);
    if (address.empty()) return;
    const auto names_it = [&](std::string_view text) { return text.find(address) != text.npos; };
    const auto& postfix = *facts.postfix;
    const bool is_asked = std::ranges::any_of(postfix.own, [&](const auto& each) { return names_it(each.second); }) ||
                          std::ranges::any_of(postfix.services, [&](const PostfixService& service) {
                              return std::ranges::any_of(service.command, names_it);
                          });
    if (!is_asked)
        say("smtpd_recipient_restrictions", fmt::format("maps.policy is '{}', and no restriction of Postfix asks '{}'",
                                                        facts.site.maps.policy, address));
}

bool may(const FileFact& file, const ClientFact& client, unsigned right) {
    constexpr unsigned owner = 6, group = 3;
    if (client.uid == 0) return true;
    if (file.uid == client.uid) return (file.mode >> owner & right) != 0;
    if (client.groups.contains(file.gid)) return (file.mode >> group & right) != 0;
    return (file.mode & right) != 0;
}

void closed_socket(const SiteFacts& facts, Sayings& say) {
    if (!facts.postfix || !facts.postfix->client || facts.postfix->socket_path.empty()) return;
    constexpr unsigned search = 1, write = 2;
    const auto& path = facts.postfix->socket_path;
    for (const auto& file : path) {
        const bool is_socket = &file == &path.back();
        if (may(file, *facts.postfix->client, is_socket ? write : search)) continue;
        say(file.path, is_socket ? fmt::format("Postfix may not connect to the agent's socket (mode {:04o}, group {})",
                                               file.mode & 07777, file.gid)
                                 : fmt::format("Postfix may not pass on the way to the agent's socket (mode {:04o})",
                                               file.mode & 07777));
        return;
    }
}

void hops_without_utf8(const SiteFacts& facts, Sayings& say) {
    if (!facts.postfix || postfix_setting(facts, "smtputf8_enable") == "no") return;
    for (const auto& hop : facts.postfix->hops)
        if (!hop.takes_utf8)
            say(hop.parameter,
                fmt::format("'{}' does not offer SMTPUTF8: mail with such an address, which Postfix takes, comes back",
                            hop.address));
}

void repeated_keys(const SiteFacts& facts, Sayings& say) {
    if (!facts.postfix) return;
    for (const auto& each : facts.postfix->repeated)
        say(each.table, fmt::format("'{}' stands in it several times: one of the rows is never seen", each.key));
}

void old_sni_tables(const SiteFacts& facts, Sayings& say) {
    if (!facts.postfix) return;
    for (const auto& each : facts.postfix->sni) {
        const bool is_ours = each.table.find(facts.paths.maps + "/") != each.table.npos;
        const auto remedy = is_ours ? std::string("mailctl map build --tls") : "postmap -F " + each.table;
        if (!each.holds_certificates)
            say(each.table, "its index holds names of files, where the certificates themselves should be", remedy);
        else if (!each.is_current)
            say(each.table, "its index is older than a certificate in it: servers show the old one", remedy);
    }
}

void incomplete_jail(const SiteFacts& facts, Sayings& say) {
    if (!facts.postfix) return;
    for (const auto& file : facts.postfix->jail)
        if (!file.is_there)
            say(file.path, "chrooted services of Postfix have no copy of it: they find no host, or no port");
        else
            say(file.path, "the copy that chrooted services of Postfix have of it differs", {}, Weight::warning);
}

void writable_postfix_files(const SiteFacts& facts, Sayings& say) {
    constexpr unsigned others_write = 0002;
    if (!facts.postfix) return;
    for (const auto& file : facts.postfix->files) {
        const bool is_of_mail_user = facts.mail_uid && *facts.mail_uid != 0 && file.uid == *facts.mail_uid;
        if ((file.mode & others_write) != 0)
            say(file.path, fmt::format("everybody may write it (mode {:04o})", file.mode & 07777),
                fmt::format("chmod o-w '{}'", file.path));
        else if (is_of_mail_user && facts.paths.root.empty())
            say(file.path, "it belongs to the mail user, who may be hostile",
                fmt::format("chown root '{}'", file.path));
    }
}

void unmounted_mail(const SiteFacts& facts, Sayings& say) {
    for (const auto& place : facts.unmounted)
        say(place, "fstab mounts a file system here, and none is mounted: mail goes to the disk below");
}

void steps_overdue(const SiteFacts& facts, Sayings& say) {
    for (const auto& step : facts.key_steps)
        say(step.domain,
            fmt::format("selector '{}': '{}' is due since {}", step.selector, step.step, format_rfc3339(step.since)));
}

void blind_blocklists(const SiteFacts& facts, Sayings& say) {
    for (const auto& each : facts.blocklists)
        if (!each.refusal.empty())
            say(each.list, fmt::format("the block list answers {} to our resolver: it refuses to serve it, and where "
                                       "Postfix takes that for a listing, all mail is refused",
                                       each.refusal));
        else if (each.lists_everybody)
            say(each.list, "the block list lists 127.0.0.1, which never is: it lists everybody");
}

void nameless_addresses(const SiteFacts& facts, Sayings& say) {
    for (const auto& address : facts.nameless)
        say(address, "Postfix may send from this address, which has no name (PTR): others refuse that mail");
}

const Check checks_of_host[] = {
    {"postfix.transport-elsewhere", 8, Weight::error, false,
     "a table of transport_maps sends a hosted domain elsewhere", "take the row out of that table", routed_elsewhere},
    {"postfix.own-domain", 10, Weight::warning, false, "mydestination has a hosted domain under another spelling",
     "take it out of mydestination in main.cf", own_domain_is_hosted},
    {"postfix.policy-not-asked", 18, Weight::warning, false, "maps.policy is set, and Postfix does not ask the agent",
     "take smtpd_recipient_restrictions of maps/main.cf over", policy_not_asked},
    {"postfix.socket-closed", 29, Weight::error, false, "Postfix may not connect to the agent's socket",
     "see delivery.socket_group in mailctl.toml(5)", closed_socket},
    {"postfix.no-smtputf8", 34, Weight::warning, false, "mail goes on to a host that does not take SMTPUTF8",
     "smtputf8_enable = no in main.cf, or let that host offer it", hops_without_utf8},
    {"postfix.screened-friends", 37, Weight::warning, false, "postscreen may refuse hosts of mynetworks",
     "postscreen_access_list = permit_mynetworks in main.cf", screened_friends},
    {"postfix.repeated-key", 42, Weight::warning, false, "the text of a table has a key several times",
     "take one of the rows out, then postmap", repeated_keys},
    {"postfix.sni-index", 43, Weight::error, false, "a table of tls_server_sni_maps holds no or old certificates", "",
     old_sni_tables},
    {"postfix.jail", 45, Weight::error, false, "the directory of chrooted services lacks files of the host",
     "postfix reload; Debian copies them then", incomplete_jail},
    {"postfix.writable", 51, Weight::error, false, "others than the administrator may write a file of Postfix",
     "chmod o-w FILE", writable_postfix_files},
    {"mail.not-mounted", 75, Weight::error, false, "the file system for mail is not mounted", "mount -a",
     unmounted_mail},
    {"dns.dkim-overdue", 0, Weight::warning, false, "a step of a DKIM key is due for days", "mailctl dkim rotate",
     steps_overdue},
    {"dns.blocklist-refuses", 20, Weight::error, false,
     "a block list that Postfix asks does not serve our resolver, or lists everybody",
     "ask it through a resolver of your own, or take the list out", blind_blocklists},
    {"dns.ipv6-nameless", 48, Weight::warning, false, "Postfix uses IPv6, and an IPv6 address of this host has no PTR",
     "have its PTR set, or inet_protocols = ipv4 in main.cf", nameless_addresses},
};

} // namespace

std::span<const Check> postfix_host_checks() { return checks_of_host; }

} // namespace mailctl
