// SPDX-License-Identifier: Apache-2.0
// Settings that belong to the process (sockets, threads, limits of connections) are those of the start; all others
// follow the compiled directory.
#include "mailctl/delivery/serve.hpp"

#include "lmtp.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/mail/policy_request.hpp"
#include "mailctl/os/block_server.hpp"
#include "mailctl/os/endpoint.hpp"
#include "mailctl/os/lmtp_server.hpp"
#include "mailctl/os/name_service.hpp"
#include "mailctl/os/service_manager.hpp"
#include "mailctl/os/standard_streams.hpp"
#include "mailctl/os/text_socket.hpp"
#include "policy.hpp"
#include "socket_access.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <sys/resource.h>

namespace mailctl {
namespace {

constexpr unsigned default_threads = 32;

void say(std::string_view text) { complain(fmt::format("mailctl-deliver: {}", text)); }

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

// A socket that the MTA cannot reach makes no error here: it would wait in silence.
Endpoint socket_for_mta(std::string path, const SocketAccess& access) {
    return UnixEndpoint{.path = std::move(path), .mode = access.mode, .group = access.group};
}

struct Places {
    std::vector<Endpoint> endpoints;
    std::vector<SocketConcern> concerns;
};

// `own`: the site's socket, which serves if `listen` names none.
Result<Places> places_of(const Paths& paths, std::vector<std::string> listen, const std::string& own,
                         const Site& site) {
    if (listen.empty()) {
        TRY(make_run_directory(paths));
        listen.push_back("unix:" + own);
    }
    Places places;
    for (const auto& text : listen) {
        TRY_ASSIGN(auto endpoint, parse_endpoint(text));
        if (const auto* local = std::get_if<UnixEndpoint>(&endpoint)) {
            auto access = socket_access(paths, local->path, site.delivery.socket_group);
            if (access.concern) places.concerns.push_back(std::move(*access.concern));
            endpoint = socket_for_mta(local->path, access);
        }
        places.endpoints.push_back(std::move(endpoint));
    }
    return places;
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

// What the server listens on, and which files of it are ours to remove. A crash leaves them: the next start replaces
// them.
struct Sockets {
    std::vector<FileDescriptor> listeners;
    std::vector<SocketFile> files;
    std::string places;                  // for people
    std::vector<SocketConcern> concerns; // who cannot reach them

    Sockets() = default;
    Sockets(Sockets&&) = default;
    Sockets& operator=(Sockets&& other) noexcept {
        remove_files();
        listeners = std::move(other.listeners);
        files = std::exchange(other.files, {});
        places = std::move(other.places);
        concerns = std::move(other.concerns);
        return *this;
    }
    ~Sockets() { remove_files(); }
    void remove_files() {
        for (const auto& file : std::exchange(files, {}))
            remove_socket_file(file);
    }
};

Result<Sockets> open_sockets(const Paths& paths, const std::vector<std::string>& listen, const std::string& own,
                             std::vector<FileDescriptor> passed, const Site& site) {
    Sockets sockets;
    if (listen.empty()) sockets.listeners = std::move(passed);
    if (const auto count = sockets.listeners.size(); count > 0) {
        sockets.places = how_many(count, "passed socket");
        return sockets;
    }
    TRY_ASSIGN(auto places, places_of(paths, listen, own, site));
    sockets.concerns = std::move(places.concerns);
    for (const auto& endpoint : places.endpoints) {
        TRY_ASSIGN(auto listener, listen_on(endpoint));
        sockets.listeners.push_back(std::move(listener));
        if (const auto* local = std::get_if<UnixEndpoint>(&endpoint)) {
            TRY_ASSIGN(auto file, find_socket_file(local->path));
            sockets.files.push_back(std::move(file));
        }
        sockets.places += (sockets.places.empty() ? "" : ", ") + format_endpoint(endpoint);
    }
    return sockets;
}

void say_concerns(const Sockets& sockets) {
    for (const auto& concern : sockets.concerns)
        say(fmt::format("{}\nhint: {}", concern.what, concern.remedy));
}

struct Passed { // by the service manager
    std::vector<FileDescriptor> mail, questions;
};

Passed sort_passed_sockets() {
    Passed passed;
    for (auto& [socket, name] : take_passed_sockets())
        (name == "policy" ? passed.questions : passed.mail).push_back(std::move(socket));
    return passed;
}

// Postfix's questions at RCPT. Its files go before the server does.
struct Questions {
    std::unique_ptr<BlockServer> server;
    Sockets sockets;

    void stop() {
        sockets.remove_files();
        if (server) server->stop();
    }
};

Result<Questions> start_answering(Agent& agent, const std::vector<std::string>& listen,
                                  std::vector<FileDescriptor> passed, const Site& site) {
    Questions questions;
    TRY_ASSIGN(questions.sockets,
               open_sockets(agent.paths(), listen, agent.paths().policy_socket, std::move(passed), site));
    BlockServerOptions options;
    options.answer = [&agent](std::string_view question) { return answer_policy(agent, question); };
    options.too_long = policy_no_opinion;
    TRY_ASSIGN(options.allowed_peers, users_of(site.delivery.allowed_peers));
    TRY_ASSIGN(questions.server, BlockServer::start(std::move(questions.sockets.listeners), std::move(options)));
    return questions;
}

// Mail does not wait for it either: what nobody could ask at RCPT is answered when the message comes.
Questions answer_questions(Agent& agent, const std::vector<std::string>& listen, std::vector<FileDescriptor> passed,
                           const Site& site) {
    auto questions = start_answering(agent, listen, std::move(passed), site);
    if (questions) return std::move(*questions);
    say(fmt::format("Postfix cannot ask this agent at RCPT: {}", questions.error().what));
    return {};
}

// Mail does not wait for it: without the socket nobody can ask how the agent is, and that is all.
std::unique_ptr<TextSocket> open_status_socket(Agent& agent, const std::string& version) {
    auto socket = TextSocket::open(agent.paths().status_socket,
                                   [&agent, version] { return agent_status_line(agent.status(version)) + "\n"; });
    if (socket) return std::move(*socket);
    say(fmt::format("'mailctl status' will not find this agent: {}", socket.error().what));
    return nullptr;
}

// Half of the threads may wait for the MTA at a time: as many as there may be deliveries at once are always left.
void share_threads(Agent& agent, unsigned wanted, unsigned threads, const std::string& why) {
    agent.submissions().set_most(threads / 2);
    if (threads < wanted) say(fmt::format("only {} of {} threads could be started: {}", threads, wanted, why));
}

} // namespace

Status serve(Agent& agent, const ListenPlaces& listen, const std::string& version) {
    raise_descriptor_limit();
    const auto site = current_site(agent);
    auto passed = sort_passed_sockets();
    TRY_ASSIGN(auto sockets,
               open_sockets(agent.paths(), listen.mail, agent.paths().lmtp_socket, std::move(passed.mail), site));
    auto questions = answer_questions(agent, listen.questions, std::move(passed.questions), site);
    auto status = open_status_socket(agent, version);
    LmtpServerOptions options;
    options.threads = 2 * (site.delivery.threads == 0 ? default_threads : site.delivery.threads);
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
    options.threads_started = [&](unsigned threads, const std::string& why) {
        share_threads(agent, options.threads, threads, why);
    };
    options.ready = [&] {
        say("ready on " + sockets.places);
        say_concerns(sockets);
        if (!listen.questions.empty()) say_concerns(questions.sockets); // else they are the same
        notify_service_manager("READY=1");
    };
    options.reload = [&agent] { agent.reload(); };
    options.stopping = [&sockets, &questions, &status] { // while nobody else can have bound there
        sockets.remove_files();
        questions.stop();
        status.reset();
    };
    options.drain_timeout = std::max(options.drain_timeout, site.delivery.submit_timeout);
    return serve_lmtp(std::move(sockets.listeners), options);
}

} // namespace mailctl
