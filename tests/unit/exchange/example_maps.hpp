// The maps of the site that the routing tests use.
#pragma once

#include "../routing/example_site.hpp"
#include "mailctl/exchange/map_file.hpp"

#include <algorithm>

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

inline std::vector<MapFile> maps_of(const ExampleSite& example, const MapContext& context = map_context()) {
    const auto lookup = example.lookup();
    return make_maps({context, example.site, example.domains, lookup}).value();
}

// The text of one map without its header.
inline std::string body_of(const std::vector<MapFile>& files, std::string_view name) {
    const auto file = std::ranges::find(files, name, &MapFile::name);
    if (file == files.end()) return "no such map";
    auto text = file->text;
    while (text.starts_with("# generated") || text.starts_with("# "))
        text.erase(0, text.find('\n') + 1);
    return text;
}

} // namespace mailctl::example
