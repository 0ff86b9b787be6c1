// SPDX-License-Identifier: Apache-2.0
// RFC 9989 4.10.
#include "dmarc.hpp"

#include "mailctl/exchange/dns/record.hpp"
#include "mailctl/exchange/dns/tags.hpp"

#include <algorithm>

namespace mailctl {
namespace {

// The names that are asked: at most eight.
std::vector<std::string> names_upwards(const std::string& name) {
    constexpr std::ptrdiff_t most_labels = 8;
    std::vector<std::string> names{name};
    std::string_view rest = name;
    const auto labels = [](std::string_view text) { return std::ranges::count(text, '.') + 1; };
    if (labels(rest) > most_labels)
        while (labels(rest) >= most_labels)
            rest = parent_name(rest);
    else
        rest = parent_name(rest);
    for (; !rest.empty(); rest = parent_name(rest))
        names.emplace_back(rest);
    return names;
}

// The label below `above` on the way to `name`.
std::string one_below(const std::string& name, const std::string& above) {
    std::string_view rest = name;
    while (parent_name(rest) != above && !parent_name(rest).empty())
        rest = parent_name(rest);
    return std::string(rest);
}

} // namespace

DmarcWalk walk_dmarc(DnsBook& book, const std::string& name) {
    DmarcWalk walk;
    walk.organization = name;
    for (const auto& at : names_upwards(name)) {
        const auto& answer = book.ask("_dmarc." + at, "TXT");
        if (!answer.is_known()) {
            walk.complete = false;
            continue;
        }
        const auto found = with_version(answer.values, "v=DMARC1");
        if (found.size() != 1) continue; // none, or several of which none counts
        walk.records.push_back({at, found.front()});
        const auto psd = parse_tags(found.front()).value("psd");
        walk.organization = psd == "y" && at != name ? one_below(name, at) : at;
        if (psd == "n" || psd == "y") break;
    }
    return walk;
}

} // namespace mailctl
