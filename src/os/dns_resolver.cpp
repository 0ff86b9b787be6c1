// SPDX-License-Identifier: Apache-2.0
// One context of libunbound for the resolver, and one for each server that is asked directly, of which the idle ones go
// when there are many. libunbound has no deadline for a question, so that each is cancelled here when its time is over.
#include "mailctl/os/dns_resolver.hpp"

#include "loaded_library.hpp"
#include "mailctl/os/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <poll.h>
#include <unbound.h>

namespace mailctl {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;
constexpr std::size_t most_contexts = 32;

// libunbound and what it brings along would cost every start of mailctl half a millisecond, and few commands ask the
// DNS: it is loaded when the first one does. Its header says what each function is.
struct Unbound {
    decltype(&::ub_ctx_create) ctx_create = nullptr;
    decltype(&::ub_ctx_delete) ctx_delete = nullptr;
    decltype(&::ub_ctx_set_option) ctx_set_option = nullptr;
    decltype(&::ub_ctx_zone_remove) ctx_zone_remove = nullptr;
    decltype(&::ub_ctx_set_fwd) ctx_set_fwd = nullptr;
    decltype(&::ub_ctx_resolvconf) ctx_resolvconf = nullptr;
    decltype(&::ub_ctx_add_ta_file) ctx_add_ta_file = nullptr;
    decltype(&::ub_ctx_async) ctx_async = nullptr;
    decltype(&::ub_strerror) strerror = nullptr;
    decltype(&::ub_resolve_async) resolve_async = nullptr;
    decltype(&::ub_resolve_free) resolve_free = nullptr;
    decltype(&::ub_cancel) cancel = nullptr;
    decltype(&::ub_poll) poll = nullptr;
    decltype(&::ub_process) process = nullptr;
    decltype(&::ub_fd) fd = nullptr;
    std::string trouble; // "" = all of it is there

    Unbound() {
        LoadedLibrary library("libunbound.so.8");
        library.bind("ub_ctx_create", ctx_create);
        library.bind("ub_ctx_delete", ctx_delete);
        library.bind("ub_ctx_set_option", ctx_set_option);
        library.bind("ub_ctx_zone_remove", ctx_zone_remove);
        library.bind("ub_ctx_set_fwd", ctx_set_fwd);
        library.bind("ub_ctx_resolvconf", ctx_resolvconf);
        library.bind("ub_ctx_add_ta_file", ctx_add_ta_file);
        library.bind("ub_ctx_async", ctx_async);
        library.bind("ub_strerror", strerror);
        library.bind("ub_resolve_async", resolve_async);
        library.bind("ub_resolve_free", resolve_free);
        library.bind("ub_cancel", cancel);
        library.bind("ub_poll", poll);
        library.bind("ub_process", process);
        library.bind("ub_fd", fd);
        trouble = library.trouble();
    }
};

const Unbound& unbound() {
    static const Unbound library;
    return library;
}

struct ContextEnd {
    void operator()(ub_ctx* context) const { unbound().ctx_delete(context); }
};
using Context = std::unique_ptr<ub_ctx, ContextEnd>;

// Defaults let a dead server take minutes, and answer for names of their own. What an older libunbound does not know of
// these it does without.
void set_options(ub_ctx* context) {
    constexpr std::array<std::array<const char*, 2>, 10> options{{
        {"infra-cache-max-rtt:", "3000"},
        {"outbound-msg-retry:", "3"},
        {"max-sent-count:", "16"},
        {"unknown-server-time-limit:", "1000"},
        {"outgoing-range:", "512"},
        {"num-queries-per-thread:", "256"},
        {"do-not-query-localhost:", "no"},
        {"unblock-lan-zones:", "yes"},
        {"val-log-level:", "2"},
        {"edns-buffer-size:", "1232"},
    }};
    for (const auto& [name, value] : options)
        unbound().ctx_set_option(context, name, value);
}

// Zones that libunbound answers for by itself. They can be taken away only when everything else is set.
void remove_own_zones(ub_ctx* context) {
    for (const char* zone : {"localhost.", "127.in-addr.arpa.", "test.", "invalid.", "onion.", "home.arpa.",
                             "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa."})
        unbound().ctx_zone_remove(context, zone);
}

// "192.0.2.1:53" as libunbound writes it.
std::string at_form(const std::string& server) {
    const auto colon = server.rfind(':');
    auto host = server.substr(0, colon);
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    return fmt::format("{}@{}", host, server.substr(colon + 1));
}

Result<Context> make_context(const std::vector<std::string>& forwarders, bool from_system, const std::string& anchor) {
    Context context(unbound().ctx_create());
    if (!context) return fail(ErrorKind::temporary, "no memory for the resolver");
    set_options(context.get());
    int code = UB_NOERROR;
    for (const auto& server : forwarders)
        if (code == UB_NOERROR) code = unbound().ctx_set_fwd(context.get(), at_form(server).c_str());
    if (from_system) code = unbound().ctx_resolvconf(context.get(), nullptr);
    if (code == UB_NOERROR && !anchor.empty()) code = unbound().ctx_add_ta_file(context.get(), anchor.c_str());
    if (code == UB_NOERROR) code = unbound().ctx_async(context.get(), 1);
    if (code != UB_NOERROR)
        return fail(ErrorKind::failed, fmt::format("the resolver cannot be set up: {}", unbound().strerror(code)));
    remove_own_zones(context.get());
    return context;
}

struct Waiting {
    std::uint64_t ticket;
    std::string name;
    std::uint16_t type;
    std::string server;
};

struct Peer {
    Context context;
    std::size_t in_flight = 0;
};

struct Flight {
    Peer* peer = nullptr;
    int id = 0;
    SteadyTime until;
};

WireAnswer answer_of(std::uint64_t ticket, const ub_result& result) {
    WireAnswer answer;
    answer.ticket = ticket;
    answer.rcode = result.rcode;
    answer.secure = result.secure != 0;
    answer.bogus = result.bogus != 0;
    answer.ttl = static_cast<unsigned>(std::max(result.ttl, 0));
    if (result.why_bogus) answer.trouble = result.why_bogus;
    for (int i = 0; result.data && result.data[i]; ++i)
        answer.data.emplace_back(result.data[i], static_cast<std::size_t>(result.len[i]));
    if (result.answer_packet && result.answer_len > 0)
        answer.message.assign(static_cast<const char*>(result.answer_packet),
                              static_cast<std::size_t>(result.answer_len));
    return answer;
}

} // namespace

