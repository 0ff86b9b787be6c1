// SPDX-License-Identifier: Apache-2.0
// "from DIGEST", then "inode size mtime ctime name" for each file.
#include "mailctl/change/maps/ledger.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/change/maps/dovecot_version.hpp"
#include "mailctl/exchange/maps/front_maps.hpp"
#include "mailctl/os/digest.hpp"
#include "mailctl/routing/record.hpp"

#include <fmt/format.h>

namespace mailctl {

namespace {

std::string ledger_path(const Paths& paths) { return paths.maps + "/.ledger"; }

std::string file_line(const FileStamp& stamp, const std::string& name) {
    return fmt::format("{} {} {} {} {}\n", stamp.inode, stamp.size, stamp.mtime_ns, stamp.ctime_ns, name);
}

struct Described {
    std::string text;
    MapLedger sizes;
};

Result<Described> describe(const Paths& paths, const std::string& made_from) {
    Described described{fmt::format("from {}\n", made_from), {}};
    auto names = list_directory(paths.maps);
    if (!names) return fail(std::move(names).error());
    for (const auto& name : *names) {
        if (is_front_map(name)) continue;
        TRY_ASSIGN(const auto stamp, find_stamp(paths.maps + "/" + name));
        if (!stamp) continue;
        described.text += file_line(*stamp, name);
        described.sizes.emplace(name, stamp->size);
    }
    return described;
}

} // namespace

std::string maps_made_from(const MapContext& context, const Site& site) {
    return digest(fmt::format("1 {} {}\n{}\n{}\n{}\n{}\n{}\n{}\n{} {}\n{}\n{}", dovecot_number(context.dovecot),
                              context.maps, context.mail, context.lmtp_socket, context.policy_service, context.root,
                              context.deliver_program, context.database_type, context.uid, context.gid,
                              format_date(context.today), encode_site(site)));
}

Result<std::optional<std::string>> find_ledger(const Paths& paths) { return find_file(ledger_path(paths)); }

Result<std::optional<std::string>> take_ledger(const Paths& paths) {
    auto text = find_ledger(paths); // what cannot be read is none: it is made again
    if (!text || *text) {
        TRY(drop_ledger(paths));
    }
    return text.value_or(std::nullopt);
}

Result<std::optional<MapLedger>> read_ledger(const Paths& paths, const std::string& text,
                                             const std::string& made_from) {
    TRY_ASSIGN(auto described, describe(paths, made_from));
    if (text != described.text) return std::nullopt;
    return std::move(described.sizes);
}

Status drop_ledger(const Paths& paths) { return remove_file(ledger_path(paths)); }

Status write_ledger(const Paths& paths, const std::string& made_from) {
    TRY_ASSIGN(const auto described, describe(paths, made_from));
    return replace_file(ledger_path(paths), described.text, FileMode{0600, std::nullopt});
}

} // namespace mailctl
