// The domain file, table by table in the order of SPEC section 3. Names are checked where they stand and claimed; who
// else claims them is decided at the end, so that the second use in the file is the one reported.
#include "mailctl/config/domain_file.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/config/claims.hpp"
#include "mailctl/config/fields.hpp"
#include "mailctl/config/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace mailctl {
namespace {

class DomainReader {
  public:
    DomainReader(std::string_view file, const DomainName& name, const Site::Addresses& rules)
        : domain(name), findings(file), not_acted_on(file), rules_(rules) {}

    void read(const Node& root);

    Domain domain;
    Findings findings, not_acted_on;

  private:
    void read_domain(const Node& node);
    void read_domain_aliases(Fields& fields);
    void read_unknown(const Node& node);
    void read_tls(const Node& node);
    void read_dmarc(const Node& node);
    void read_limits(const Node& node);
    void read_mailbox(const std::string& name, const Node& node);
    void read_suspension(const Node& node, const KeyPath& path, Mailbox& mailbox);
    void read_autoreply(const Node& node, const KeyPath& path, Mailbox& mailbox);
    void read_forward(const std::string& name, const Node& node);
    void read_robot(const std::string& name, const Node& node);
    void read_list(const std::string& name, const Node& node);
    void read_banished(const Node& node);

    // Every entry of a table of entities whose name is good: `read(name, node)`.
    template <class Read>
    void read_entities(Fields& fields, std::string_view kind, Read read);
    void read_targets(Fields& fields, std::string_view key, std::vector<Address>& out);
    void read_address(Fields& fields, std::string_view key, std::optional<Address>& out);
    void read_attachments(Fields& fields, std::vector<std::string>& out);
    void read_node(Fields& fields, std::string& out);
    void object(Fields& fields, std::string_view key, Place place, const Objection& objection) {
        fields.refuse(key, place, objection.message, objection.remedy);
    }
    void keep(const Fields& fields, std::string_view key, Place place) {
        not_acted_on.add(place, fields.path_of(key), "this version keeps it but does not act on it yet");
    }