struct DnsResolver::Impl {
    DnsResolverSettings settings;
    std::map<std::string, std::unique_ptr<Peer>> peers;
    std::deque<Waiting> waiting;
    std::map<std::uint64_t, Flight> flights;
    std::vector<WireAnswer> answers;

    // What libunbound calls back with: freed by whoever ends the flight.
    struct Call {
        Impl* impl;
        std::uint64_t ticket;
    };
    std::map<std::uint64_t, std::unique_ptr<Call>> calls;

    static void take_result(void* data, int error, ub_result* result) {
        const auto* call = static_cast<const Call*>(data);
        auto& impl = *call->impl;
        const auto ticket = call->ticket;
        if (error == UB_NOERROR && result)
            impl.answers.push_back(answer_of(ticket, *result));
        else
            impl.give_up(ticket, unbound().strerror(error));
        unbound().resolve_free(result);
        impl.end_flight(ticket);
    }

    void give_up(std::uint64_t ticket, std::string why) {
        WireAnswer answer;
        answer.ticket = ticket;
        answer.trouble = std::move(why);
        answers.push_back(std::move(answer));
    }
    void end_flight(std::uint64_t ticket) {
        const auto flight = flights.find(ticket);
        if (flight == flights.end()) return;
        --flight->second.peer->in_flight;
        flights.erase(flight);
        calls.erase(ticket);
    }

    // nullptr: there are as many as may be, and all are busy.
    Result<Peer*> peer_of(const std::string& server) {
        if (const auto found = peers.find(server); found != peers.end()) return found->second.get();
        if (peers.size() >= most_contexts) {
            const auto idle = std::ranges::find_if(
                peers, [](const auto& entry) { return !entry.first.empty() && entry.second->in_flight == 0; });
            if (idle == peers.end()) return nullptr;
            peers.erase(idle);
        }
        const bool is_main = server.empty();
        TRY_ASSIGN(auto context, make_context(is_main ? settings.resolvers : std::vector{server},
                                              is_main && settings.resolvers.empty(),
                                              is_main ? settings.trust_anchor : std::string()));
        auto peer = std::make_unique<Peer>();
        peer->context = std::move(context);
        return peers.emplace(server, std::move(peer)).first->second.get();
    }

