// SPDX-License-Identifier: Apache-2.0
// The walk through a record, its includes and redirects. Look-ups are counted as they are made; a record that includes
// itself ends at the limit.
#include "spf.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/exchange/dns/record.hpp"
#include "spf_macros.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>

namespace mailctl {
namespace {

struct SpfTerm {
    char qualifier = '+';
    std::string name;     // "include"; "redirect" of a modifier
    std::string argument; // behind ':' or '='
    unsigned prefix4 = 32, prefix6 = 128;
    bool is_modifier = false, is_good = true;
};

std::optional<unsigned> prefix_of(std::string_view text, unsigned most) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty() || number > most) return std::nullopt;
    return number;
}

// Takes "/24//64" off the end of `text`. Of ip4 and ip6 there is one length, of the address's own kind.
bool take_prefixes(std::string& text, SpfTerm& term) {
    const auto slash = text.find('/');
    if (slash == text.npos) return true;
    std::string rest = text.substr(slash);
    text.resize(slash);
    if (const auto six = rest.find("//"); six != rest.npos) {
        const auto length = prefix_of(std::string_view(rest).substr(six + 2), 128);
        term.prefix6 = length.value_or(0);
        if (!length) return false;
        rest.resize(six);
    }
    if (rest.empty()) return true;
    const bool is_six = term.name == "ip6";
    const auto length = prefix_of(std::string_view(rest).substr(1), is_six ? 128 : 32);
    (is_six ? term.prefix6 : term.prefix4) = length.value_or(0);
    return length.has_value();
}

SpfTerm parse_term(std::string_view text) {
    constexpr std::array<std::string_view, 8> mechanisms{"all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"};
    SpfTerm term;
    if (!text.empty() && std::string_view("+-~?").contains(text.front())) {
        term.qualifier = text.front();
        text.remove_prefix(1);
    }
    const auto end = std::min(text.find_first_of(":=/"), text.size());
    term.name = fold(text.substr(0, end));
    if (end < text.size() && text[end] == '=') {
        term.is_modifier = true;
        term.argument = text.substr(end + 1);
        return term;
    }
    term.argument = text.substr(end < text.size() && text[end] == ':' ? end + 1 : end);
    const bool takes_prefix = term.name == "a" || term.name == "mx" || term.name.starts_with("ip");
    term.is_good = std::ranges::find(mechanisms, term.name) != mechanisms.end() &&
                   (!takes_prefix || take_prefixes(term.argument, term));
    const bool needs_argument = term.name == "include" || term.name == "exists" || term.name.starts_with("ip");
    if (needs_argument && term.argument.empty()) term.is_good = false;
    return term;
}

// Whether the first `length` bits are equal; addresses of two families never are.
bool in_network(std::string_view address, std::string_view network, unsigned prefix4, unsigned prefix6) {
    if (is_ipv6(address) != is_ipv6(network)) return false;
    std::array<unsigned char, 16> a{}, b{};
    const int family = is_ipv6(address) ? AF_INET6 : AF_INET;
    if (::inet_pton(family, std::string(address).c_str(), a.data()) != 1 ||
        ::inet_pton(family, std::string(network).c_str(), b.data()) != 1)
        return false;
    const unsigned length = is_ipv6(address) ? prefix6 : prefix4;
    for (unsigned bit = 0; bit < length; ++bit)
        if (((a[bit / 8] ^ b[bit / 8]) >> (7 - bit % 8)) & 1) return false;
    return true;
}

class SpfWalk {
  public:
    // Without an address nothing matches, so that the whole record is walked.
    SpfWalk(DnsBook& book, std::string sender_domain, std::string_view address)
        : book_(book), sender_domain_(std::move(sender_domain)), address_(address) {}

    SpfOutcome walk(const std::string& domain, std::string_view text, unsigned depth = 0) {
        const SpfTerm* redirect = nullptr;
        std::vector<SpfTerm> terms;
        for (const auto& word : spf_terms(text))
            terms.push_back(parse_term(word));
        for (const auto& term : terms)
            if (!term.is_good)
                return {SpfResult::permerror, fmt::format("'{}' is not a mechanism", printable(term.name))};
        for (const auto& term : terms) {
            if (term.is_modifier) {
                if (term.name == "redirect") redirect = &term;
                continue;
            }
            if (term.name == "all" && !address_.empty()) return {result_of(term.qualifier), {}};
            auto matched = match(domain, term, depth);
            if (depth == 0) note(word_of(term));
            if (trouble_.result != SpfResult::none) return trouble_;
            if (matched) return {result_of(term.qualifier), {}};
        }
        if (!redirect) return {SpfResult::neutral, {}};
        auto outcome = follow(domain, *redirect, depth);
        if (depth == 0) note("redirect=" + redirect->argument);
        if (outcome.result == SpfResult::none)
            return {SpfResult::permerror, fmt::format("'{}' has no SPF record", printable(redirect->argument))};
        return outcome;
    }

    [[nodiscard]] SpfCost cost() const { return cost_; }

  private:
    static SpfResult result_of(char qualifier) {
        return qualifier == '-'   ? SpfResult::fail
               : qualifier == '~' ? SpfResult::softfail
               : qualifier == '?' ? SpfResult::neutral
                                  : SpfResult::pass;
    }
    static std::string word_of(const SpfTerm& term) {
        return term.argument.empty() ? term.name : term.name + ':' + term.argument;
    }
    void note(std::string word) {
        unsigned noted = 0;
        for (const auto& [unused, count] : cost_.consumers)
            noted += count;
        if (cost_.lookups > noted) cost_.consumers.emplace_back(std::move(word), cost_.lookups - noted);
    }
    bool fail_walk(SpfResult result, std::string why) {
        trouble_ = {result, std::move(why)};
        return false;
    }

