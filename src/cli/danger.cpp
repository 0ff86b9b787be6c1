// SPDX-License-Identifier: Apache-2.0
// Who is asked, and who is told which option to give.
#include "danger.hpp"

#include "mailctl/os/terminal.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace mailctl {

bool can_ask(const Invocation& invocation) {
    if (invocation.arguments.has("dry-run") || invocation.arguments.has("yes")) return false;
    return is_terminal(Stream::input) && is_terminal(Stream::error);
}

Result<bool> must_ask(const Invocation& invocation) {
    if (invocation.arguments.has("dry-run") || invocation.arguments.has("yes")) return false;
    if (!can_ask(invocation))
        return fail(ErrorKind::usage,
                    fmt::format("'{}' asks first, and there is no terminal to ask on", invocation.command.name()),
                    "give --yes");
    return true;
}

std::string names_of_all(std::span<const Address> addresses) {
    constexpr std::size_t most = 5;
    std::string names;
    for (std::size_t i = 0; i < addresses.size() && i < most; ++i) {
        const bool is_last = i + 1 == addresses.size();
        names += fmt::format("{}'{}'", i == 0 ? "" : is_last ? " and " : ", ", printable(addresses[i].display()));
    }
    return addresses.size() > most ? fmt::format("{} and {} more", names, addresses.size() - most) : names;
}

Status ask(const std::string& question) {
    TRY_ASSIGN(const bool agreed, confirm(question));
    if (!agreed) return fail(ErrorKind::failed, "not confirmed: nothing was changed");
    return {};
}

namespace {

template <class Name>
Status require_each(const Invocation& invocation, std::span<const Name> names, const std::vector<Name>& confirmed,
                    const std::function<std::string(const Name&)>& what_goes) {
    for (const Name& name : names) {
        if (std::ranges::find(confirmed, name) == confirmed.end())
            return fail(ErrorKind::usage,
                        fmt::format("'{}' of '{}'{} must be confirmed by name", invocation.command.name(),
                                    name.display(), what_goes ? what_goes(name) : std::string()),
                        fmt::format("give --confirm={}", name.display()));
    }
    return {};
}

} // namespace

Result<std::vector<DomainName>> read_domains_confirmed(const Invocation& invocation) {
    std::vector<DomainName> confirmed;
    for (const std::string& name : invocation.arguments.all("confirm")) {
        TRY_ASSIGN(DomainName domain, DomainName::parse(name));
        confirmed.push_back(std::move(domain));
    }
    return confirmed;
}

Status require_confirmation(const Invocation& invocation, std::span<const DomainName> domains,
                            const std::function<std::string(const DomainName&)>& what_goes) {
    if (invocation.arguments.has("dry-run")) return {};
    TRY_ASSIGN(const std::vector<DomainName> confirmed, read_domains_confirmed(invocation));
    return require_each(invocation, domains, confirmed, what_goes);
}

Status require_confirmation(const Invocation& invocation, std::span<const Address> addresses) {
    if (invocation.arguments.has("dry-run")) return {};
    TRY_ASSIGN(const std::vector<Address> confirmed, read_addresses(invocation, invocation.arguments.all("confirm")));
    return require_each<Address>(invocation, addresses, confirmed, {});
}

} // namespace mailctl
