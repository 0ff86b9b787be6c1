// SPDX-License-Identifier: Apache-2.0
// The decision, rule by rule: the command, its targets, its keys, its files.
#include "mailctl/site/rights.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::string_view owner_mark = "owner:";

std::string hint_for(const Role& role) {
    if (role.kind == Role::Kind::user)
        return "a mailbox user may change his password, forwards and autoreply, and see his aliases, usage and "
               "settings";
    return "who administers a domain may change what is inside it, within its limits; the rest is the site's";
}

Error refusal(const Role& role, const std::string& what) {
    return {ErrorKind::denied, fmt::format("'{}' may not {}", printable(role.text()), what), hint_for(role), 0};
}

bool is_his(const Role& role, Right right, const RightTarget& target) {
    if (!target.domain) return false;
    if (role.kind == Role::Kind::owner) return target.owner == role.owner;
    if (*target.domain != *role.domain) return false;
    if (role.kind == Role::Kind::postmaster) return true;
    return target.local ? *target.local == role.local : right == Right::listing;
}

} // namespace

std::string Role::text() const {
    switch (kind) {
    case Kind::site:
        break;
    case Kind::owner:
        return std::string(owner_mark) + owner;
    case Kind::postmaster:
        return "postmaster@" + domain->display();
    case Kind::user:
        return Address{LocalPart::from_trusted(local), *domain}.display();
    }
    return {};
}

bool Role::administers(const Domain& which) const {
    switch (kind) {
    case Kind::site:
        return true;
    case Kind::owner:
        return which.owner == owner;
    case Kind::postmaster:
        return which.name == *domain;
    case Kind::user:
        break;
    }
    return false;
}

bool Role::may_see(const Domain& which) const {
    return administers(which) || (kind == Kind::user && which.name == *domain);
}

Result<std::variant<std::string, Address>> parse_role(std::string_view text) {
    constexpr std::size_t longest = 255;
    if (text.starts_with(owner_mark)) {
        const auto name = text.substr(owner_mark.size());
        if (!name.empty() && name.size() <= longest && name == trim(name) && name == printable(name))
            return std::variant<std::string, Address>(std::string(name));
    } else if (auto address = Address::parse(text); address && !address->domain.is_literal()) {
        return std::variant<std::string, Address>(std::move(*address));
    }
    return fail(ErrorKind::usage, fmt::format("--as: '{}' is no account", printable(text)),
                "write --as USER@DOMAIN, --as postmaster@DOMAIN or --as owner:NAME");
}

Status check_command(const Role& role, const std::string& command, Right right) {
    if (role.kind == Role::Kind::site || right == Right::everybody) return {};
    const bool for_domains = right == Right::domain || right == Right::mailbox || right == Right::listing;
    const bool allowed = role.kind == Role::Kind::user ? for_domains && right != Right::domain : for_domains;
    if (allowed) return {};
    return fail(refusal(role, fmt::format("run '{}'", command)));
}

Status check_right(const Role& role, const RightRequest& request) {
    if (role.kind == Role::Kind::site || request.right == Right::everybody) return {};
    TRY(check_command(role, request.command, request.right));
    for (const auto& target : request.targets) {
        if (!is_his(role, request.right, target))
            return fail(refusal(role, fmt::format("run '{}' for '{}'", request.command, printable(target.named))));
    }
    const auto& own_keys = role.kind == Role::Kind::user ? request.user_keys : request.owner_keys;
    for (const auto& key : request.keys) {
        if (std::ranges::find(own_keys, key) == own_keys.end())
            return fail(refusal(role, fmt::format("change '{}' by '{}'", printable(key), request.command)));
    }
    // The program may run with more rights than the account has: it opens no file that the account names.
    if (!request.file_options.empty())
        return fail(
            refusal(role, fmt::format("name a file with {}; '-' reads standard input", request.file_options.front())));
    return {};
}

Domain seen_by(const Role& role, const Domain& domain) {
    if (role.kind != Role::Kind::user) return domain;
    Domain seen(domain.name);
    seen.state = domain.state;
    seen.aliases = domain.aliases;
    if (const auto own = domain.mailboxes.find(role.local); own != domain.mailboxes.end()) {
        seen.mailboxes.insert(*own);
        seen.mailboxes.begin()->second.copy_to.clear();
    }
    return seen;
}

} // namespace mailctl
