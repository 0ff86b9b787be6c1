// SPDX-License-Identifier: Apache-2.0
#include "mailctl/config/published_settings.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/config/site_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

// A table or a key; of `delivery` what is about one machine is left out.
constexpr std::array published_keys{"postmaster", "alternate_suffix", "time_zone", "addresses",
                                    "delivery",   "replies",          "candidates"};
constexpr std::array own_keys{"delivery.max_connections", "delivery.threads",        "delivery.idle_timeout",
                              "delivery.submit_timeout",  "delivery.journal",        "delivery.allowed_peers",
                              "delivery.socket_group",    "delivery.single_instance"};

bool is_published(const KeyPath& path) {
    return std::ranges::find(published_keys, path.front()) != published_keys.end() &&
           std::ranges::find(own_keys, join(path, ".")) == own_keys.end();
}

// Machines find each other by these; where their mail roots are is told to those that copy.
std::vector<std::pair<std::string, Value>> node_entries(const MailNode& node) {
    std::vector<std::pair<std::string, Value>> entries{{"lmtp", node.lmtp}, {"imap", node.imap}};
    if (node.state != NodeState::up) entries.emplace_back("state", std::string(node_state_word(node.state)));
    return entries;
}

void take_nodes(const MailNodes& published, const MailNodes& own, std::vector<Edit>& edits) {
    for (const auto& [name, unused] : own)
        if (!published.contains(name)) edits.emplace_back(RemoveTable{{"node", name}});
    for (const auto& [name, node] : published) {
        const auto known = own.find(name);
        if (known == own.end()) {
            edits.emplace_back(AddTable{{"node", name}, node_entries(node)});
            continue;
        }
        const auto before = node_entries(known->second), after = node_entries(node);
        if (before == after) continue;
        for (const auto& [key, value] : after)
            edits.emplace_back(SetValue{{"node", name, key}, value});
        if (after.size() < before.size()) edits.emplace_back(RemoveKey{{"node", name, "state"}});
    }
}

} // namespace

std::string compose_settings(const Site& site) {
    Site named = site;
    if (!named.delivery.srs_domain) named.delivery.srs_domain = named.hostname; // a node has another
    std::string text;
    for (const auto& [path, value] : setting_values(named))
        if (is_published(path)) text += fmt::format("{} = {}\n", format_key_path(path), format_value(value));
    for (const auto& [name, node] : site.nodes)
        for (const auto& [key, value] : node_entries(node))
            text += fmt::format("{} = {}\n", format_key_path({"node", name, key}), format_value(value));
    return text;
}

Result<std::vector<Edit>> take_settings(const std::string& published, const Site& own) {
    TRY_ASSIGN(const Site site, parse_site(published, "published settings"));
    const auto mine = setting_values(own);
    std::vector<Edit> edits;
    for (const auto& [path, value] : setting_values(site)) {
        if (!is_published(path)) continue;
        const auto now = std::ranges::find(mine, path, &SettingValue::path);
        if (now->value == value) continue;
        const auto* list = std::get_if<std::vector<std::string>>(&value);
        if (list && list->empty())
            edits.emplace_back(RemoveKey{path});
        else
            edits.emplace_back(SetValue{path, value});
    }
    take_nodes(site.nodes, own.nodes, edits);
    return edits;
}

} // namespace mailctl
