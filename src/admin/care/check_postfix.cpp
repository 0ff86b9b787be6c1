// SPDX-License-Identifier: Apache-2.0
// Postfix: who owns a domain, who may relay, and what main.cf says besides.
#include "check_networks.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

std::string own_setting(const SiteFacts& facts, std::string_view name) {
    if (!facts.postfix) return {};
    const auto found = facts.postfix->own.find(name);
    return found == facts.postfix->own.end() ? std::string() : found->second;
}
std::vector<std::string> words_of(const SiteFacts& facts, std::string_view name) {
    return list_words(postfix_setting(facts, name));
}
bool has_word(const std::vector<std::string>& words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}
bool is_our_table(const SiteFacts& facts, std::string_view word) {
    return word.find(facts.paths.maps + "/") != std::string_view::npos;
}

// Hosted names that stand in a list of main.cf.
void say_hosted_names_in(const SiteFacts& facts, Sayings& say, std::string_view parameter,
                         std::string_view consequence) {
    for (auto word : words_of(facts, parameter)) {
        word = fold(word);
        if (facts.names.contains(word)) say(word, fmt::format("'{}' stands in {}: {}", word, parameter, consequence));
    }
}

// The host's own name may be a mail domain too: then the fragment says what mydestination is to be.
void in_mydestination(const SiteFacts& facts, Sayings& say) {
    say_hosted_names_in(facts, say, "mydestination", "its mail goes to system users");
}
void in_relay_domains(const SiteFacts& facts, Sayings& say) {
    say_hosted_names_in(facts, say, "relay_domains", "Postfix would send its mail on");
}
void in_alias_domains(const SiteFacts& facts, Sayings& say) {
    say_hosted_names_in(facts, say, "virtual_alias_domains", "Postfix knows no mailbox in it");
}

// What our fragment sets to tables of ours, main.cf has to name.
void unused_tables(const SiteFacts& facts, Sayings& say) {
    if (!facts.postfix) return;
    for (const auto& [name, value] : facts.wanted_in_main) {
        const auto there = words_of(facts, name);
        for (const auto& word : list_words(value)) {
            const auto colon = word.find(':');
            if (colon == std::string::npos || !is_our_table(facts, word)) continue;
            const auto path = word.substr(colon + 1);
            const bool named =
                std::ranges::any_of(there, [&](const std::string& each) { return each.ends_with(":" + path); });
            if (!named) say(name, fmt::format("'{}' does not stand in {}", word, name));
        }
    }
}

// A foreign table in front of ours answers first.
void shadowed_tables(const SiteFacts& facts, Sayings& say) {
    for (const std::string_view name : {"virtual_mailbox_maps", "virtual_alias_maps", "virtual_mailbox_domains"}) {
        const auto words = words_of(facts, name);
        const auto ours =
            std::ranges::find_if(words, [&](const std::string& word) { return is_our_table(facts, word); });
        if (ours == words.end()) continue;
        for (auto word = words.begin(); word != ours; ++word)
            if (word->find(':') != std::string::npos)
                say(std::string(name),
                    fmt::format("'{}' stands before our table in {} and answers first", *word, name));
    }
}

void other_transport(const SiteFacts& facts, Sayings& say) {
    const auto wanted = facts.wanted_in_main.find("virtual_transport");
    const auto there = postfix_setting(facts, "virtual_transport");
    if (!facts.postfix || wanted == facts.wanted_in_main.end()) return;
    if (there == wanted->second || there == "mailctl" || there == "mailctl:") return;
    say("virtual_transport", fmt::format("virtual_transport is '{}', not our agent '{}'", there, wanted->second));
}

void local_unknowns(const SiteFacts& facts, Sayings& say) {
    if (facts.postfix && facts.postfix->own.contains("local_recipient_maps") &&
        trim(postfix_setting(facts, "local_recipient_maps")).empty())
        say("local_recipient_maps", "local_recipient_maps is empty: mail for local users nobody knows is accepted");
}

