// SPDX-License-Identifier: Apache-2.0
// Options in any order before "--"; "--name=value" and "--name value" alike.
#include "mailctl/delivery/command_line.hpp"

#include <fmt/format.h>

#include <optional>

namespace mailctl {
namespace {

constexpr std::string_view usage_hint = "see mailctl-deliver --help";

detail::Unexpected wrong(std::string what) { return fail(ErrorKind::usage, std::move(what), std::string(usage_hint)); }

class ArgumentReader {
  public:
    explicit ArgumentReader(std::span<const std::string_view> arguments) : rest_(arguments) {}
    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    [[nodiscard]] std::string_view peek() const { return rest_.front(); }
    std::string_view take() {
        const auto first = rest_.front();
        rest_ = rest_.subspan(1);
        return first;
    }
    // The value of the option that stands first, if it is `name`.
    Result<std::optional<std::string>> value_of(std::string_view name) {
        if (peek().starts_with(name) && peek().size() > name.size() && peek()[name.size()] == '=')
            return std::string(take().substr(name.size() + 1));
        if (peek() != name) return std::nullopt;
        take();
        if (at_end()) return wrong(fmt::format("option '{}' needs a value", name));
        return std::string(take());
    }

  private:
    std::span<const std::string_view> rest_;
};

// "-f SENDER", "-fSENDER", and "-f --", from which the MTA has dropped an empty sender.
bool take_sender(ArgumentReader& reader, std::string& sender) {
    if (!reader.peek().starts_with("-f")) return false;
    sender = reader.take().substr(2);
    if (sender.empty() && !reader.at_end() && reader.peek() != "--") sender = reader.take();
    return true;
}

Result<AgentCommand> parse_pipe(ArgumentReader reader, AgentCommand command) {
    bool has_sender = false;
    while (!reader.at_end() && reader.peek() != "--") {
        TRY_ASSIGN(const auto root, reader.value_of("--root"));
        if (root)
            command.root = *root;
        else if (take_sender(reader, command.sender))
            has_sender = true;
        else
            return wrong(fmt::format("unknown argument '{}' before '--'", reader.peek()));
    }
    if (!reader.at_end()) reader.take();
    while (!reader.at_end())
        command.recipients.emplace_back(reader.take());
    if (!has_sender) return wrong("the sender is missing: -f SENDER");
    if (command.recipients.empty()) return wrong("no recipient after '--'");
    return command;
}

Result<AgentCommand> parse_lmtp(ArgumentReader reader, AgentCommand command) {
    while (!reader.at_end()) {
        TRY_ASSIGN(const auto root, reader.value_of("--root"));
        if (root) {
            command.root = *root;
            continue;
        }
        TRY_ASSIGN(const auto listen, reader.value_of("--listen"));
        if (listen) {
            command.listen.push_back(*listen);
            continue;
        }
        TRY_ASSIGN(const auto policy, reader.value_of("--policy"));
        if (!policy) return wrong(fmt::format("unknown argument '{}'", reader.peek()));
        command.policy.push_back(*policy);
    }
    return command;
}

} // namespace

Result<AgentCommand> parse_agent_command(std::span<const std::string_view> arguments, std::string_view root_variable) {
    AgentCommand command;
    command.root = root_variable;
    ArgumentReader reader(arguments);
    while (!reader.at_end()) { // options may stand before the verb, too
        if (reader.peek() == "--help" || reader.peek() == "-h") return command;
        if (reader.peek() == "--version") {
            command.verb = AgentCommand::Verb::version;
            return command;
        }
        TRY_ASSIGN(const auto root, reader.value_of("--root"));
        if (!root) break;
        command.root = *root;
    }
    if (reader.at_end()) return wrong("say what to do: lmtp or pipe");
    const auto verb = reader.take();
    if (!reader.at_end() && reader.peek() == "--help") return command;
    if (verb == "lmtp") {
        command.verb = AgentCommand::Verb::lmtp;
        return parse_lmtp(reader, std::move(command));
    }
    if (verb == "pipe") {
        command.verb = AgentCommand::Verb::pipe;
        return parse_pipe(reader, std::move(command));
    }
    return wrong(fmt::format("unknown command '{}'", verb));
}

std::string_view agent_help() {
    return "Usage:\n"
           "  mailctl-deliver lmtp [--root DIR] [--listen unix:PATH|inet:HOST:PORT]...\n"
           "                       [--policy unix:PATH|inet:HOST:PORT]...\n"
           "  mailctl-deliver pipe [--root DIR] -f SENDER -- RECIPIENT...\n"
           "\n"
           "Delivers mail into the Maildirs of a mailctl site: aliases, forwards, banished addresses,\n"
           "catch-alls and quotas as compiled by 'mailctl apply'.\n"
           "\n"
           "  lmtp   serve LMTP, by default on the site's socket; SIGTERM finishes what is in hand,\n"
           "         SIGHUP reopens the journal\n"
           "  pipe   deliver one message from standard input; exit 0 delivered, 67 unknown, 65 69 77\n"
           "         refused, 75 try again later\n"
           "\n"
           "Options:\n"
           "  --root DIR     a site below one directory (also: MAILCTL_ROOT)\n"
           "  --listen ADDR  where to serve; may be repeated\n"
           "  --policy ADDR  where Postfix asks at RCPT (check_policy_service); may be repeated\n"
           "  -f SENDER      envelope sender; empty or <> for the null sender\n"
           "  --help         this text\n"
           "  --version      the version\n";
}

} // namespace mailctl
