// SPDX-License-Identifier: Apache-2.0
#include "foreign_row.hpp"

#include "mailctl/base/text.hpp"
#include "proxy_addresses.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_no_limit(std::string_view text) {
    constexpr std::array<std::string_view, 5> words{"unlimited", "none", "no limit", "nolimit", "noquota"};
    return text == "0" || text.starts_with('-') ||
           std::ranges::any_of(words, [&](std::string_view word) { return equal_folded(word, text); });
}

// The address that PostfixAdmin's vacation program listens on.
bool is_vacation(std::string_view target) {
    const auto at = target.find('@');
    return at != target.npos && target.substr(0, at).contains('#') && target.substr(at + 1).starts_with("autoreply.");
}

bool is_user(std::string_view role) { return role.empty() || equal_folded(role, "SimpleUsers"); }

void object(MappedRow& out, std::string problem, std::size_t cell) {
    out.problem = std::move(problem);
    out.problem_cell = cell;
}

} // namespace

void ForeignRow::take(Use use, const Column* column, std::string_view text, std::size_t cell) {
    if (use == Use::targets) { // also a cell that should name some, and is empty
        if (targets_.empty()) targets_cell_ = cell;
        targets_.append(targets_.empty() || text.empty() ? "" : " ").append(text);
        has_targets_ = true;
    }
    if (text.empty()) return;
    const Part part{text, cell};
    switch (use) {
    case Use::ignored:
    case Use::type:
    case Use::targets:
        return;
    case Use::column:
        cells_.push_back({column, text, cell});
        return;
    case Use::address: // the fuller of two
        if (!address_ || !address_.text.contains('@')) address_ = part;
        return;
    case Use::login:
        login_ = part;
        return;
    case Use::role:
        role_ = part;
        return;
    case Use::domain:
        domain_ = part;
        return;
    case Use::first_name:
        first_ = part;
        return;
    case Use::last_name:
        last_ = part;
        return;
    case Use::password:
        password_ = part;
        return;
    case Use::any_password:
        any_password_ = part;
        return;
    case Use::hash_function:
        function_ = part;
        return;
    case Use::quota_bytes:
        bytes_ = part;
        return;
    case Use::quota_mib:
        mib_ = part;
        return;
    case Use::active:
        active_ = part;
        return;
    case Use::blocked:
        blocked_ = part;
        return;
    case Use::proxies:
        proxies_ = part;
        return;
    case Use::renaming:
        renaming_ = part;
        return;
    }
}

void ForeignRow::put(MappedRow& out, std::string_view column, std::string text, std::size_t cell) const {
    out.cells.push_back({&get_column(column), out.made.emplace_back(std::move(text)), cell});
}

void ForeignRow::put_address(MappedRow& out) const {
    if (!address_) return;
    out.address = {nullptr, address_.text, address_.cell};
    if (address_.text.starts_with('@'))
        out.address.text = out.made.emplace_back(fmt::format("{}{}", catchrest_name, address_.text));
    else if (!address_.text.contains('@') && domain_)
        out.address.text = out.made.emplace_back(fmt::format("{}@{}", address_.text, domain_.text));
}

// A login with an address of its own, one that is the address, or one that has no mailbox at all.
void ForeignRow::put_login(MappedRow& out) const {
    if (!login_) return;
    if (!address_ && login_.text.contains('@') && is_user(role_.text)) {
        out.address = {nullptr, login_.text, login_.cell};
    } else if (!address_) {
        out.is_about_no_account = true;
        out.notes.push_back(fmt::format("'{}' ({}) has no mailbox there and is left out", printable(login_.text),
                                        role_ ? printable(role_.text) : "no role"));
        return;
    } else if (equal_folded(login_.text, address_.text)) {
        out.address.cell = login_.cell;
    } else {
        out.notes.push_back(fmt::format("the login '{}' of '{}' is left out: here one logs in with the address",
                                        printable(login_.text), printable(address_.text)));
    }
    if (!is_user(role_.text))
        out.notes.push_back(fmt::format("'{}' is one of the {} there: mailctl domain set DOMAIN owner=NAME",
                                        printable(login_.text), printable(role_.text)));
}

void ForeignRow::put_proxies(MappedRow& out) const {
    const bool is_guest = fold(out.address.text).contains("#ext#"); // his address is somebody else's
    if (!proxies_ || is_guest) return;
    auto read = read_proxy_addresses(out.address.text, proxies_.text);
    if (!read.address.empty()) out.address.text = out.made.emplace_back(std::move(read.address));
    if (!read.aliases.empty()) put(out, "aliases", join(read.aliases, " "), proxies_.cell);
    out.notes.insert(out.notes.end(), read.left_out.begin(), read.left_out.end());
}