    // One of the ten. False: that was one too many, or what it is counted for cannot be known.
    bool count_lookup() {
        if (++cost_.lookups <= most_spf_lookups || address_.empty()) return cost_.lookups <= most_counted;
        return fail_walk(SpfResult::permerror, fmt::format("more than {} look-ups", most_spf_lookups));
    }
    // nullptr: no answer, and the walk is over.
    const DnsAnswer* look_up(const std::string& name, std::string_view type, bool counts_void = true) {
        const auto& answer = book_.ask(name, type);
        if (!answer.is_known()) {
            cost_.complete = false;
            if (!address_.empty())
                fail_walk(SpfResult::temperror, fmt::format("'{}' could not be looked up", printable(name)));
            return nullptr;
        }
        if (answer.is_void() && counts_void && ++cost_.voids > most_spf_voids && !address_.empty()) {
            fail_walk(SpfResult::permerror, fmt::format("more than {} look-ups without an answer", most_spf_voids));
            return nullptr;
        }
        return &answer;
    }

    std::string target_of(const std::string& domain, const SpfTerm& term) {
        if (term.argument.empty()) return domain;
        return fold(expand_spf_macros(term.argument, {sender_domain_, domain, address_}));
    }

    SpfOutcome follow(const std::string& domain, const SpfTerm& term, unsigned depth) {
        if (!count_lookup()) return trouble_;
        const auto target = target_of(domain, term);
        const auto* answer = look_up(target, "TXT");
        if (!answer) return trouble_.result == SpfResult::none ? SpfOutcome{SpfResult::temperror, {}} : trouble_;
        std::vector<std::string> records;
        std::ranges::copy_if(answer->values, std::back_inserter(records), is_spf);
        if (records.empty()) return {SpfResult::none, {}};
        if (records.size() > 1) return {SpfResult::permerror, fmt::format("'{}' has several SPF records", target)};
        return walk(target, std::string(records.front()), depth + 1);
    }

    bool match(const std::string& domain, const SpfTerm& term, unsigned depth) {
        if (term.name == "include") return match_include(domain, term, depth);
        if (term.name == "ip4" || term.name == "ip6")
            return in_network(address_, term.argument, term.prefix4, term.prefix6);
        if (term.name == "all" || !count_lookup()) return false;
        if (term.name == "a") return has_address(target_of(domain, term), term);
        if (term.name == "mx") return match_mx(target_of(domain, term), term);
        if (term.name == "exists") {
            const auto* answer = look_up(target_of(domain, term), "A");
            return answer && !answer->is_void() && !address_.empty();
        }
        return false; // ptr: it is counted, and nobody should rely on it (RFC 7208 5.5)
    }

    bool match_include(const std::string& domain, const SpfTerm& term, unsigned depth) {
        const auto outcome = follow(domain, term, depth);
        if (trouble_.result != SpfResult::none) return false;
        if (outcome.result == SpfResult::none)
            return fail_walk(SpfResult::permerror, fmt::format("'{}' has no SPF record", printable(term.argument)));
        if (outcome.result == SpfResult::permerror || outcome.result == SpfResult::temperror)
            return address_.empty() ? false : fail_walk(outcome.result, outcome.why);
        return outcome.result == SpfResult::pass;
    }

    bool has_address(const std::string& host, const SpfTerm& term) {
        const auto* answer = look_up(host, is_ipv6(address_) ? "AAAA" : "A");
        return answer && std::ranges::any_of(answer->values, [&](const auto& value) {
                   return in_network(address_, value, term.prefix4, term.prefix6);
               });
    }

    bool match_mx(const std::string& domain, const SpfTerm& term) {
        const auto* answer = look_up(domain, "MX");
        if (!answer) return false;
        std::size_t hosts = 0;
        for (const auto& value : std::vector<std::string>(answer->values)) {
            auto host = value.substr(value.find(' ') + 1);
            if (host.ends_with('.')) host.pop_back();
            if (host.empty()) continue;
            if (++hosts > most_spf_lookups) return fail_walk(SpfResult::permerror, "more than 10 hosts of one mx");
            const auto* addresses = look_up(host, is_ipv6(address_) ? "AAAA" : "A", false);
            if (!addresses) return false;
            if (std::ranges::any_of(addresses->values, [&](const auto& found) {
                    return in_network(address_, found, term.prefix4, term.prefix6);
                }))
                return true;
        }
        return false;
    }

    static constexpr unsigned most_counted = 60; // of a record that is far over the limit, or includes itself
    DnsBook& book_;
    std::string sender_domain_;
    std::string address_;
    SpfCost cost_;
    SpfOutcome trouble_;
};

} // namespace

std::string_view spf_word(SpfResult result) {
    constexpr std::array<std::string_view, 7> words{"pass", "fail",      "softfail", "neutral",
                                                    "none", "permerror", "temperror"};
    return words[static_cast<std::size_t>(result)];
}

SpfOutcome evaluate_spf(DnsBook& book, const std::string& domain, std::string_view text, std::string_view address) {
    return SpfWalk(book, domain, address).walk(domain, text);
}

SpfCost cost_of_spf(DnsBook& book, const std::string& domain, std::string_view text) {
    SpfWalk walk(book, domain, {});
    static_cast<void>(walk.walk(domain, text));
    return walk.cost();
}

std::vector<std::string> spf_terms(std::string_view text) {
    std::vector<std::string> terms;
    for (const auto part : split(text, ' '))
        if (!part.empty()) terms.emplace_back(part);
    if (!terms.empty()) terms.erase(terms.begin());
    return terms;
}

bool is_spf(std::string_view text) {
    return equal_folded(text.substr(0, 6), "v=spf1") && (text.size() == 6 || text[6] == ' ');
}

} // namespace mailctl
