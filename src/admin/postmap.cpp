// Running Postfix's own tools.
#include "mailctl/admin/postmap.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/system/process.hpp"

#include <fmt/format.h>

#include <array>

namespace mailctl {

namespace {

// A cron job's PATH often lacks /usr/sbin, where these live.
Result<ProcessResult> run_postfix_tool(const std::string& name, const Site::Maps& maps,
                                       const std::vector<std::string>& arguments) {
    std::vector<std::string> argv{name};
    if (!maps.postfix_config_directory.empty()) argv.insert(argv.end(), {"-c", maps.postfix_config_directory});
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    auto result = run(argv);
    if (result || result.error().kind != ErrorKind::missing) return result;
    argv.front() = "/usr/sbin/" + name;
    return run(argv);
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

Status build_index(const std::string& path, MapKind kind, const std::string& type, const Site::Maps& maps) {
    std::vector<std::string> arguments;
    if (kind == MapKind::sni) arguments.emplace_back("-F");
    arguments.push_back(fmt::format("{}:{}", type, path));
    auto result = run_postfix_tool("postmap", maps, arguments);
    if (!result && result.error().kind == ErrorKind::missing)
        return fail(ErrorKind::failed, fmt::format("no postmap to build '{}' tables with", type),
                    "install Postfix, or set maps.type = \"texthash\" in mailctl.toml");
    if (!result) return fail(std::move(result).error());
    if (result->status == 0 && trim(result->error_output).empty()) return {};
    return fail(ErrorKind::failed,
                fmt::format("postmap does not accept '{}': {}", path, printable(trim(result->error_output))),
                "mailctl map show NAME prints what it was given");
}

} // namespace mailctl