    const Site::Addresses& rules_;
    Claims claims_;
};

void DomainReader::read(const Node& root) {
    Fields fields(root, {}, findings);
    if (const Node* node = fields.node("domain")) read_domain(*node);
    read_entities(fields, "mailbox", [&](const auto& name, const Node& node) { read_mailbox(name, node); });
    read_entities(fields, "forward", [&](const auto& name, const Node& node) { read_forward(name, node); });
    read_entities(fields, "robot", [&](const auto& name, const Node& node) { read_robot(name, node); });
    read_entities(fields, "list", [&](const auto& name, const Node& node) { read_list(name, node); });
    if (const Node* node = fields.node("banished")) read_banished(*node);
    fields.refuse_unknown();
    claims_.check(findings);
}

void DomainReader::read_domain(const Node& node) {
    Fields fields(node, {"domain"}, findings);
    fields.text("owner", domain.owner);
    read_domain_aliases(fields);
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
    read_node(fields, domain.node);
    if (const Node* table = fields.node("unknown")) read_unknown(*table);
    if (const Node* table = fields.node("dmarc")) read_dmarc(*table);
    if (const Node* table = fields.node("tls")) read_tls(*table);
    if (const Node* table = fields.node("limits")) read_limits(*table);
    fields.refuse_unknown();
    for (const std::string_view key : {"owner", "relay_to", "node", "dmarc", "limits"})
        if (const Node* value = node.find(key)) keep(fields, key, value->key_place);
}

void DomainReader::read_domain_aliases(Fields& fields) {
    for (const Node* element : fields.strings("aliases")) {
        auto alias = DomainName::parse(element->text);
        if (!alias) {
            fields.refuse("aliases", element->place, alias.error().what, "write a domain name such as \"example.net\"");
        } else if (*alias == domain.name) {
            fields.refuse("aliases", element->place, fmt::format("'{}' is this domain itself", alias->display()),
                          "leave it out");
        } else if (std::ranges::find(domain.aliases, *alias) != domain.aliases.end()) {
            fields.refuse("aliases", element->place, fmt::format("'{}' stands here twice", alias->display()),
                          "leave out one of them");
        } else {
            domain.aliases.push_back(std::move(*alias));
        }
    }
}

void DomainReader::read_unknown(const Node& node) {
    using Kind = UnknownAction::Kind;
    Fields fields(node, {"domain", "unknown"}, findings);
    auto& unknown = domain.unknown;
    if (node.is(Node::Kind::table) && !node.find("action"))
        fields.refuse("action", node.place, "the action is missing", "write { action = \"reject\" }");
    fields.choice("action", unknown.kind,
                  {{"reject", Kind::reject},
                   {"discard", Kind::discard},
                   {"redirect", Kind::redirect},
                   {"domain", Kind::domain},
                   {"candidate", Kind::candidate}});
    if (unknown.kind == Kind::redirect) {
        read_targets(fields, "to", unknown.to);
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
        else if (parsed &&
                 (*parsed == domain.name || std::ranges::find(domain.aliases, *parsed) != domain.aliases.end()))
            fields.refuse("domain", value->place, "this is the domain itself", "name another domain of this site");
        else if (parsed)
            unknown.domain = std::move(*parsed);
    }
    fields.refuse_unknown();
    if (unknown.kind == Kind::candidate) keep(fields, "action", node.find("action")->place);
}

void DomainReader::read_tls(const Node& node) {
    Fields fields(node, {"domain", "tls"}, findings);
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
    domain.tls = std::move(tls);
}

void DomainReader::read_dmarc(const Node& node) {
    Fields fields(node, {"domain", "dmarc"}, findings);
    Dmarc dmarc;
    fields.choice<std::string>("policy", dmarc.policy,
                               {{"none", "none"}, {"quarantine", "quarantine"}, {"reject", "reject"}});
    fields.text("report_to", dmarc.report_to);
    if (!dmarc.report_to.empty() && !dmarc.report_to.starts_with("mailto:") && !dmarc.report_to.starts_with("https:"))
        fields.refuse("report_to", node.find("report_to")->place,
                      fmt::format("'{}' is not a report address", printable(dmarc.report_to)),
                      "write it as \"mailto:dmarc@example.com\"");
    fields.refuse_unknown();
    domain.dmarc = std::move(dmarc);
}

void DomainReader::read_limits(const Node& node) {
    Fields fields(node, {"domain", "limits"}, findings);
    auto& limits = domain.limits;
    fields.number("mailboxes", limits.mailboxes);
    fields.number("aliases", limits.aliases);
    fields.number("forwards", limits.forwards);
    fields.number("robots", limits.robots);
    fields.number("lists", limits.lists);
    fields.size("quota", limits.quota);
    fields.refuse_unknown();
}

template <class Read>
void DomainReader::read_entities(Fields& fields, std::string_view kind, Read read) {
    const Node* table = fields.expect(kind, Node::Kind::table, "a table");
    if (!table) return;
    for (const auto& [name, node] : table->entries) {
        const auto path = format_key_path({std::string(kind), name});
        if (const auto objection = object_to_name(name, rules_))
            findings.add(node.key_place, path, objection->message, objection->remedy);
        claims_.add(name, fmt::format("{} '{}'", kind, name), path, node.key_place);
        read(name, node);
    }
}

void DomainReader::read_mailbox(const std::string& name, const Node& node) {
    const KeyPath path = {"mailbox", name};
    Fields fields(node, path, findings);
    auto& mailbox = domain.mailboxes[name];
    fields.text("name", mailbox.name);
    if (const Node* value = fields.expect("password", Node::Kind::string, "a string")) {
        if (const auto objection = object_to_password(value->text))
            object(fields, "password", value->place, *objection);
        mailbox.password = value->text;
    }
    fields.size("quota", mailbox.quota);
    for (const Node* alias : fields.strings("aliases")) {
        if (const auto objection = object_to_name(alias->text, rules_))
            object(fields, "aliases", alias->place, *objection);
        claims_.add(alias->text, fmt::format("alias of mailbox '{}'", name), fields.path_of("aliases"), alias->place);
        mailbox.aliases.push_back(alias->text);
    }
    read_targets(fields, "forward", mailbox.forward);
    read_targets(fields, "copy_to", mailbox.copy_to);
    fields.flag("store", mailbox.store);
    const auto is_filled = [&](std::string_view key) { return node.find(key) && !node.find(key)->elements.empty(); };
    if (!mailbox.store && !is_filled("forward") && !is_filled("copy_to"))
        fields.refuse("store", node.find("store")->place,
                      "without a local copy, forward or copy_to its mail would be lost",
                      "add a forward, or remove store = false");
    read_address(fields, "recovery", mailbox.recovery);
    if (const Node* table = fields.node("suspend")) read_suspension(*table, path, mailbox);
    if (const Node* table = fields.node("autoreply")) read_autoreply(*table, path, mailbox);
    read_node(fields, mailbox.node);
    fields.refuse_unknown();
    for (const std::string_view key : {"recovery", "autoreply", "node"})
        if (const Node* value = node.find(key)) keep(fields, key, value->key_place);
}

void DomainReader::read_suspension(const Node& node, const KeyPath& path, Mailbox& mailbox) {
    using enum SuspendedReceive;
    Fields fields(node, {path[0], path[1], "suspend"}, findings);
    auto& suspension = mailbox.suspend.emplace();
    fields.flag("login", suspension.login);
    fields.choice("receive", suspension.receive,
                  {{"accept", accept}, {"reject", reject}, {"defer", defer}, {"hold", hold}});
    fields.text("reason", suspension.reason);
    fields.date("until", suspension.until);
    fields.refuse_unknown();
    if (suspension.receive == hold) keep(fields, "receive", node.find("receive")->place);
}

void DomainReader::read_autoreply(const Node& node, const KeyPath& path, Mailbox& mailbox) {
    Fields fields(node, {path[0], path[1], "autoreply"}, findings);
    auto& reply = mailbox.autoreply.emplace();
    fields.flag("enabled", reply.enabled);
    fields.text("from", reply.from);
    fields.text("subject", reply.subject);
    fields.block("message", reply.message);
    fields.block("html", reply.html);
    read_attachments(fields, reply.attach);
    fields.date("start", reply.start);
    fields.date("end", reply.end);
    fields.age("every", reply.every);
    if (reply.start && reply.end && *reply.end < *reply.start)
        fields.refuse("end", node.find("end")->place, "the end is before the start", "exchange the two dates");
    fields.refuse_unknown();
}

void DomainReader::read_forward(const std::string& name, const Node& node) {
    Fields fields(node, {"forward", name}, findings);
    auto& forward = domain.forwards[name];
    read_targets(fields, "to", forward.to);
    const Node* to = node.find("to");
    if (node.is(Node::Kind::table) && (!to || (to->is(Node::Kind::array) && to->elements.empty())))
        fields.refuse("to", to ? to->place : node.place, "a forward needs at least one target",
                      "add one, or remove the forward: mailctl forward delete ADDRESS");
    fields.refuse_unknown();
}

void DomainReader::read_robot(const std::string& name, const Node& node) {
    Fields fields(node, {"robot", name}, findings);
    auto& robot = domain.robots[name];
    fields.flag("enabled", robot.enabled);
    fields.text("from", robot.from);
    fields.text("subject", robot.subject);
    fields.block("message", robot.message);
    fields.block("html", robot.html);
    read_attachments(fields, robot.attach);
    read_targets(fields, "copy_to", robot.copy_to);
    fields.age("every", robot.every);
    fields.refuse_unknown();
    not_acted_on.add(node.key_place, format_key_path({"robot", name}),
                     "this version keeps it but does not act on it yet");
}

void DomainReader::read_list(const std::string& name, const Node& node) {
    Fields fields(node, {"list", name}, findings);
    auto& list = domain.lists[name];
    read_targets(fields, "members", list.members);
    read_address(fields, "owner", list.owner);
    const Node* post = fields.node("post");
    if (post && post->is(Node::Kind::string)) {
        fields.choice<std::string>("post", list.post[0],
                                   {{"anyone", "anyone"}, {"domain", "domain"}, {"members", "members"}});
    } else if (post) {
        list.post.clear();
        for (const Node* author : fields.strings("post")) {
            const auto address = Address::parse(author->text);
            if (!address)
                fields.refuse("post", author->place, address.error().what, "write full addresses, or \"members\"");
            else
                list.post.push_back(address->text());
        }
    }
    fields.refuse_unknown();
    not_acted_on.add(node.key_place, format_key_path({"list", name}),
                     "this version keeps it but does not act on it yet");
}

void DomainReader::read_banished(const Node& node) {
    Fields fields(node, {"banished"}, findings);
    std::vector<std::tuple<Place, const std::string*, const Node*>> in_order;
    for (const auto& [name, value] : fields.table().entries)
        in_order.emplace_back(value.key_place, &name, &value);
    std::ranges::sort(in_order, {},
                      [](const auto& entry) { return std::pair(std::get<0>(entry).line, std::get<0>(entry).column); });
    for (const auto& [place, name, value] : in_order) {
        if (value->is(Node::Kind::table)) {
            fields.refuse(*name, place, "must be \"discard\" or \"reject\", not a table",
                          "a name that holds a dot needs quotes: \"i.am.spam\" = \"discard\"");
            continue;
        }
        if (const auto objection = object_to_banished(*name)) object(fields, *name, place, *objection);
        Ban ban{*name, BanAnswer::discard};
        fields.choice(*name, ban.answer, {{"discard", BanAnswer::discard}, {"reject", BanAnswer::reject}});
        if (!ban.is_pattern())
            claims_.add(*name, fmt::format("banished name '{}'", *name), fields.path_of(*name), place);
        domain.banished.push_back(std::move(ban));
    }
}

void DomainReader::read_targets(Fields& fields, std::string_view key, std::vector<Address>& out) {
    for (const Node* element : fields.strings(key)) {
        auto target = parse_target(element->text, domain.name, rules_);
        if (target.address)
            out.push_back(std::move(*target.address));
        else
            object(fields, key, element->place, target.objection);
    }
}

void DomainReader::read_address(Fields& fields, std::string_view key, std::optional<Address>& out) {
    const Node* value = fields.expect(key, Node::Kind::string, "an address");
    if (!value) return;
    auto target = parse_target(value->text, domain.name, rules_);
    if (target.address)
        out = std::move(target.address);
    else
        object(fields, key, value->place, target.objection);
}

void DomainReader::read_attachments(Fields& fields, std::vector<std::string>& out) {
    for (const Node* element : fields.strings("attach")) {
        if (const auto objection = object_to_file_name(element->text))
            object(fields, "attach", element->place, *objection);
        else
            out.push_back(element->text);
    }
}

void DomainReader::read_node(Fields& fields, std::string& out) {
    fields.text("node", out);
    if (out.find_first_of(" \t/") != std::string::npos)
        fields.refuse("node", fields.table().find("node")->place, fmt::format("'{}' is not the name of a node", out),
                      "write a host name");
}

} // namespace

Result<ParsedDomain> parse_domain(std::string_view text, std::string_view file, const DomainName& name,
                                  const Site::Addresses& rules) {
    const auto parsed = parse_toml(text, file);
    if (!parsed.diagnostics.empty()) return fail(error_of(parsed.diagnostics));
    DomainReader reader(file, name, rules);
    reader.read(parsed.root);
    if (!reader.findings.empty()) return fail(error_of(reader.findings.sorted()));
    return ParsedDomain{std::move(reader.domain), reader.not_acted_on.sorted()};
}

std::vector<Diagnostic> check_domain(std::string_view text, std::string_view file, const DomainName& name,
                                     const Site::Addresses& rules) {
    const auto parsed = parse_toml(text, file);
    if (!parsed.diagnostics.empty()) return parsed.diagnostics;
    DomainReader reader(file, name, rules);
    reader.read(parsed.root);
    return reader.findings.sorted();
}

} // namespace mailctl
