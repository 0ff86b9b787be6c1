// Who is asked, and who is told which option to give.
#include "mailctl/cli/danger.hpp"

#include "mailctl/system/terminal.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace mailctl {

Result<bool> must_ask(const Invocation& invocation) {
    if (invocation.arguments.has("dry-run") || invocation.arguments.has("yes")) return false;
    if (!is_terminal(Stream::input) || !is_terminal(Stream::error))
        return fail(ErrorKind::usage,
                    fmt::format("'{}' asks first, and there is no terminal to ask on", invocation.command.name()),
                    "give --yes");
    return true;
}

Status ask(const std::string& question) {
    TRY_ASSIGN(const bool agreed, confirm(question));
    if (!agreed) return fail(ErrorKind::failed, "not confirmed: nothing was changed");
    return {};
}

Status require_confirmation(const Invocation& invocation, std::span<const DomainName> domains) {
    if (invocation.arguments.has("dry-run")) return {};
    std::vector<DomainName> confirmed;
    for (const std::string& name : invocation.arguments.all("confirm")) {
        TRY_ASSIGN(DomainName domain, DomainName::parse(name));
        confirmed.push_back(std::move(domain));
    }
    for (const DomainName& domain : domains) {
        if (std::ranges::find(confirmed, domain) == confirmed.end())
            return fail(
                ErrorKind::usage,
                fmt::format("'{}' of '{}' must be confirmed by name", invocation.command.name(), domain.display()),
                fmt::format("give --confirm={}", domain.display()));
    }
    return {};
}

} // namespace mailctl