void host_name(const SiteFacts& facts, Sayings& say) {
    const auto name = fold(postfix_setting(facts, "myhostname"));
    if (!facts.postfix) return;
    if (name.starts_with("localhost") || name.find('.') == std::string::npos || name.ends_with(".localdomain"))
        say("myhostname", fmt::format("myhostname is '{}', which no other server can check", name));
}

void host_names_differ(const SiteFacts& facts, Sayings& say) {
    const auto name = fold(postfix_setting(facts, "myhostname"));
    if (facts.postfix && !name.empty() && name != fold(facts.site.hostname.text()))
        say("myhostname", fmt::format("Postfix calls itself '{}', mailctl '{}'", name, facts.site.hostname.text()),
            "mailctl config set hostname=NAME, or myhostname in main.cf");
}

void origin(const SiteFacts& facts, Sayings& say) {
    const auto name = fold(postfix_setting(facts, "myorigin"));
    if (!facts.names.contains(name)) return;
    for (const auto& domain : facts.domains) {
        if (domain.name.text() != name) continue;
        if (!holder_of(domain, "root"))
            say("myorigin", fmt::format("mail of cron and root comes as 'root@{}', which nobody has", name),
                fmt::format("mailctl alias create root@{} MAILBOX", name));
    }
}

void no_relay_control(const SiteFacts& facts, Sayings& say) {
    if (!facts.postfix) return;
    constexpr std::array<std::string_view, 4> controls{"reject_unauth_destination", "defer_unauth_destination",
                                                       "reject", "defer"};
    for (const auto* name : {"smtpd_relay_restrictions", "smtpd_recipient_restrictions"}) {
        const auto words = words_of(facts, name);
        if (std::ranges::any_of(controls, [&](std::string_view control) { return has_word(words, control); })) return;
    }
    say("smtpd_relay_restrictions", "neither smtpd_relay_restrictions nor smtpd_recipient_restrictions stops relaying");
}

void sender_rights_too_late(const SiteFacts& facts, Sayings& say) {
    for (const auto* name : {"smtpd_sender_restrictions", "smtpd_recipient_restrictions", "smtpd_relay_restrictions"}) {
        const auto words = words_of(facts, name);
        const auto permit = std::ranges::find(words, "permit_sasl_authenticated");
        const auto reject = std::ranges::find_if(words, [](const std::string& word) {
            return word == "reject_sender_login_mismatch" || word == "reject_authenticated_sender_login_mismatch";
        });
        if (permit != words.end() && reject != words.end() && permit < reject)
            say(name, fmt::format("permit_sasl_authenticated stands before {} in {}: it never decides", *reject, name));
    }
}

void bare_newlines(const SiteFacts& facts, Sayings& say) {
    const auto value = postfix_setting(facts, "smtpd_forbid_bare_newline");
    if (value == "no") say("smtpd_forbid_bare_newline", "bare newlines are taken: mail can be smuggled in");
}

// The agent's answers are for addresses with a detail too.
void delimiter(const SiteFacts& facts, Sayings& say) {
    if (!facts.postfix) return;
    const auto value = postfix_setting(facts, "recipient_delimiter");
    if (value != facts.site.addresses.delimiters)
        say("recipient_delimiter", fmt::format("recipient_delimiter is '{}' in Postfix and '{}' in mailctl.toml", value,
                                               facts.site.addresses.delimiters));
}

void debug_leftovers(const SiteFacts& facts, Sayings& say) {
    if (postfix_setting(facts, "soft_bounce") == "yes")
        say("soft_bounce", "soft_bounce is on: nothing is ever refused for good");
    if (const auto value = own_setting(facts, "defer_transports"); !value.empty())
        say("defer_transports", fmt::format("mail for '{}' waits in the queue", value));
}

