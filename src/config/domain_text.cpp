// A new domain file, as an administrator would begin one.
#include "mailctl/config/domain_text.hpp"

#include "mailctl/config/value.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

std::string line(std::string_view key, const Value& value) {
    return fmt::format("{:<9} = {}\n", key, format_value(value));
}

std::string_view action_name(UnknownAction::Kind kind) {
    switch (kind) {
    case UnknownAction::Kind::reject:
        return "reject";
    case UnknownAction::Kind::discard:
        return "discard";
    case UnknownAction::Kind::redirect:
        return "redirect";
    case UnknownAction::Kind::domain:
        return "domain";
    case UnknownAction::Kind::candidate:
        return "candidate";
    }
    return "reject";
}

// Targets of the domain itself are written as bare local parts.
std::vector<std::string> target_texts(const Domain& domain, const std::vector<Address>& targets) {
    std::vector<std::string> texts;
    for (const auto& target : targets)
        texts.push_back(target.domain == domain.name ? target.local.text() : target.text());
    return texts;
}

InlineTable unknown_value(const Domain& domain) {
    InlineTable table{{{"action", std::string(action_name(domain.unknown.kind))}}};
    if (domain.unknown.kind == UnknownAction::Kind::redirect)
        table.entries.emplace_back("to", target_texts(domain, domain.unknown.to));
    if (domain.unknown.domain) table.entries.emplace_back("domain", domain.unknown.domain->text());
    return table;
}

std::string limit_lines(const DomainLimits& limits) {
    std::string text;
    const auto put = [&](std::string_view key, unsigned limit) {
        if (limit != 0) text += line(key, static_cast<long long>(limit));
    };
    put("mailboxes", limits.mailboxes);
    put("aliases", limits.aliases);
    put("forwards", limits.forwards);
    put("robots", limits.robots);
    put("lists", limits.lists);
    if (limits.quota.bytes != 0) text += line("quota", format_size(limits.quota));
    return text;
}

} // namespace

std::string compose_domain(const Domain& domain) {
    auto text = fmt::format("# The mail domain {}. Edit by hand, then run: mailctl apply\n"
                            "# Every key is explained in mailctl-domain.toml(5).\n\n[domain]\n",
                            domain.name.display());
    if (!domain.owner.empty()) text += line("owner", domain.owner);
    std::vector<std::string> aliases;
    for (const auto& alias : domain.aliases)
        aliases.push_back(alias.text());
    if (!aliases.empty()) text += line("aliases", aliases);
    if (domain.state == DomainState::suspended) text += line("state", std::string("suspended"));
    if (!domain.source_ip.empty()) text += line("source_ip", domain.source_ip);
    if (!domain.relay_to.empty()) text += line("relay_to", domain.relay_to);
    if (!domain.node.empty()) text += line("node", domain.node);
    text += line("unknown", unknown_value(domain));
    if (domain.dmarc) {
        text += "\n[domain.dmarc]\n" + line("policy", domain.dmarc->policy);
        if (!domain.dmarc->report_to.empty()) text += line("report_to", domain.dmarc->report_to);
    }
    if (domain.tls)
        text += "\n[domain.tls]\n" + line("certificate", domain.tls->certificate) + line("key", domain.tls->key);
    if (const auto limits = limit_lines(domain.limits); !limits.empty()) text += "\n[domain.limits]\n" + limits;
    return text;
}

} // namespace mailctl
