// SPDX-License-Identifier: Apache-2.0
#include "check_table.hpp"

#include <algorithm>
#include <charconv>

namespace mailctl {

namespace {

void say_what_was_not_seen(const SiteFacts& facts, Sayings& say, std::string_view area) {
    for (const auto& unseen : facts.unseen)
        if (unseen.place == area) say(std::string(area), unseen.what, unseen.remedy);
}
template <std::size_t n>
struct Word {
    char text[n];
    constexpr Word(const char (&given)[n]) { std::copy_n(given, n, text); } // NOLINT: that is what it is for
};
template <Word area>
void not_seen(const SiteFacts& facts, Sayings& say) {
    say_what_was_not_seen(facts, say, area.text);
}

constexpr std::string_view nobody_looked = "part of the area could not be looked at";
constexpr std::string_view run_as_root = "run it as root on the machine itself";
const Check unseen_checks[] = {
    {"mail.not-seen", 0, Weight::advice, false, nobody_looked, run_as_root, not_seen<"mail">},
    {"postfix.not-seen", 0, Weight::advice, false, nobody_looked, run_as_root, not_seen<"postfix">},
    {"dovecot.not-seen", 0, Weight::advice, false, nobody_looked, run_as_root, not_seen<"dovecot">},
    {"dns.not-seen", 0, Weight::advice, false, nobody_looked, "mailctl dns check", not_seen<"dns">},
    {"certificates.not-seen", 0, Weight::advice, false, nobody_looked, run_as_root, not_seen<"certificates">},
    {"agent.not-seen", 0, Weight::advice, false, nobody_looked, run_as_root, not_seen<"agent">},
};

bool is_asked_for(const Check& check, std::span<const std::string> only) {
    return only.empty() ||
           std::ranges::any_of(only, [&](const std::string& word) { return word == check.area() || word == check.id; });
}

} // namespace

std::vector<const Check*> all_checks() {
    std::vector<const Check*> all;
    for (const auto& part : {data_checks(), files_checks(), postfix_checks(), postfix_table_checks(),
                             postfix_policy_checks(), postfix_host_checks(), dovecot_checks(), dovecot_account_checks(),
                             place_checks(), outside_checks(), served_checks(), std::span<const Check>(unseen_checks)})
        for (const auto& check : part)
            all.push_back(&check);
    static const std::vector<std::string_view> areas{"data",    "files", "maps",         "mail",  "postfix",
                                                     "dovecot", "dns",   "certificates", "agent", "host"};
    std::ranges::stable_sort(all, {}, [](const Check* check) { return std::ranges::find(areas, check->area()); });
    return all;
}

std::vector<SiteFinding> look_at_all(const SiteFacts& facts, std::span<const std::string> only) {
    std::vector<SiteFinding> findings;
    Sayings say(findings);
    for (const auto* check : all_checks()) {
        if (!is_asked_for(*check, only)) continue;
        say.begin(*check);
        check->look(facts, say);
    }
    return findings;
}

std::string postfix_setting(const SiteFacts& facts, std::string_view name) {
    if (!facts.postfix) return {};
    const auto found = facts.postfix->settings.find(name);
    return found == facts.postfix->settings.end() ? std::string() : found->second;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    return failure == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::vector<std::string> list_words(std::string_view value) {
    std::vector<std::string> words;
    while (!value.empty()) {
        const auto begin = value.find_first_not_of(", \t\r\n");
        if (begin == std::string_view::npos) break;
        value.remove_prefix(begin);
        const auto end = std::min(value.find_first_of(", \t\r\n"), value.size());
        words.emplace_back(value.substr(0, end));
        value.remove_prefix(end);
    }
    return words;
}

} // namespace mailctl