void dead_lists(const SiteFacts& facts, Sayings& say) {
    constexpr std::array<std::string_view, 3> dead{"sorbs.net", "njabl.org", "ahbl.org"};
    for (const auto* name : {"smtpd_recipient_restrictions", "smtpd_client_restrictions", "postscreen_dnsbl_sites",
                             "smtpd_relay_restrictions", "smtpd_sender_restrictions", "smtpd_helo_restrictions"})
        for (const auto& word : words_of(facts, name))
            for (const auto list : dead)
                if (word.find(list) != std::string::npos)
                    say(name, fmt::format("'{}' is a block list that was shut down", word));
}

// Error codes of a list look like a listing, unless the filter says which answers are one.
void unfiltered_lists(const SiteFacts& facts, Sayings& say) {
    for (const auto* name : {"smtpd_recipient_restrictions", "smtpd_client_restrictions", "smtpd_relay_restrictions",
                             "smtpd_sender_restrictions", "smtpd_helo_restrictions"}) {
        const auto words = words_of(facts, name);
        for (std::size_t i = 0; i + 1 < words.size(); ++i)
            if (words[i].starts_with("reject_rbl_client") && words[i + 1].find("spamhaus") != std::string::npos &&
                words[i + 1].find('=') == std::string::npos)
                say(name,
                    fmt::format(
                        "'{}' takes each answer for a listing; 127.255.255.x says that the question was refused",
                        words[i + 1]),
                    fmt::format("write {}=127.0.0.[2..11]", words[i + 1]));
    }
}

void size_limits(const SiteFacts& facts, Sayings& say) {
    const auto message = whole_number(postfix_setting(facts, "message_size_limit"));
    for (const auto* name : {"mailbox_size_limit", "virtual_mailbox_limit"}) {
        const auto mailbox = whole_number(postfix_setting(facts, name));
        if (message && mailbox && *mailbox > 0 && (*message == 0 || *message > *mailbox))
            say(name, fmt::format("{} ({}) is below message_size_limit ({})", name, *mailbox, *message));
    }
}

void queue_lifetime(const SiteFacts& facts, Sayings& say) {
    for (const auto* name : {"maximal_queue_lifetime", "bounce_queue_lifetime"}) {
        const auto value = own_setting(facts, name);
        const auto age = value.empty() ? std::nullopt : std::optional(parse_age(value));
        if (age && *age && **age < std::chrono::days{1})
            say(name, fmt::format("{} is {}: a night's outage of another server loses mail", name, value));
    }
}

void relay_host(const SiteFacts& facts, Sayings& say) {
    const auto value = postfix_setting(facts, "relayhost");
    if (value.empty()) return;
    const auto own = fold(postfix_setting(facts, "myhostname"));
    if (fold(value).find(own) != std::string::npos && !own.empty())
        say("relayhost", fmt::format("relayhost '{}' is this host: mail loops", value));
    else if (!value.starts_with('['))
        say("relayhost", fmt::format("relayhost '{}' has no brackets: its MX is asked, not the host", value), {},
            Weight::warning);
}

void said_by_postconf(const SiteFacts& facts, Sayings& say) {
    if (!facts.postfix) return;
    for (const auto& warning : facts.postfix->warnings)
        say("main.cf", warning);
}

void nis_aliases(const SiteFacts& facts, Sayings& say) {
    for (const auto& word : words_of(facts, "alias_maps"))
        if (word.starts_with("nis:")) say("alias_maps", "alias_maps asks NIS, which nobody runs any more");
}

void loopback_only(const SiteFacts& facts, Sayings& say) {
    const auto value = postfix_setting(facts, "inet_interfaces");
    if (facts.postfix && !facts.names.empty() &&
        (value == "loopback-only" || value == "localhost" || value == "127.0.0.1"))
        say("inet_interfaces", fmt::format("inet_interfaces is '{}': no other host can deliver here", value));
}

