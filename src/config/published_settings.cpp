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

} // namespace

std::string compose_settings(const Site& site) {
    Site named = site;
    if (!named.delivery.srs_domain) named.delivery.srs_domain = named.hostname; // a node has another
    std::string text;
    for (const auto& [path, value] : setting_values(named))
        if (is_published(path)) text += fmt::format("{} = {}\n", format_key_path(path), format_value(value));
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
    return edits;
}

} // namespace mailctl
