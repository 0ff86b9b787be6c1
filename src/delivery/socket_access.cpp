// SPDX-License-Identifier: Apache-2.0
// The group is looked up once, at the start, as the server's other settings are.
#include "socket_access.hpp"

#include "mailctl/os/name_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace mailctl {
namespace {

constexpr mode_t owner_alone = 0600, with_group = 0660, for_all_to_pass = 0755;
constexpr mode_t group_may_pass = S_IXGRP, others_may_pass = S_IXOTH;

bool may_give(gid_t group) {
    if (::geteuid() == 0 || ::getegid() == group) return true;
    std::vector<gid_t> own(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
    if (::getgroups(static_cast<int>(own.size()), own.data()) < 0) return false;
    return std::find(own.begin(), own.end(), group) != own.end();
}

SocketConcern no_such_group(const std::string& socket, const std::string& group, const std::string& why) {
    return {fmt::format("the MTA cannot connect to '{}': {}", socket, why),
            fmt::format("make the group '{}', or name another: mailctl config set delivery.socket_group=GROUP", group)};
}

SocketConcern not_a_member(const std::string& socket, const std::string& group) {
    return {fmt::format("the MTA cannot connect to '{}': this agent is not in the group '{}', and may not give the "
                        "socket to it",
                        socket, group),
            fmt::format("usermod -aG {} USER, for the user that the agent runs as, and start it again; or let systemd "
                        "hold the socket",
                        group)};
}

SocketConcern barred(const std::string& socket, const std::string& group, const std::string& directory) {
    return {fmt::format("the MTA cannot connect to '{}': members of the group '{}' cannot pass '{}'", socket, group,
                        directory),
            fmt::format("chmod o+x '{}', or listen elsewhere", directory)};
}

} // namespace

std::optional<std::string> find_barrier(const std::string& file, gid_t group) {
    for (auto end = file.find('/', 1); end != file.npos; end = file.find('/', end + 1)) {
        const auto directory = file.substr(0, end);
        struct stat about {};
        if (::stat(directory.c_str(), &about) != 0) return std::nullopt; // making the socket says more about it
        const auto needed = about.st_gid == group ? group_may_pass : others_may_pass;
        if ((about.st_mode & needed) == 0) return directory;
    }
    return std::nullopt;
}

SocketAccess socket_access(const Paths& paths, const std::string& socket, const std::string& group) {
    SocketAccess access{.mode = paths.root.empty() ? with_group : owner_alone, .group = {}, .concern = {}};
    const auto found = find_group(group);
    if (!found) {
        access.concern = no_such_group(socket, group, found.error().what);
    } else if (!*found) {
        if (paths.root.empty())
            access.concern = no_such_group(socket, group, fmt::format("there is no group '{}'", group));
    } else if (!may_give(**found)) {
        access.concern = not_a_member(socket, group);
    } else {
        access.mode = with_group;
        access.group = **found;
        if (const auto barrier = find_barrier(socket, **found)) access.concern = barred(socket, group, *barrier);
    }
    return access;
}

Status make_run_directory(const Paths& paths) {
    struct stat about {};
    if (::stat(paths.run.c_str(), &about) == 0 && S_ISDIR(about.st_mode)) return {};
    auto made = make_directories(paths.run, for_all_to_pass);
    if (!made && paths.root.empty())
        return fail(made.error().kind, made.error().what,
                    "'mailctl init', run again as root, makes it; after each boot a line in /etc/tmpfiles.d does: "
                    "d /run/mailctl 0755 vmail vmail");
    if (!made) return made;
    // The agent's umask lets nobody in.
    if (::chmod(paths.run.c_str(), for_all_to_pass) != 0)
        return fail(system_error(errno, "cannot set the mode of", paths.run));
    return {};
}

} // namespace mailctl