    // False: it has to wait.
    bool launch(const Waiting& question) {
        auto peer = peer_of(question.server);
        if (!peer) {
            give_up(question.ticket, peer.error().what);
            return true;
        }
        if (!*peer) return false;
        auto call = std::make_unique<Call>(Call{this, question.ticket});
        int id = 0;
        const int code = unbound().resolve_async((*peer)->context.get(), question.name.c_str(), question.type, 1,
                                                 call.get(), take_result, &id);
        if (code != UB_NOERROR) {
            give_up(question.ticket, unbound().strerror(code));
            return true;
        }
        ++(*peer)->in_flight;
        flights.emplace(question.ticket, Flight{*peer, id, std::chrono::steady_clock::now() + settings.timeout});
        calls.emplace(question.ticket, std::move(call));
        return true;
    }

    void launch_waiting() {
        for (auto question = waiting.begin(); question != waiting.end() && flights.size() < settings.most_in_flight;)
            question = launch(*question) ? waiting.erase(question) : std::next(question);
    }

    void process(Peer& peer) {
        if (unbound().poll(peer.context.get())) unbound().process(peer.context.get());
    }

    void end_late_flights() {
        const auto now = std::chrono::steady_clock::now();
        std::vector<std::uint64_t> late;
        for (const auto& [ticket, flight] : flights)
            if (flight.until <= now) late.push_back(ticket);
        for (const auto ticket : late) {
            const auto& flight = flights.at(ticket);
            unbound().cancel(flight.peer->context.get(), flight.id);
            give_up(ticket, "nobody answered in time");
            end_flight(ticket);
        }
    }

    void wait_for_answers() {
        auto until = std::chrono::steady_clock::time_point::max();
        for (const auto& [unused, flight] : flights)
            until = std::min(until, flight.until);
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        std::vector<pollfd> polled;
        for (const auto& [unused, peer] : peers)
            if (peer->in_flight > 0) polled.push_back({unbound().fd(peer->context.get()), POLLIN, 0});
        ::poll(polled.data(), polled.size(), static_cast<int>(std::clamp<long long>(left.count(), 0, 60'000)));
        for (const auto& [unused, peer] : peers)
            if (peer->in_flight > 0) process(*peer);
        end_late_flights();
    }
};

Result<DnsResolver> DnsResolver::open(const DnsResolverSettings& settings) {
    if (!unbound().trouble.empty())
        return fail(ErrorKind::failed, fmt::format("the DNS cannot be asked: {}", unbound().trouble),
                    "install libunbound8");
    auto impl = std::make_unique<Impl>();
    impl->settings = settings;
    if (!settings.trust_anchor.empty()) {
        TRY(load_file(settings.trust_anchor));
    }
    TRY(impl->peer_of(""));
    return DnsResolver(std::move(impl));
}

void DnsResolver::ask(std::uint64_t ticket, const std::string& name, std::uint16_t type, const std::string& server) {
    impl_->waiting.push_back({ticket, name, type, server});
    impl_->launch_waiting();
}

std::vector<WireAnswer> DnsResolver::take() {
    while (impl_->answers.empty() && pending() > 0) {
        impl_->launch_waiting();
        if (impl_->answers.empty() && !impl_->flights.empty()) impl_->wait_for_answers();
    }
    auto taken = std::exchange(impl_->answers, {});
    impl_->launch_waiting();
    return taken;
}

std::size_t DnsResolver::pending() const { return impl_->waiting.size() + impl_->flights.size(); }

DnsResolver::DnsResolver(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DnsResolver::DnsResolver(DnsResolver&&) noexcept = default;
DnsResolver& DnsResolver::operator=(DnsResolver&&) noexcept = default;
DnsResolver::~DnsResolver() = default;

std::string find_root_anchor() {
    for (const char* path : {"/usr/share/dns/root.key", "/var/lib/unbound/root.key", "/usr/share/dns/root.ds"})
        if (is_readable(path)) return path;
    return {};
}

} // namespace mailctl
