// Running Postfix's own tools.
#include "postmap.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/process.hpp"

#include <fmt/format.h>

#include <array>

namespace mailctl {

namespace {

// A cron job's PATH often lacks /usr/sbin, where these live.
Result<ProcessResult> run_postfix_tool(const std::string& name, const Site::Maps& maps,
                                       const std::vector<std::string>& arguments, const ProcessOptions& options = {}) {
    std::vector<std::string> argv{name};
    if (!maps.postfix_config_directory.empty()) argv.insert(argv.end(), {"-c", maps.postfix_config_directory});
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    auto result = run(argv, options);
    if (result || result.error().kind != ErrorKind::missing) return result;
    argv.front() = "/usr/sbin/" + name;
    return run(argv, options);
}

} // namespace

Result<std::optional<std::string>> find_database_type(const Site::Maps& maps) {
    if (maps.type != "auto") return maps.type;
    auto result = run_postfix_tool("postconf", maps, {"-m"});
    if (!result && result.error().kind == ErrorKind::missing) return std::nullopt;
    if (!result) return fail(std::move(result).error());
    if (result->status != 0)
        return fail(ErrorKind::failed,
                    fmt::format("cannot ask Postfix for its table types: {}", printable(trim(result->error_output))),
                    "set maps.type in mailctl.toml");
    const auto types = split(result->output, '\n');
    for (const std::string_view type : std::array{"lmdb", "cdb", "hash"})
        for (const auto known : types)
            if (trim(known) == type) return std::string(type);
    return "texthash";
}

std::optional<std::string> index_name(const std::string& name, const std::string& type) {
    if (type == "lmdb") return name + ".lmdb";
    if (type == "cdb") return name + ".cdb";
    if (type == "hash") return name + ".db";
    return std::nullopt;
}

namespace {

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
    if (done && trim(result->error_output).empty()) return {};
    return fail(ErrorKind::failed,
                fmt::format("postmap does not accept '{}': {}", path, printable(trim(result->error_output))),
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