void ForeignRow::put_name(MappedRow& out) const {
    const bool has_name =
        std::ranges::any_of(cells_, [](const MappedCell& cell) { return cell.column->name == "name"; });
    if (has_name || (!first_ && !last_)) return;
    const auto cell = first_ ? first_.cell : last_.cell;
    put(out, "name", std::string(trim(fmt::format("{} {}", first_.text, last_.text))), cell);
}

void ForeignRow::put_any_password(MappedRow& out) const {
    auto read = read_stored_password(any_password_.text, passwords_);
    switch (read.kind) {
    case StoredPassword::Kind::none:
        return;
    case StoredPassword::Kind::plain:
        out.password = MappedCell{nullptr, out.made.emplace_back(std::move(read.text)), any_password_.cell};
        return;
    case StoredPassword::Kind::hash:
        return put(out, "password_hash", std::move(read.text), any_password_.cell);
    case StoredPassword::Kind::doubtful:
        return object(out, "what stands for the password is not a hash that is known here", any_password_.cell);
    }
}

void ForeignRow::put_password(MappedRow& out) const {
    const Part& given = password_ ? password_ : any_password_;
    if (!given || given.text == "****") return;
    if (!function_) {
        if (!password_) return put_any_password(out);
        out.password = MappedCell{nullptr, given.text, given.cell};
        return;
    }
    const auto function = fold(function_.text);
    if (function == "crypt") return put(out, "password_hash", "{CRYPT}" + std::string(given.text), given.cell);
    if (function == "md5") return put(out, "password_hash", "{PLAIN-MD5}" + std::string(given.text), given.cell);
    if (function == "sha-1" || function == "sha1")
        return put(out, "password_hash", "{SHA.HEX}" + std::string(given.text), given.cell);
    object(out, fmt::format("unknown hash function '{}'", printable(function_.text)), function_.cell);
}

void ForeignRow::put_quota(MappedRow& out) const {
    if (bytes_) put(out, "quota", is_no_limit(bytes_.text) ? "0" : std::string(bytes_.text), bytes_.cell);
    if (!mib_) return;
    const std::string unit = is_number(mib_.text) ? " MiB" : "";
    put(out, "quota", is_no_limit(mib_.text) ? "0" : std::string(mib_.text) + unit, mib_.cell);
}

void ForeignRow::put_suspension(MappedRow& out, std::size_t cell, std::string_view receive,
                                std::string_view reason) const {
    put(out, "suspend_login", "true", cell);
    put(out, "suspend_receive", std::string(receive), cell);
    put(out, "suspend_reason", std::string(reason), cell);
}

void ForeignRow::put_flags(MappedRow& out) const {
    for (const auto& flag : {active_, blocked_})
        if (flag && !is_yes(flag.text))
            object(out, fmt::format("'{}' says neither yes nor no", printable(flag.text)), flag.cell);
    const bool is_off = active_ && is_yes(active_.text) == false;
    if (is_off && has_targets_) { // it passes nothing on there either
        out.is_about_no_account = true;
        out.notes.push_back(fmt::format("'{}' is not active there and left out", printable(out.address.text)));
    } else if (is_off) {
        put_suspension(out, active_.cell, "reject", "not active");
    } else if (blocked_ && is_yes(blocked_.text) == true) {
        put_suspension(out, blocked_.cell, "accept", "sign-in blocked");
    }
}

void ForeignRow::put_targets(MappedRow& out) const {
    out.is_account = !has_targets_;
    out.is_passing_on = has_targets_;
    out.targets_cell = targets_cell_;
    bool has_vacation = false;
    for (const auto target : cell_elements(targets_)) {
        if (is_vacation(target))
            has_vacation = true;
        else
            out.targets.append(out.targets.empty() ? "" : " ").append(target);
    }
    if (!has_vacation) return;
    out.notes.push_back(
        fmt::format("the vacation message of '{}' is in another table and left out", printable(out.address.text)));
    if (out.targets.empty()) out.is_about_no_account = true;
}

void ForeignRow::put_into(MappedRow& out) const {
    out.cells = cells_;
    put_address(out);
    put_login(out);
    if (out.is_about_no_account) return;
    put_proxies(out);
    put_name(out);
    put_password(out);
    put_quota(out);
    put_flags(out);
    put_targets(out);
    if (renaming_) object(out, fmt::format("'{}' would rename the account", printable(renaming_.text)), renaming_.cell);
}

} // namespace mailctl
