// An action, a certificate or a relay is good as a whole or refused as a whole: half of one is never used.
#include "mailctl/config/domain_table.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

void read_domain_aliases(Fields& fields, DomainReading& reading) {
    for (const Node* element : fields.strings("aliases")) {
        auto alias = DomainName::parse(element->text);
        if (!alias) {
            fields.refuse("aliases", element->place, alias.error().what, "write a domain name such as \"example.net\"");
        } else if (*alias == reading.domain.name) {
            fields.refuse("aliases", element->place, fmt::format("'{}' is this domain itself", alias->display()),
                          "leave it out");
        } else if (std::ranges::find(reading.domain.aliases, *alias) != reading.domain.aliases.end()) {
            fields.refuse("aliases", element->place, fmt::format("'{}' stands here twice", alias->display()),
                          "leave out one of them");
        } else {
            reading.domain.aliases.push_back(std::move(*alias));
        }
    }
}

void read_unknown(const Node& node, DomainReading& reading) {
    using Kind = UnknownAction::Kind;
    Fields fields(node, {"domain", "unknown"}, reading.findings);
    auto& unknown = reading.domain.unknown;
    if (node.is(Node::Kind::table) && !node.find("action"))
        fields.refuse("action", node.place, "the action is missing", "write { action = \"reject\" }");
    fields.choice("action", unknown.kind,
                  {{"reject", Kind::reject},
                   {"discard", Kind::discard},
                   {"redirect", Kind::redirect},
                   {"domain", Kind::domain},
                   {"candidate", Kind::candidate}});
    if (unknown.kind == Kind::redirect) {
        reading.read_targets(fields, "to", unknown.to);
        const Node* to = node.find("to");
        if (!to || (to->is(Node::Kind::array) && to->elements.empty()))
            fields.refuse("to", to ? to->place : node.place, "redirect needs targets",
                          "write { action = \"redirect\", to = [\"paul\"] }");
    }
    std::string name;
    if (unknown.kind == Kind::domain) {
        fields.text("domain", name);
        const Node* value = node.find("domain");
        auto parsed = DomainName::parse(name);
        if (!value)
            fields.refuse("domain", node.place, "the action 'domain' needs a domain",
                          "write { action = \"domain\", domain = \"example.net\" }");
        else if (!parsed && value->is(Node::Kind::string))
            fields.refuse("domain", value->place, parsed.error().what, "write a domain name such as \"example.net\"");
        else if (parsed && (*parsed == reading.domain.name ||
                            std::ranges::find(reading.domain.aliases, *parsed) != reading.domain.aliases.end()))
            fields.refuse("domain", value->place, "this is the domain itself", "name another domain of this site");
        else if (parsed)
            unknown.domain = std::move(*parsed);
    }
    fields.refuse_unknown();
}

void read_tls(const Node& node, DomainReading& reading) {
    Fields fields(node, {"domain", "tls"}, reading.findings);
    TlsFiles tls;
    fields.text("certificate", tls.certificate);
    fields.text("key", tls.key);
    fields.refuse_unknown();
    for (const auto& [key, path] : {std::pair("certificate", &tls.certificate), std::pair("key", &tls.key)})
        if (!path->starts_with('/')) {
            const Node* value = node.find(key);
            fields.refuse(key, value ? value->place : node.place, value ? "must be an absolute path" : "is missing",
                          "a certificate needs both certificate and key, as absolute paths");
        }
    reading.domain.tls = std::move(tls);
}

void read_dmarc(const Node& node, DomainReading& reading) {
    Fields fields(node, {"domain", "dmarc"}, reading.findings);
    Dmarc dmarc;
    fields.choice<std::string>("policy", dmarc.policy,
                               {{"none", "none"}, {"quarantine", "quarantine"}, {"reject", "reject"}});
    fields.text("report_to", dmarc.report_to);
    if (!dmarc.report_to.empty() && !dmarc.report_to.starts_with("mailto:") && !dmarc.report_to.starts_with("https:"))
        fields.refuse("report_to", node.find("report_to")->place,
                      fmt::format("'{}' is not a report address", printable(dmarc.report_to)),
                      "write it as \"mailto:dmarc@example.com\"");
    fields.refuse_unknown();
    reading.domain.dmarc = std::move(dmarc);
}

void read_limits(const Node& node, DomainReading& reading) {
    Fields fields(node, {"domain", "limits"}, reading.findings);
    auto& limits = reading.domain.limits;
    fields.number("mailboxes", limits.mailboxes);
    fields.number("aliases", limits.aliases);
    fields.number("forwards", limits.forwards);
    fields.number("robots", limits.robots);
    fields.number("lists", limits.lists);
    fields.size("quota", limits.quota);
    fields.refuse_unknown();
}

} // namespace

void read_domain_table(const Node& node, DomainReading& reading) {
    Fields fields(node, {"domain"}, reading.findings);
    auto& domain = reading.domain;
    fields.text("owner", domain.owner);
    read_domain_aliases(fields, reading);
    fields.choice("state", domain.state, {{"active", DomainState::active}, {"suspended", DomainState::suspended}});
    fields.text("source_ip", domain.source_ip);
    const Node* source = node.find("source_ip");
    if (source && !domain.source_ip.empty() && domain.source_ip != "auto" && !is_ip_address(domain.source_ip))
        fields.refuse("source_ip", source->place, fmt::format("'{}' is not an IP address", printable(domain.source_ip)),
                      "write \"auto\" or one address of the site's source_ips");
    fields.text("relay_to", domain.relay_to);
    if (!domain.relay_to.empty() && !parse_host_port(domain.relay_to))
        fields.refuse("relay_to", node.find("relay_to")->place,
                      fmt::format("'{}' is not a host and port", printable(domain.relay_to)),
                      "write it as \"mx.customer.example:25\"");
    reading.read_node(fields, domain.node);
    if (const Node* table = fields.node("unknown")) read_unknown(*table, reading);
    if (const Node* table = fields.node("dmarc")) read_dmarc(*table, reading);
    if (const Node* table = fields.node("tls")) read_tls(*table, reading);
    if (const Node* table = fields.node("limits")) read_limits(*table, reading);
    fields.refuse_unknown();
    for (const std::string_view key : {"node", "dmarc"})
        if (const Node* value = node.find(key)) reading.keep(fields.path_of(key), value->key_place);
}

} // namespace mailctl
