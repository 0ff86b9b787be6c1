// SPDX-License-Identifier: Apache-2.0
// The maps of the site that the routing tests use.
#pragma once

#include "../routing/example_site.hpp"
#include "mailctl/exchange/maps/map_file.hpp"

#include <algorithm>
#include <stdexcept>

namespace mailctl::example {

inline MapContext map_context() {
    MapContext context;
    context.maps = "/lib/maps";
    context.mail = "/mail";
    context.lmtp_socket = "/run/lmtp.sock";
    context.root = "/site";
    context.mailbox_directory = [](const Address& mailbox) {
        return mailbox.domain.text() + '/' + mailbox.local.text();
    };
    context.uid = 500;
    context.gid = 600;
    context.today = ExampleSite().settings().today;
    return context;
}

inline std::vector<MapFile> maps_of(const ExampleSite& example, MapContext context = map_context()) {
    const auto version = example.site.maps.dovecot;
    context.dovecot = version == DovecotVersion::installed ? DovecotVersion::v23 : version; // nothing is installed here
    const auto lookup = example.lookup();
    const auto find_domain = [&](const DomainName& name) -> Result<std::optional<Domain>> {
        const auto found = example.domains.find(name);
        return found == example.domains.end() ? std::nullopt : std::optional(found->second);
    };
    SiteMaps maps({context, example.site, lookup, find_domain});
    for (const auto& [unused, domain] : example.domains)
        if (!maps.add(domain)) throw std::runtime_error("no maps of " + domain.name.text());
    return std::move(maps).finish().value();
}

// The text of one map without its header and the headings of its domains.
inline std::string body_of(const std::vector<MapFile>& files, std::string_view name) {
    const auto file = std::ranges::find(files, name, &MapFile::name);
    if (file == files.end()) return "no such map";
    std::string body;
    for (auto text = std::string_view(file->text); !text.empty();) {
        const auto line = text.substr(0, text.find('\n') + 1);
        if (!line.starts_with("# ")) body += line;
        text.remove_prefix(line.size());
    }
    return body;
}

} // namespace mailctl::example
