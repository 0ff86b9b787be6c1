// SPDX-License-Identifier: Apache-2.0
// Whose a string is, is told by its form: one that mailctl could have written, for this site before it was changed or
// for another address, holds nothing that anybody else needs.
#include "mailctl/exchange/dns/update.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/exchange/dns/tags.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

// "v=spf1 mx ip4:192.0.2.1 include:ours.example -all"
bool is_own_spf(const Site& site, std::string_view text) {
    const auto words = split(text, ' ');
    if (words.size() < 3 || words[0] != "v=spf1" || words[1] != "mx" || words.back() != "-all") return false;
    return std::all_of(words.begin() + 2, words.end() - 1, [&](std::string_view word) {
        if (word.starts_with("ip4:") || word.starts_with("ip6:")) return !canonical_address(word.substr(4)).empty();
        return std::ranges::any_of(site.dns.spf_include,
                                   [&](const auto& name) { return word == "include:" + name.text(); });
    });
}

bool has_only_tags(std::string_view text, std::initializer_list<std::string_view> known) {
    const auto list = parse_tags(text);
    return list.well_formed && std::ranges::all_of(list.tags, [&](const auto& tag) {
               return std::ranges::find(known, tag.first) != known.end();
           });
}

// "0 1 993 imap.example.net.", and nothing that a line for nsupdate(1) could be taken apart by.
bool is_service_value(std::string_view value) {
    return split(value, ' ').size() == 4 && value.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX"
                                                                    "YZ0123456789-_. ") == value.npos;
}

enum class Origin { unrelated, ours, foreign }; // unrelated: another kind of record at the same name

Origin origin_of(const Site& site, DnsRule rule, const std::string& value) {
    const auto told = [](bool ours) { return ours ? Origin::ours : Origin::foreign; };
    const auto tags = parse_tags(value);
    switch (rule) {
    case DnsRule::spf:
        if (value != "v=spf1" && !value.starts_with("v=spf1 ")) return Origin::unrelated;
        return told(is_own_spf(site, value));
    case DnsRule::dmarc:
        if (tags.value("v") != "DMARC1") return Origin::unrelated;
        return told(has_only_tags(value, {"v", "p", "np", "rua"}));
    case DnsRule::tls_reports:
        if (tags.value("v") != "TLSRPTv1") return Origin::unrelated;
        return told(has_only_tags(value, {"v", "rua"}));
    case DnsRule::mta_sts:
        return tags.value("v") == "STSv1" ? Origin::ours : Origin::unrelated;
    case DnsRule::service:
        return told(is_service_value(value));
    default:
        return Origin::unrelated; // others may stand beside ours
    }
}

const DnsRow* find_seen(std::span<const DnsRow> seen, const DnsRecord& record) {
    const auto row = std::ranges::find_if(seen, [&](const DnsRow& each) {
        return each.aspect.empty() && each.name == record.name && each.type == record.type;
    });
    return row == seen.end() ? nullptr : &*row;
}

bool may_stand_once(DnsRule rule) {
    return rule == DnsRule::spf || rule == DnsRule::dmarc || rule == DnsRule::tls_reports || rule == DnsRule::mta_sts ||
           rule == DnsRule::dkim;
}

// Where the name itself is ours all that stands there goes, in however many strings it was cut.
void remove_keys(const DnsRow& row, DnsUpdate& update) {
    const auto is_key = [](const auto& value) { return parse_tags(value).find("p") != nullptr; };
    if (row.found.empty()) return;
    if (std::ranges::all_of(row.found, is_key)) return update.removed.push_back({row.name, row.type, ""});
    for (const auto& value : row.found)
        if (is_key(value)) update.removed.push_back({row.name, row.type, value});
}

void add_one(const Site& site, const WantedRecord& wanted, const DnsRow* seen, DnsUpdate& update) {
    const auto& record = wanted.record;
    if (!seen) return update.added.push_back(record);
    const bool is_good = seen->state == DnsState::ok;
    if (is_good && may_stand_once(wanted.rule)) return; // in words of its own, perhaps
    bool has_foreign = false;
    for (const auto& value : seen->found) {
        if (value == record.value) continue;
        const auto origin = origin_of(site, wanted.rule, value);
        if (origin == Origin::ours && !is_good) update.removed.push_back({record.name, record.type, value});
        has_foreign |= origin == Origin::foreign;
    }
    if (wanted.rule == DnsRule::dkim) remove_keys(*seen, update);
    (has_foreign && may_stand_once(wanted.rule) ? update.foreign : update.added).push_back(record);
}

// Keys of selectors that are gone.
void remove_leftovers(const DnsSubject& subject, std::span<const DnsRow> seen, DnsUpdate& update) {
    for (const auto& selector : subject.gone)
        for (const auto& row : seen)
            if (row.type == "TXT" && row.name == fmt::format("{}._domainkey.{}", selector, subject.name.text()))
                remove_keys(row, update);
}

} // namespace

DnsUpdate find_update(const Site& site, const DnsSubject& subject, std::span<const DnsRow> seen) {
    DnsUpdate update;
    for (const auto& wanted : wanted_records(site, subject))
        if (lies_below(wanted.record.name, subject.name.text()))
            add_one(site, wanted, find_seen(seen, wanted.record), update);
    remove_leftovers(subject, seen, update);
    return update;
}

std::string nsupdate_text(const DnsUpdate& update, unsigned ttl) {
    std::string text;
    for (const auto& record : update.removed)
        text += fmt::format("update delete {}. IN {}{}\n", record.name, record.type,
                            record.value.empty() ? "" : " " + zone_value(record));
    for (const auto& record : update.added)
        text += fmt::format("update add {}. {} IN {} {}\n", record.name, ttl, record.type, zone_value(record));
    return text.empty() ? text : text + "send\n";
}

} // namespace mailctl
