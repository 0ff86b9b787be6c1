// Settings that belong to the process (sockets, threads, limits of connections) are those of the start; all others
// follow the compiled directory.
#include "mailctl/delivery/serve.hpp"

#include "mailctl/delivery/lmtp.hpp"
#include "mailctl/os/endpoint.hpp"
#include "mailctl/os/lmtp_server.hpp"
#include "mailctl/os/name_service.hpp"
#include "mailctl/os/service_manager.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <sys/resource.h>
#include <unistd.h>

namespace mailctl {
namespace {

constexpr unsigned default_threads = 32;

void say(std::string_view text) { fmt::print(stderr, "mailctl-deliver: {}\n", text); }

// Each connection is a descriptor; the default soft limit of 1024 is for programs that use select(2).
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
    limit.rlim_cur = limit.rlim_max;
    (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

Site current_site(Agent& agent) {
    const auto view = agent.view();
    if (view) return view->settings->site;
    say(fmt::format("{}; mail is deferred until then", view.error().what));
    if (!view.error().hint.empty()) say(fmt::format("hint: {}", view.error().hint));
    return Site{};
}

// On the system paths the MTA reaches the socket through its group. Below --root it is the caller's own.
UnixEndpoint socket_of(const Paths& paths, std::string path, const Site& site) {
    UnixEndpoint endpoint{.path = std::move(path), .mode = 0600, .group = {}};
    if (!paths.root.empty()) return endpoint;
    endpoint.mode = 0660;
    const auto group = find_group(site.delivery.socket_group).value_or(std::nullopt);
    if (!group) return endpoint;
    std::vector<gid_t> own(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
    if (::getgroups(static_cast<int>(own.size()), own.data()) < 0) own.clear();
    const bool may_give = ::geteuid() == 0 || std::find(own.begin(), own.end(), *group) != own.end();
    if (may_give) endpoint.group = group;
    return endpoint;
}

Result<std::vector<Endpoint>> endpoints_of(const Paths& paths, const std::vector<std::string>& listen,
                                           const Site& site) {
    std::vector<Endpoint> endpoints;
    if (listen.empty()) {
        TRY(make_directories(paths.run, 0755));
        endpoints.emplace_back(socket_of(paths, paths.lmtp_socket, site));
    }
    for (const auto& text : listen) {
        TRY_ASSIGN(auto endpoint, parse_endpoint(text));
        if (auto* local = std::get_if<UnixEndpoint>(&endpoint)) *local = socket_of(paths, local->path, site);
        endpoints.push_back(std::move(endpoint));
    }
    return endpoints;
}

Result<std::optional<std::vector<uid_t>>> users_of(const std::vector<std::string>& names) {
    if (names.empty()) return std::nullopt;
    std::vector<uid_t> users;
    for (const auto& name : names) {
        TRY_ASSIGN(const auto account, find_account(name));
        if (!account)
            return fail(ErrorKind::invalid, fmt::format("delivery.allowed_peers names '{}', which is no account", name),
                        "mailctl config set delivery.allowed_peers=...");
        users.push_back(account->user);
    }
    return users;
}

} // namespace

Status serve(Agent& agent, const std::vector<std::string>& listen) {
    raise_descriptor_limit();
    const auto site = current_site(agent);
    std::vector<FileDescriptor> listeners;
    std::vector<std::string> own_sockets;
    std::string places;
    if (listen.empty()) listeners = take_passed_sockets();
    if (!listeners.empty()) {
        places = fmt::format("{} passed socket{}", listeners.size(), listeners.size() == 1 ? "" : "s");
    } else {
        TRY_ASSIGN(const auto endpoints, endpoints_of(agent.paths(), listen, site));
        for (const auto& endpoint : endpoints) {
            TRY_ASSIGN(auto listener, listen_on(endpoint));
            listeners.push_back(std::move(listener));
            if (const auto* local = std::get_if<UnixEndpoint>(&endpoint)) own_sockets.push_back(local->path);
            places += (places.empty() ? "" : ", ") + format_endpoint(endpoint);
        }
    }
    LmtpServerOptions options;
    options.threads = site.delivery.threads == 0 ? default_threads : site.delivery.threads;
    options.max_connections = site.delivery.max_connections;
    options.idle_timeout = site.delivery.idle_timeout;
    TRY_ASSIGN(options.allowed_peers, users_of(site.delivery.allowed_peers));
    options.admit = [&agent](const std::string& peer) {
        const auto view = agent.view();
        const auto now = view ? view->settings->site : Site{};
        return LmtpService{.limits = {.max_message_size = now.delivery.max_message_size,
                                      .max_recipients = now.delivery.max_recipients},
                           .hostname = now.hostname,
                           .handler = std::make_unique<LmtpDelivery>(agent, peer)};
    };
    options.ready = [&places] {
        say("ready on " + places);
        notify_service_manager("READY=1");
    };
    options.reload = [&agent] { agent.reload(); };
    const auto served = serve_lmtp(std::move(listeners), options);
    for (const auto& path : own_sockets)
        ::unlink(
            path.c_str()); // nobody answers there any more; a crash leaves the file, and the next start replaces it
    return served;
}

} // namespace mailctl
