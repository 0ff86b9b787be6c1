// SPDX-License-Identifier: Apache-2.0
// "from DIGEST", "whole BYTES", "inputs DIGEST", "state ...", then "inode size mtime ctime name" for each file.
#include "mailctl/change/maps/ledger.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/change/maps/dovecot_version.hpp"
#include "mailctl/exchange/maps/front_maps.hpp"
#include "mailctl/os/digest.hpp"
#include "mailctl/routing/record.hpp"
#include "mailctl/store/directory.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace mailctl {

namespace {

std::string ledger_path(const Paths& paths) { return paths.maps + "/.ledger"; }
std::string inputs_path(const Paths& paths) { return paths.maps + "/.inputs"; }

constexpr std::array<std::string_view, 4> head_words{"from ", "whole ", "inputs ", "state "};

struct Described {
    std::string text;
    MapLedger ledger;
};

std::string head_text(const MapOrigin& origin, const std::string& state) {
    return fmt::format("from {}\nwhole {}\ninputs {}\nstate {}\n", origin.made_from, origin.whole_bytes, origin.inputs,
                       state);
}

// nullopt: it is none, or another version's.
std::optional<MapLedger> parse_head(std::string_view text) {
    std::array<std::string_view, head_words.size()> values;
    for (std::size_t i = 0; i < head_words.size(); ++i) {
        const auto line = text.substr(0, text.find('\n'));
        if (!line.starts_with(head_words[i]) || line.size() == text.size()) return std::nullopt;
        values[i] = line.substr(head_words[i].size());
        text.remove_prefix(line.size() + 1);
    }
    MapLedger ledger{{std::string(values[0]), std::string(values[2]), 0}, std::string(values[3]), {}};
    const auto end = values[1].data() + values[1].size();
    if (std::from_chars(values[1].data(), end, ledger.origin.whole_bytes).ptr != end) return std::nullopt;
    return ledger;
}

Result<Described> describe(const Paths& paths, MapLedger head) {
    Described described{head_text(head.origin, head.state), std::move(head)};
    auto names = list_directory(paths.maps);
    if (!names) return fail(std::move(names).error());
    for (const auto& name : *names) {
        if (is_front_map(name)) continue;
        TRY_ASSIGN(const auto stamp, find_stamp(paths.maps + "/" + name));
        if (!stamp) continue;
        described.text += fmt::format("{} {}\n", stamp_text(*stamp), name);
        described.ledger.sizes.emplace(name, stamp->size);
    }
    return described;
}

Status write_ledger(const Paths& paths, MapOrigin origin) {
    TRY_ASSIGN(auto state, compiled_state(paths));
    TRY_ASSIGN(const auto described, describe(paths, {std::move(origin), std::move(state), {}}));
    return replace_file(ledger_path(paths), described.text, FileMode{0600, std::nullopt});
}

} // namespace

std::uint64_t MapLedger::bytes() const {
    std::uint64_t sum = 0;
    for (const auto& [unused, size] : sizes)
        sum += size;
    return sum;
}

std::string maps_made_from(const MapContext& context, const Site& site, const std::optional<FileStamp>& program) {
    return digest(fmt::format("1 {} {}\n{}\n{}\n{}\n{}\n{}\n{}\n{} {}\n{}\n{}\n{}", dovecot_number(context.dovecot),
                              context.maps, context.mail, context.lmtp_socket, context.policy_service, context.root,
                              context.deliver_program, context.database_type, context.uid, context.gid,
                              format_date(context.today), stamp_text(program.value_or(FileStamp{})),
                              encode_site(site)));
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
    auto head = parse_head(text);
    if (!head || head->origin.made_from != made_from) return std::nullopt;
    TRY_ASSIGN(auto described, describe(paths, std::move(*head)));
    if (text != described.text) return std::nullopt;
    return std::move(described.ledger);
}

Status drop_ledger(const Paths& paths) { return remove_file(ledger_path(paths)); }

Status write_ledger_of_whole(const Paths& paths, const std::string& made_from,
                             const std::optional<std::string>& inputs) {
    MapOrigin origin{made_from, {}, 0};
    if (inputs) {
        TRY(replace_file(inputs_path(paths), *inputs, FileMode{0600, std::nullopt}));
        origin.inputs = digest(*inputs);
    }
    TRY_ASSIGN(const auto described, describe(paths, {}));
    origin.whole_bytes = described.ledger.bytes();
    return write_ledger(paths, std::move(origin));
}

Status write_ledger_of_rows(const Paths& paths, const std::string& earlier) {
    auto head = parse_head(earlier);
    if (!head) return {}; // whoever changed rows has read it
    return write_ledger(paths, std::move(head->origin));
}

Result<std::string> compiled_state(const Paths& paths) {
    TRY_ASSIGN(const auto file, find_stamp(paths.directory + "/data.mdb"));
    TRY_ASSIGN(const auto applied, find_stamp(paths.history + "/applied/domains"));
    if (!file) return std::string();
    const auto directory = Directory::open(paths.directory);
    if (!directory) return std::string(); // a damaged one says nothing of the maps
    const auto snapshot = directory->snapshot();
    if (!snapshot) return std::string();
    return fmt::format("{} {} {}", (*snapshot)->generation(), file->inode, stamp_text(applied.value_or(FileStamp{})));
}

Result<std::optional<std::string>> find_inputs(const Paths& paths, const MapLedger& ledger) {
    if (ledger.origin.inputs.empty()) return std::nullopt;
    TRY_ASSIGN(auto text, find_file(inputs_path(paths)));
    if (!text || digest(*text) != ledger.origin.inputs) return std::nullopt;
    return text;
}

} // namespace mailctl
