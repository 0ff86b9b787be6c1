// SPDX-License-Identifier: Apache-2.0
// Running Postfix's own tools.
#include "mailctl/change/maps/postmap.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/os/process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailctl {

// A cron job's PATH often lacks /usr/sbin, where these live.
Result<ProcessResult> run_postfix_tool(const std::string& name, const Site::Maps& maps,
                                       const std::vector<std::string>& arguments, const ProcessOptions& options) {
    std::vector<std::string> argv{name};
    if (!maps.postfix_config_directory.empty()) argv.insert(argv.end(), {"-c", maps.postfix_config_directory});
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    auto result = run(argv, options);
    if (result || result.error().kind != ErrorKind::missing) return result;
    argv.front() = "/usr/sbin/" + name;
    return run(argv, options);
}

namespace {

constexpr std::array<std::string_view, 3> indexed_types{"lmdb", "cdb", "hash"};

// "hash" of "hash:/var/lib/mailctl/maps/domains", wherever it stands in main.cf; "" = our tables are not in it.
std::string type_in_main_cf(const Site::Maps& maps, const std::string& directory) {
    const auto settings = run_postfix_tool(
        "postconf", maps,
        {"-h", "virtual_mailbox_domains", "virtual_mailbox_maps", "transport_maps", "virtual_alias_maps"});
    if (!settings || settings->status != 0) return {};
    for (const std::string_view type : {"lmdb", "cdb", "hash", "texthash"}) {
        const std::string table = fmt::format("{}:{}/", type, directory);
        const auto at = settings->output.find(table);
        const bool is_whole =
            at == 0 || (at != std::string::npos && std::string_view(" \t\n,:{").contains(settings->output[at - 1]));
        if (is_whole) return std::string(type);
    }
    return {};
}

// Of the tables that were built before; "" = none.
std::string type_of_tables(const std::string& directory) {
    for (const std::string_view type : indexed_types) {
        const auto index = index_name(directory + "/domains", std::string(type));
        if (is_readable(*index)) return std::string(type);
    }
    return {};
}

} // namespace

Result<std::optional<std::string>> find_database_type(const Site::Maps& maps, const std::string& directory) {
    if (maps.type != "auto") return maps.type;
    auto result = run_postfix_tool("postconf", maps, {"-m"});
    if (!result && result.error().kind == ErrorKind::missing) return std::nullopt;
    if (!result) return fail(std::move(result).error());
    if (result->status != 0)
        return fail(ErrorKind::failed,
                    fmt::format("cannot ask Postfix for its table types: {}", printable(trim(result->error_output))),
                    "set maps.type in mailctl.toml");
    std::vector<std::string> types;
    for (const auto known : split(result->output, '\n'))
        types.emplace_back(trim(known));
    std::vector<std::string> wanted{type_in_main_cf(maps, directory), type_of_tables(directory)};
    wanted.insert(wanted.end(), indexed_types.begin(), indexed_types.end());
    for (const auto& type : wanted)
        if (!type.empty() && std::ranges::find(types, type) != types.end()) return type;
    return "texthash";
}

std::optional<std::string> index_name(const std::string& name, const std::string& type) {
    if (type == "lmdb") return name + ".lmdb";
    if (type == "cdb") return name + ".cdb";
    if (type == "hash") return name + ".db";
    return std::nullopt;
}

namespace {

// postmap reads main.cf too, and warns of a setting that stands there twice: that says nothing of the table, and is
// `mailctl check`'s to tell.
std::string said_of_table(std::string_view errors) {
    std::string said;
    for (const auto line : split(errors, '\n'))
        if (line.find("/main.cf, line ") == std::string_view::npos) said.append(line).append(1, '\n');
    return std::string(trim(said));
}

// `absent_is_fine`: postmap -d says with status 1 that it found none of the keys.
Status run_postmap(const std::string& path, const std::string& type, const Site::Maps& maps,
                   const std::vector<std::string>& arguments, const ProcessOptions& options,
                   bool absent_is_fine = false) {
    auto result = run_postfix_tool("postmap", maps, arguments, options);
    if (!result && result.error().kind == ErrorKind::missing)
        return fail(ErrorKind::failed, fmt::format("no postmap to build '{}' tables with", type),
                    "install Postfix, or set maps.type = \"texthash\" in mailctl.toml");
    if (!result) return fail(std::move(result).error());
    const bool done = result->status == 0 || (absent_is_fine && result->status == 1);
    const auto said = said_of_table(result->error_output);
    if (done && said.empty()) return {};
    return fail(ErrorKind::failed, fmt::format("postmap does not accept '{}': {}", path, printable(said)),
                "mailctl map show NAME prints what it was given");
}

std::string lines_of(std::span<const std::string> lines) {
    std::string text;
    for (const auto& line : lines)
        text.append(line).append(1, '\n');
    return text;
}

} // namespace

Status build_index(const std::string& path, MapKind kind, const std::string& type, const Site::Maps& maps) {
    std::vector<std::string> arguments;
    if (kind == MapKind::sni) arguments.emplace_back("-F");
    arguments.push_back(fmt::format("{}:{}", type, path));
    ProcessOptions options;
    options.timeout = std::chrono::minutes{10}; // a million rows take seconds; a slow disk more
    return run_postmap(path, type, maps, arguments, options);
}

std::optional<std::set<std::string>> find_postfix_services(const Site::Maps& maps) {
    const auto result = run_postfix_tool("postconf", maps, {"-M"});
    if (!result || result->status != 0) return std::nullopt;
    std::set<std::string> services;
    for (const auto line : split(std::string_view(result->output), '\n'))
        services.emplace(line.substr(0, line.find_first_of(" \t")));
    return services;
}

bool has_changeable_index(const std::string& type) { return type == "lmdb" || type == "texthash"; }

Status change_index(const std::string& path, const std::string& type, const Site::Maps& maps,
                    std::span<const std::string> removed_keys, std::span<const std::string> added_rows) {
    if (!index_name(path, type)) return {};
    const std::string table = fmt::format("{}:{}", type, path);
    ProcessOptions options;
    if (!removed_keys.empty()) {
        options.input = lines_of(removed_keys);
        TRY(run_postmap(path, type, maps, {"-d", "-", table}, options, true));
    }
    if (added_rows.empty()) return {};
    options.input = lines_of(added_rows);
    return run_postmap(path, type, maps, {"-r", "-i", table}, options);
}

} // namespace mailctl
