// SPDX-License-Identifier: Apache-2.0
// mailctl-deliver: the delivery agent. Whatever goes wrong here is the MTA's signal to keep the message: exit 75.
#include "mailctl/delivery/command_line.hpp"
#include "mailctl/delivery/pipe.hpp"
#include "mailctl/delivery/serve.hpp"
#include "mailctl/os/standard_streams.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

namespace {

using namespace mailctl;

constexpr unsigned pipe_seconds = 300; // well below the MTA's own limit, which it answers with a bounce

void complain(const Error& error) {
    mailctl::complain(fmt::format("mailctl-deliver: {}", error.what));
    if (!error.hint.empty()) mailctl::complain(fmt::format("hint: {}", error.hint));
}

constexpr unsigned reply_seconds = 60; // for robots, once the delivery is done
constexpr std::chrono::seconds drain_time{30};

// Taking too long, or being told to stop: "try again later", whatever the state; what is staged vanishes or goes stale.
// Once it is decided, the decision stands: robots cannot change it.
volatile std::sig_atomic_t decided_status = EX_TEMPFAIL;
extern "C" void give_up(int) { ::_exit(decided_status); }

int run_pipe(Agent& agent, AgentCommand& command) {
    for (const int signal : {SIGALRM, SIGTERM, SIGINT, SIGHUP, SIGQUIT})
        std::signal(signal, give_up);
    ::alarm(pipe_seconds);
    const auto result = deliver_pipe(agent, {std::move(command.sender), std::move(command.recipients)}, STDIN_FILENO);
    if (!result.line.empty()) {
        const auto line = result.line + "\n";
        // A permanent refusal whose text nobody can read is still one; a closed stdout changes nothing of it.
        if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) return EX_TEMPFAIL;
    }
    decided_status = result.status;
    ::alarm(reply_seconds);
    agent.finish(drain_time);
    return result.status;
}

int run_agent(AgentCommand command) {
    const auto paths = command.root.empty() ? system_paths() : paths_below(command.root);
    const bool piped = command.verb == AgentCommand::Verb::pipe;
    Agent agent(paths, now, piped ? Agent::JournalUse::not_standard_output : Agent::JournalUse::all_targets);
    if (piped) return run_pipe(agent, command);
    const auto served = serve(agent, {command.listen, command.policy}, MAILCTL_VERSION);
    agent.finish(drain_time);
    if (!served) {
        complain(served.error());
        return served.error().kind == ErrorKind::usage ? exit_code(ErrorKind::usage) : EX_TEMPFAIL;
    }
    return EX_OK;
}

int run_command(std::span<const std::string_view> arguments) {
    const char* root = std::getenv("MAILCTL_ROOT");
    auto command = parse_agent_command(arguments, root ? root : "");
    if (!command) {
        complain(command.error());
        // An MTA that was told to call us wrongly must not bounce mail for it.
        const bool from_mta = std::find(arguments.begin(), arguments.end(), "pipe") != arguments.end();
        return from_mta ? EX_TEMPFAIL : exit_code(ErrorKind::usage);
    }
    if (command->verb == AgentCommand::Verb::help) {
        fmt::print("{}", agent_help());
        return EX_OK;
    }
    if (command->verb == AgentCommand::Verb::version) {
        fmt::print("mailctl-deliver {}\n", MAILCTL_VERSION);
        return EX_OK;
    }
    return run_agent(std::move(*command));
}

} // namespace

int main(int argc, char** argv) {
    try {
        claim_standard_descriptors();
        std::signal(SIGPIPE, SIG_IGN);
        std::signal(SIGXFSZ, SIG_IGN); // a file that may not grow is a mailbox that is full: EFBIG
        ::umask(077);
        const std::vector<std::string_view> arguments(argv + 1, argv + argc);
        return run_command(arguments);
    } catch (const std::exception& problem) { // std::bad_alloc: no memory for words of our own
        for (const char* part : {"mailctl-deliver: ", problem.what(), "\n"})
            if (::write(STDERR_FILENO, part, std::strlen(part)) < 0) break;
    } catch (...) {
    }
    return EX_TEMPFAIL;
}
