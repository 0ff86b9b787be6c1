// SPDX-License-Identifier: Apache-2.0
// The environment is read here and nowhere else in this floor, but for the editor's.
#include "site_place.hpp"

#include "invocation.hpp"
#include "mailctl/model/others_address.hpp"

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mailctl {
namespace {

std::optional<std::string> find_variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
}

std::string actor() {
    if (const auto user = find_variable("SUDO_USER")) return *user;
    const passwd* entry = ::getpwuid(::getuid());
    return entry == nullptr ? fmt::format("uid {}", ::getuid()) : entry->pw_name;
}

// A site below --root belongs to one user. Root's files in it would be in that user's way, so root acts as that user
// there.
Status act_as_owner(const Paths& paths) {
    struct stat about {};
    if (paths.root.empty() || ::geteuid() != 0) return {};
    if (::stat(paths.site_file.c_str(), &about) != 0 && ::stat(paths.root.c_str(), &about) != 0) return {};
    if (about.st_uid == 0) return {};
    if (::setgroups(1, &about.st_gid) == 0 && ::setgid(about.st_gid) == 0 && ::setuid(about.st_uid) == 0) return {};
    return fail(system_error(errno, "cannot act as the owner of", paths.root));
}

} // namespace

Result<Paths> find_paths(const Arguments& arguments) {
    const auto option = arguments.find("root");
    if (option && option->empty()) return fail(ErrorKind::usage, "--root needs a directory");
    auto root = option ? option : find_variable("MAILCTL_ROOT");
    if (!root) return system_paths();
    if (root->starts_with('/')) return paths_below(*root);
    while (root->starts_with("./"))
        root->erase(0, 2);
    std::array<char, PATH_MAX> here{};
    if (::getcwd(here.data(), here.size()) == nullptr)
        return fail(system_error(errno, "cannot tell where this is", *root));
    return paths_below(std::string(here.data()) + "/" + *root);
}

Result<World> make_world(const Arguments& arguments, std::span<const std::string> words) {
    TRY_ASSIGN(Paths paths, find_paths(arguments));
    const std::string who = actor(); // as he came
    TRY(act_as_owner(paths));
    return World{.paths = std::move(paths), .clock = now, .actor = who, .command_line = format_command_line(words)};
}

Result<std::optional<DomainName>> find_default_domain(const Arguments& arguments) {
    const auto option = arguments.find("domain");
    const auto name = option ? option : find_variable("MAILCTL_DOMAIN");
    if (!name) return std::optional<DomainName>{};
    auto domain = parse_others_domain(*name); // what is looked for in logs may be somebody else's
    if (!domain) return fail(domain.error().while_doing(option ? "--domain" : "MAILCTL_DOMAIN"));
    return std::optional(std::move(*domain));
}

} // namespace mailctl