const Check checks_of_postfix[] = {
    {"postfix.mydestination-overlap", 1, Weight::error, false, "a domain of the site is in mydestination",
     "take it out of mydestination in main.cf", in_mydestination},
    {"postfix.relay-overlap", 2, Weight::error, false, "a domain of the site is in relay_domains",
     "take it out of relay_domains in main.cf", in_relay_domains},
    {"postfix.alias-domain-overlap", 3, Weight::error, false, "a domain of the site is in virtual_alias_domains",
     "take it out of virtual_alias_domains in main.cf", in_alias_domains},
    {"postfix.table-not-used", 5, Weight::error, false, "main.cf does not name a table of ours",
     "take the lines of maps/main.cf over", unused_tables},
    {"postfix.table-shadowed", 6, Weight::warning, false, "another table stands before ours and answers first",
     "put our table first", shadowed_tables},
    {"postfix.other-transport", 7, Weight::error, false, "virtual_transport is not our agent",
     "take the line of maps/main.cf over", other_transport},
    {"postfix.unknown-local-users", 9, Weight::warning, false, "local_recipient_maps is empty",
     "take the line of maps/main.cf over", local_unknowns},
    {"postfix.hostname", 11, Weight::warning, false, "myhostname is no name that others can check",
     "myhostname = HOST.DOMAIN in main.cf", host_name},
    {"postfix.hostname-differs", 11, Weight::advice, false, "Postfix and mailctl call this host differently", "",
     host_names_differ},
    {"postfix.origin", 12, Weight::error, false, "myorigin is a hosted domain in which nobody is root", "", origin},
    {"postfix.open-networks", 13, Weight::error, false, "mynetworks has everybody in it, or a public network",
     "mynetworks = 127.0.0.0/8 [::1]/128 in main.cf", open_networks},
    {"postfix.open-relay", 14, Weight::error, false, "no restriction stops relaying",
     "reject_unauth_destination in smtpd_relay_restrictions", no_relay_control},
    {"postfix.sender-rights", 15, Weight::error, false, "authenticated users pass before their sender is looked at",
     "put reject_sender_login_mismatch first", sender_rights_too_late},
    {"postfix.dnsbl-errors", 20, Weight::warning, false, "error answers of a block list are taken for listings", "",
     unfiltered_lists},
    {"postfix.dnsbl-dead", 21, Weight::warning, false, "a block list is asked that was shut down", "take it out",
     dead_lists},
    {"postfix.bare-newline", 22, Weight::advice, false, "bare newlines are taken",
     "smtpd_forbid_bare_newline = normalize in main.cf", bare_newlines},
    {"postfix.delimiter", 25, Weight::error, false, "Postfix and mailctl divide addresses at different characters",
     "take the line of maps/main.cf over", delimiter},
    {"postfix.size-limits", 31, Weight::error, false, "a mailbox may be smaller than a message",
     "raise it, or set it to 0", size_limits},
    {"postfix.debugging", 35, Weight::warning, false,
     "soft_bounce or defer_transports is left from a search for faults", "take it out of main.cf", debug_leftovers},
    {"postfix.queue-lifetime", 36, Weight::warning, false, "mail waits less than a day in the queue",
     "take it out of main.cf", queue_lifetime},
    {"postfix.nis", 44, Weight::warning, false, "alias_maps asks NIS", "alias_maps = hash:/etc/aliases in main.cf",
     nis_aliases},
    {"postfix.loopback-only", 47, Weight::warning, false, "Postfix listens on loopback only",
     "inet_interfaces = all in main.cf", loopback_only},
    {"postfix.relayhost", 49, Weight::error, false, "relayhost leads back here, or is asked for its MX",
     "relayhost = [HOST] in main.cf", relay_host},
    {"postfix.warning", 50, Weight::error, false, "postconf warns about main.cf or master.cf", "mend that line",
     said_by_postconf},
};

} // namespace

std::span<const Check> postfix_checks() { return checks_of_postfix; }

} // namespace mailctl
