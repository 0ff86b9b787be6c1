// SPDX-License-Identifier: Apache-2.0
// `mailctl mailbox set`: of mailboxes that are named, or of all for which something holds.
#include "danger.hpp"
#include "mailbox_commands.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/config/account_keys.hpp"

#include <charconv>
#include <fmt/format.h>

namespace mailctl {
namespace {

Status add_where(MailboxFilter& filter, std::string_view word) {
    const auto equals = word.find('=');
    const auto name = word.substr(0, equals);
    const std::string value(equals == word.npos ? std::string_view() : word.substr(equals + 1));
    if (word == "all") return {};
    if (word == "suspended" || word == "no-password") {
        (word == "suspended" ? filter.suspended : filter.without_password) = true;
    } else if (name == "over" && !value.empty()) {
        TRY_ASSIGN(filter.over, read_share(value));
    } else if (name == "unused" && !value.empty()) {
        TRY_ASSIGN(filter.unused, parse_age(value));
    } else if (name == "quota" && !value.empty()) {
        TRY_ASSIGN(filter.quota, parse_size(value));
    } else {
        return fail(ErrorKind::usage, fmt::format("'{}' is nothing that a mailbox can be", printable(word)),
                    "one of: all, suspended, no-password, over=90%, unused=180d, quota=1G");
    }
    return {};
}

Result<MailboxFilter> read_where(std::span<const std::string> given) {
    MailboxFilter filter;
    for (const auto& words : given)
        for (const auto word : split(std::string_view(words), ',')) {
            TRY(add_where(filter, trim(word)));
        }
    return filter;
}

// What they are is told before they are changed: nobody has named them.
Result<std::vector<Address>> find_where(const Invocation& invocation) {
    TRY_ASSIGN(const auto filter, read_where(invocation.arguments.all("where")));
    std::vector<DomainName> domains;
    if (invocation.domain) domains.push_back(*invocation.domain);
    TRY_ASSIGN(auto addresses, find_mailboxes(invocation.world, domains, filter));
    if (addresses.empty()) return addresses;
    TRY_ASSIGN(const bool asks, must_ask(invocation));
    if (asks) {
        const auto place = invocation.domain ? fmt::format(" of '{}'", invocation.domain->display()) : std::string();
        TRY(ask(fmt::format("Change {}{}?", how_many(addresses.size(), "mailbox"), place)));
    }
    return addresses;
}

Result<Report> set_where(Invocation& invocation) {
    TRY_ASSIGN(const auto assignments, read_assignments_alone(invocation.words));
    TRY_ASSIGN(const auto addresses, find_where(invocation));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    if (!addresses.empty()) return set_mailboxes(invocation.world, addresses, assignments, options);
    return Report{.type = "change", .layout = Layout::text, .rows = {}, .text = {}, .notes = {"no mailbox is so"}};
}

Result<Report> run_mailbox_set(Invocation& invocation) {
    if (invocation.arguments.has("where")) return set_where(invocation);
    TRY_ASSIGN(const TargetsAndAssignments words, read_assignments(invocation.words));
    TRY_ASSIGN(const std::vector<Address> addresses, read_addresses(invocation, words.targets));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return set_mailboxes(invocation.world, addresses, words.assignments, options);
}

} // namespace

Result<unsigned> read_share(std::string_view text) {
    std::string_view digits = text;
    if (digits.ends_with('%')) digits.remove_suffix(1);
    unsigned percent = 0;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), percent);
    if (failure != std::errc{} || end != digits.data() + digits.size())
        return fail(ErrorKind::usage, fmt::format("'{}' is not a share of the quota", printable(text)),
                    "write it as 90%");
    return percent;
}

Command set_mailbox_command() {
    const auto keys = setting_names(AccountKind::mailbox), his = setting_names(AccountKind::mailbox, SetBy::user);
    return {
        .noun = "mailbox",
        .verb = "set",
        .summary = "change settings of mailboxes",
        .positionals = {{"ADDRESS", Count::many, Values::mailbox}, {"KEY=VALUE", Count::many, Values::key, keys}},
        .options = {{.long_name = "where",
                     .value = "FILTER",
                     .help =
                         "all mailboxes that are so: all, suspended, no-password, over=SHARE, unused=AGE, quota=SIZE",
                     .repeatable = true,
                     .is_instead = true}},
        .examples = {{"mailctl mailbox set ann@example.org quota=5G name='Ann Brown'", ""},
                     {"mailctl mailbox set ann@example.org forward+=ann@elsewhere.example",
                      "add to a list; -= removes from it"},
                     {"mailctl mailbox set ann@example.org quota=", "an empty value clears the setting"},
                     {"mailctl mailbox set --domain example.org --where quota=1G quota=2G",
                      "more room for all that have one gigabyte"}},
        .access = Access::write,
        .right = Right::mailbox,
        .run = run_mailbox_set,
        .details = {fmt::format("Keys: {}. Values of a list are separated by commas or spaces.", join(keys, ", ")),
                    fmt::format("As the user of the mailbox: {}.", join(his, " and ")),
                    "With --where no address is named: the mailboxes of --domain, or of the whole site, are looked "
                    "through, and those for which each of these words holds are changed together, all or none. How "
                    "many there are is told, and asked about, first; off a terminal --yes is needed. -n shows "
                    "what would be changed."},
        .owner_keys = setting_names(AccountKind::mailbox, SetBy::owner),
        .user_keys = his};
}

} // namespace mailctl
