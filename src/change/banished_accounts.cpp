// SPDX-License-Identifier: Apache-2.0
// Patterns over names, as the resolver applies them: the first that matches decides, and postmaster and abuse are
// never banished.
#include "mailctl/change/banished_accounts.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace mailctl {
namespace {

std::set<std::string> account_names(const Domain& domain) {
    std::set<std::string> names;
    for (const auto& [name, mailbox] : domain.mailboxes) {
        names.insert(name);
        names.insert(mailbox.aliases.begin(), mailbox.aliases.end());
    }
    const auto add_keys = [&](const auto& accounts) {
        for (const auto& [name, unused] : accounts)
            names.insert(name);
    };
    add_keys(domain.forwards);
    add_keys(domain.robots);
    add_keys(domain.lists);
    names.erase("postmaster");
    names.erase("abuse");
    return names;
}

// Names by the first pattern that covers them.
std::map<std::string, std::string> banished_by_pattern(const Domain& domain) {
    std::map<std::string, std::string> covered;
    const bool has_pattern = std::ranges::any_of(domain.banished, &Ban::is_pattern);
    for (const auto& name : has_pattern ? account_names(domain) : std::set<std::string>{})
        for (const Ban& ban : domain.banished)
            if (ban.is_pattern() && matches_glob(ban.name, name)) covered.try_emplace(name, ban.name);
    return covered;
}

} // namespace

std::vector<std::string> newly_banished(const Domain* before, const Domain& after) {
    constexpr std::size_t most = 5;
    const auto known = before ? banished_by_pattern(*before) : std::map<std::string, std::string>{};
    std::map<std::string, std::vector<std::string>> fresh; // their addresses, by pattern
    for (const auto& [name, pattern] : banished_by_pattern(after))
        if (!known.contains(name)) fresh[pattern].push_back(fmt::format("'{}@{}'", name, after.name.display()));
    std::vector<std::string> sentences;
    for (auto& [pattern, names] : fresh) {
        const std::size_t others = names.size() > most ? names.size() - most : 0;
        if (others > 0) names.resize(most);
        sentences.push_back(fmt::format("the banished pattern '{}@{}' takes the mail of {}{}", pattern,
                                        after.name.display(), join(names, ", "),
                                        others > 0 ? fmt::format(" and {} more", others) : ""));
    }
    return sentences;
}

} // namespace mailctl
