// SPDX-License-Identifier: Apache-2.0
// An action is good as a whole or refused as a whole: half of one is never used.
#include "domain_table.hpp"

#include "key_reading.hpp"
#include "mailctl/config/domain_keys.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

void read_unknown_action(const Node& node, UnknownAction& unknown, DomainReading& reading) {
    using Kind = UnknownAction::Kind;
    Fields fields(node, {"domain", "unknown"}, reading.findings);
    if (node.is(Node::Kind::table) && !node.find("action"))
        fields.refuse("action", node.place, "the action is missing", "write { action = \"reject\" }");
    fields.choice("action", unknown.kind,
                  {{"reject", Kind::reject},
                   {"discard", Kind::discard},
                   {"redirect", Kind::redirect},
                   {"domain", Kind::domain},
                   {"candidate", Kind::candidate},
                   {"elsewhere", Kind::elsewhere}});
    if (unknown.kind == Kind::elsewhere) {
        kinds::NodeName::read(fields, "node", unknown.node, reading);
        if (unknown.node.empty())
            fields.refuse("node", node.place, "the action 'elsewhere' needs a node",
                          "node pull writes it; elsewhere write { action = \"reject\" }");
    }
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

void read_domain_table(const Node& node, DomainReading& reading) {
    Fields fields(node, {"domain"}, reading.findings);
    read_keys(domain_keys(), domain_key_tables(), fields, {"domain"}, reading.domain, reading);
    fields.refuse_unknown();
}

} // namespace mailctl
