// SPDX-License-Identifier: Apache-2.0
#include "node_readers.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/config/names.hpp"
#include "mailctl/config/node_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

Place place_in(const Fields& fields, std::string_view key) {
    const Node* value = fields.table().find(key);
    return value ? value->place : fields.table().place;
}

void read_lmtp(Fields& fields, MailNode& node) {
    fields.text("lmtp", node.lmtp);
    if (!parse_host_port(node.lmtp))
        fields.refuse("lmtp", place_in(fields, "lmtp"),
                      node.lmtp.empty()
                          ? "is missing"
                          : fmt::format("'{}' is not the address and port of an LMTP server", printable(node.lmtp)),
                      "write where its delivery agent listens, such as \"10.0.0.7:24\"");
}

void read_imap(Fields& fields, MailNode& node) {
    fields.text("imap", node.imap);
    if (!is_ip_address(node.imap))
        fields.refuse("imap", place_in(fields, "imap"),
                      node.imap.empty() ? "is missing" : fmt::format("'{}' is not an IP address", printable(node.imap)),
                      "write the address of its IMAP server, such as \"10.0.0.7\"");
}

// The last words of the command that copies: nothing in it may pass for an option, and Postfix tables have lines.
void read_mail_place(Fields& fields, MailNode& node) {
    fields.text("mail", node.mail);
    const auto colon = node.mail.find(':');
    const auto path = colon == std::string::npos ? node.mail : node.mail.substr(colon + 1);
    const bool has_host = colon == std::string::npos || (colon > 0 && node.mail.front() != '-');
    if (!node.mail.empty() && (!path.starts_with('/') || !has_host))
        fields.refuse("mail", place_in(fields, "mail"),
                      fmt::format("'{}' is not the place of a mail root", printable(node.mail)),
                      "write \"HOST:/PATH\" or \"/PATH\"");
}

void read_node(Fields& fields, MailNode& node) {
    read_lmtp(fields, node);
    read_imap(fields, node);
    fields.choice("state", node.state,
                  {{"up", NodeState::up}, {"draining", NodeState::draining}, {"down", NodeState::down}});
    read_mail_place(fields, node);
    fields.refuse_unknown();
}

// The names of parameters in a connection string; for a URI those behind '?', and "password" where one stands
// before '@'.
std::vector<std::string> parameters_of_uri(std::string_view text) {
    std::vector<std::string> names;
    text.remove_prefix(text.find("://") + 3);
    const auto question = text.find('?');
    const auto before = text.substr(0, question);
    const auto user = before.substr(0, before.find('/'));
    const auto at = user.rfind('@');
    if (at != user.npos && user.substr(0, at).find(':') != user.npos) names.emplace_back("password");
    if (question == text.npos) return names;
    for (const auto word : split(text.substr(question + 1), '&'))
        names.emplace_back(word.substr(0, word.find('=')));
    return names;
}

// "host = 'a b' dbname=x": libpq lets blanks stand around '=', quotes around values and '\' before any character.
std::optional<std::vector<std::string>> parameters_of_words(std::string_view text) {
    std::vector<std::string> names;
    constexpr std::string_view blanks = " \t\n\r";
    for (std::size_t at = text.find_first_not_of(blanks); at != text.npos; at = text.find_first_not_of(blanks, at)) {
        const auto equals = text.find('=', at);
        if (equals == text.npos) return std::nullopt;
        names.emplace_back(trim(text.substr(at, equals - at)));
        at = text.find_first_not_of(blanks, equals + 1);
        if (at == text.npos) return names;
        const bool is_quoted = text[at] == '\'';
        for (at += is_quoted; at < text.size(); ++at) {
            if (is_quoted ? text[at] == '\'' : blanks.find(text[at]) != blanks.npos) break;
            if (text[at] == '\\') ++at;
        }
        if (is_quoted && at >= text.size()) return std::nullopt;
        at = std::min(at + is_quoted, text.size());
    }
    return names;
}

} // namespace

const std::vector<NodeKey>& node_keys() {
    static const std::vector<NodeKey> keys{
        {"lmtp", "address and port where its delivery agent listens", [](const MailNode& n) { return n.lmtp; }},
        {"imap", "address of its IMAP server", [](const MailNode& n) { return n.imap; }},
        {"state", "up, draining or down; mail for a node that is not up waits at the front ends",
         [](const MailNode& n) { return std::string(node_state_word(n.state)); }, true},
        {"mail", "its mail root as HOST:PATH or a path, for the node that fetches mail from it",
         [](const MailNode& n) { return n.mail; }, true},
    };
    return keys;
}

const NodeKey* find_node_key(std::string_view name) {
    const auto found = std::ranges::find(node_keys(), name, &NodeKey::name);
    return found == node_keys().end() ? nullptr : &*found;
}

std::optional<DatabaseObjection> object_to_database(std::string_view text) {
    const bool is_uri = text.starts_with("postgresql://") || text.starts_with("postgres://");
    const auto names = is_uri ? parameters_of_uri(text) : parameters_of_words(text);
    if (!names || std::ranges::any_of(*names, [](const auto& name) { return name.contains('%'); }))
        return DatabaseObjection{fmt::format("'{}' is not a connection string", printable(text)),
                                 "write words such as \"host=db.example.net dbname=mailctl user=mailctl\""};
    for (const auto* secret : {"password", "sslpassword", "oauth_client_secret"})
        if (std::ranges::find(*names, secret) != names->end())
            return DatabaseObjection{
                fmt::format("a connection string holds no secret, and this one has '{}'", secret),
                "keep it in a file of mode 0600 and name that: passfile=/etc/mailctl/pgpass, or service=NAME"};
    return std::nullopt;
}

void read_nodes(Fields& table, const KeyPath& path, MailNodes& nodes, Findings& findings) {
    for (const auto& [name, value] : table.table().entries) {
        if (name == "copy") continue;
        (void)table.node(name);
        if (const auto objection = object_to_node_name(name)) {
            table.refuse(name, value.key_place, objection->message, objection->remedy);
            continue;
        }
        KeyPath inner = path;
        inner.push_back(name);
        Fields fields(value, std::move(inner), findings);
        read_node(fields, nodes[name]);
    }
}

void read_database(Fields& fields, std::string_view key, std::string& out) {
    std::string text;
    fields.text(key, text);
    if (const auto objection = object_to_database(text))
        return fields.refuse(key, place_in(fields, key), objection->message, objection->remedy);
    if (fields.table().find(key)) out = std::move(text);
}

void read_copy_program(Fields& fields, std::string_view key, std::string& out) {
    std::string text = out;
    fields.text(key, text);
    if (trim(text).empty() || text.starts_with('-'))
        return fields.refuse(key, place_in(fields, key), fmt::format("'{}' is not a program", printable(text)),
                             "write a program and its options, such as \"rsync -aH --delete\"");
    out = std::move(text);
}

} // namespace mailctl
