// SPDX-License-Identifier: Apache-2.0
#include "check_dns_facts.hpp"

#include "check_host_facts.hpp"
#include "dns_round.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/exchange/dkim_rotation.hpp"
#include "mailctl/exchange/dns/record.hpp"
#include "mailctl/site/dkim_keys.hpp"
#include "seen_keys.hpp"

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::chrono::seconds patience_with_lists{5};

// The reversed test addresses of RFC 5782 section 5: the first is always listed, the second never.
constexpr std::string_view listed_address = "2.0.0.127.", unlisted_address = "1.0.0.127.";

// As "zen.spamhaus.org", "zen.spamhaus.org=127.0.0.[2..11]" and, in postscreen_dnsbl_sites, "zen.spamhaus.org*2" say.
std::string list_in(std::string_view word) { return fold(word.substr(0, word.find_first_of("=*"))); }

bool is_name(std::string_view word) {
    return word.find('.') != word.npos && word.find_first_of(":/$[]{}") == word.npos;
}

void judge_list(SiteFacts& facts, const std::string& list, DnsBook& book) {
    BlocklistFact fact{list, {}, false};
    for (const auto& value : book.ask(std::string(listed_address) + list, "A").values)
        if (value.starts_with("127.255.255.")) fact.refusal = value;
    for (const auto& value : book.ask(std::string(unlisted_address) + list, "A").values)
        if (value.starts_with("127.") && !value.starts_with("127.255.255.")) fact.lists_everybody = true;
    if (book.has_open()) return;
    if (!fact.refusal.empty() || fact.lists_everybody) facts.blocklists.push_back(std::move(fact));
}

void judge_address(SiteFacts& facts, const std::string& address, DnsBook& book) {
    const auto& answer = book.ask(reverse_name(address), "PTR");
    if (!book.has_open() && answer.is_void()) facts.nameless.push_back(address);
}

// With inet_protocols it may send from them, unless it is told which to take.
std::vector<std::string> sending_ipv6(const SiteFacts& facts) {
    const auto protocols = list_words(postfix_setting(facts, "inet_protocols"));
    const bool uses_ipv6 = std::ranges::find(protocols, "all") != protocols.end() ||
                           std::ranges::find(protocols, "ipv6") != protocols.end();
    if (!facts.postfix || !uses_ipv6) return {};
    auto bound = postfix_setting(facts, "smtp_bind_address6");
    return bound.empty() ? find_public_ipv6() : std::vector<std::string>{std::move(bound)};
}

std::vector<DnsTask> tasks_for(SiteFacts& facts) {
    std::vector<DnsTask> tasks;
    const auto add = [&](const std::string& name, void (*judge)(SiteFacts&, const std::string&, DnsBook&)) {
        tasks.push_back({tasks.size(), name, [&facts, name, judge](DnsBook& book) {
                             judge(facts, name, book);
                             return std::vector<DnsRow>{};
                         }});
    };
    for (const auto& list : blocklists_in_main(facts))
        add(list, judge_list);
    for (const auto& address : sending_ipv6(facts))
        add(address, judge_address);
    return tasks;
}

} // namespace

std::vector<std::string> blocklists_in_main(const SiteFacts& facts) {
    std::set<std::string> lists;
    for (const auto* name : {"smtpd_client_restrictions", "smtpd_helo_restrictions", "smtpd_sender_restrictions",
                             "smtpd_relay_restrictions", "smtpd_recipient_restrictions"}) {
        const auto words = list_words(postfix_setting(facts, name));
        for (std::size_t i = 0; i + 1 < words.size(); ++i)
            if (words[i] == "reject_rbl_client" && is_name(list_in(words[i + 1]))) lists.insert(list_in(words[i + 1]));
    }
    for (const auto& word : list_words(postfix_setting(facts, "postscreen_dnsbl_sites")))
        if (is_name(list_in(word))) lists.insert(list_in(word));
    return {lists.begin(), lists.end()};
}

void ask_dns(SiteFacts& facts) {
    auto tasks = tasks_for(facts);
    if (tasks.empty()) return;
    DnsResolverSettings settings;
    settings.resolvers = facts.site.dns.resolvers;
    settings.timeout = patience_with_lists;
    auto source = source_of_net(settings);
    if (!source) return facts.unseen.push_back({"dns", source.error().what, source.error().hint});
    auto next = tasks.begin();
    DnsRound round(**source, patience_with_lists * 2);
    const auto asked = round.run(
        [&]() -> Result<std::optional<DnsTask>> {
            return next == tasks.end() ? std::nullopt : std::optional(std::move(*next++));
        },
        [](const DnsTask&, const std::vector<DnsRow>&, const DnsBook&) -> Status { return {}; });
    if (!asked) facts.unseen.push_back({"dns", asked.error().what, asked.error().hint});
}

void add_key_steps(SiteFacts& facts, const SiteView& view) {
    constexpr std::chrono::days patience{3};
    auto rules = dkim_rules(facts.site, facts.now);
    const SeenKeys seen(view);
    for (const auto& domain : facts.domains) {
        const auto selectors = find_selectors(facts.paths, facts.site, domain.name);
        if (!selectors || selectors->empty()) continue;
        rules.was_seen = seen.of(domain.name);
        for (const auto& selector : *selectors) {
            const auto next = next_step(*selectors, selector, rules);
            if (!next.step.empty() && next.at && *next.at + patience < facts.now)
                facts.key_steps.push_back({domain.name.display(), selector.name, std::string(next.step), *next.at});
        }
    }
}

} // namespace mailctl
