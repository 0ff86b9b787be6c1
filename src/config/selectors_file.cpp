// SPDX-License-Identifier: Apache-2.0
// One table for each selector.
#include "mailctl/config/selectors_file.hpp"

#include "fields.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/config/toml/value.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::string_view selectors_manual = "mailctl-dkim(8)";

bool is_base64_text(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
               c == '=';
    });
}

void read_since(Fields& fields, Instant& since) {
    const Node* node = fields.expect("since", Node::Kind::time, "a time");
    if (!node) return;
    const auto time = parse_rfc3339(node->text);
    if (time)
        since = *time;
    else
        fields.refuse("since", node->place, "must be a time with its zone", "write it as 2026-08-29T12:00:00Z");
}

void read_public_key(Fields& fields, DkimSelector& selector) {
    fields.text("public_key", selector.public_key);
    const Node* node = fields.node("public_key");
    const bool is_needed = selector.state != SelectorState::revoked && selector.state != SelectorState::gone;
    if (!is_base64_text(selector.public_key) || (is_needed && selector.public_key.empty()))
        fields.refuse("public_key", node ? node->place : fields.table().place, "must be a key in base64",
                      "'mailctl dkim create' makes keys, and takes existing ones with --key");
}

DkimSelector read_selector(const std::string& name, const Node& node, Findings& findings) {
    DkimSelector selector;
    selector.name = name;
    Fields fields(node, {"selector", name}, findings);
    if (!is_selector_name(name))
        findings.add(node.key_place, name, "is not a selector", "letters, digits, '-' and '_'");
    fields.choice("algorithm", selector.algorithm, {{"rsa", DkimAlgorithm::rsa}, {"ed25519", DkimAlgorithm::ed25519}});
    fields.choice("state", selector.state,
                  {{"new", SelectorState::fresh},
                   {"active", SelectorState::active},
                   {"retiring", SelectorState::retiring},
                   {"revoked", SelectorState::revoked},
                   {"gone", SelectorState::gone}});
    for (const char* key : {"algorithm", "state", "since"})
        if (!node.find(key)) fields.refuse(key, node.place, "is missing");
    read_since(fields, selector.since);
    read_public_key(fields, selector);
    fields.refuse_unknown();
    return selector;
}

std::string selector_table(const DkimSelector& selector) {
    const auto since = std::chrono::floor<std::chrono::seconds>(selector.since);
    auto time = format_rfc3339(since);
    time = time.substr(0, time.find('.')) + (time.contains('.') ? "Z" : "");
    std::string text = fmt::format("\n[{}]\nalgorithm = \"{}\"\nstate = \"{}\"\nsince = {}\n",
                                   format_key_path({"selector", selector.name}), algorithm_name(selector.algorithm),
                                   state_name(selector.state), time);
    if (!selector.public_key.empty()) text += fmt::format("public_key = {}\n", format_value(selector.public_key));
    return text;
}

} // namespace

Result<std::vector<DkimSelector>> parse_selectors(std::string_view text, std::string_view file) {
    const auto parsed = parse_toml(text, file, selectors_manual);
    if (!parsed.diagnostics.empty()) return fail(error_of(parsed.diagnostics));
    Findings findings(file);
    Fields fields(parsed.root, {}, findings);
    std::vector<DkimSelector> selectors;
    if (const Node* table = fields.expect("selector", Node::Kind::table, "a table"))
        for (const auto& [name, node] : table->entries)
            selectors.push_back(read_selector(name, node, findings));
    fields.refuse_unknown();
    if (!findings.empty()) return fail(error_of(findings.sorted()));
    return selectors;
}

std::string format_selectors(const DomainName& domain, std::span<const DkimSelector> selectors) {
    std::string text = fmt::format("# DKIM selectors of {}, written by 'mailctl dkim'. The private keys lie beside "
                                   "this file.\n# A name that stood here once is never used again.\n",
                                   domain.text());
    for (const auto& selector : selectors)
        text += selector_table(selector);
    return text;
}

} // namespace mailctl
