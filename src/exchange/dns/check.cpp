// SPDX-License-Identifier: Apache-2.0
// From wanted records to rows.
#include "mailctl/exchange/dns/check.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/exchange/dns/tags.hpp"
#include "rules.hpp"
#include "vantages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

constexpr std::array<std::string_view, 10> state_words{"ok",    "missing",  "wrong",   "several", "propagating",
                                                       "bogus", "unsigned", "unknown", "extra",   "advice"};

std::string wanted_text(std::span<const WantedRecord> wanted) {
    std::vector<std::string> texts;
    for (const auto& one : wanted)
        texts.push_back(one.record.value);
    return join(texts, ", ");
}

// "...; add: LINE", for who repairs it.
std::string with_lines(std::string hint, const DnsCase& item, std::string_view what) {
    for (const auto& one : item.wanted)
        hint += fmt::format("{}{}: {}", hint.empty() ? "" : "; ", what,
                            zone_line(one.record, static_cast<unsigned>(item.site.dns.ttl.count())));
    return hint;
}

std::string lasting(unsigned seconds) { return seconds == 0 ? std::string() : format_age(Age(seconds)); }

// One name and type, looked at from everywhere.
class Inspection {
  public:
    Inspection(const DnsCase& item, std::span<const NameServer> servers)
        : case_(item), row_(rule_row(item.wanted.front().rule)), servers_(servers) {}

    std::vector<DnsRow> rows() {
        const auto& answer = main_answer();
        DnsRow row{case_.first().name,        case_.first().type, "", DnsState::unknown, case_.wanted.front().required,
                   wanted_text(case_.wanted), answer.values,      ""};
        auto verdict = judge(answer);
        row.state = verdict.state;
        row.hint = verdict.hint;
        if (!verdict.found.empty() || row.state == DnsState::missing) row.found = verdict.found;
        if (answer.is_known()) look_elsewhere(answer, row);
        complete_hint(row);
        std::vector<DnsRow> rows{std::move(row)};
        for (auto& note : verdict.notes)
            rows.push_back(row_of_note(std::move(note)));
        add_signature_note(answer, rows);
        return rows;
    }

  private:
    [[nodiscard]] const DnsAnswer& ask(const std::string& server) const {
        return case_.book.ask(DnsQuestion{case_.first().name, case_.first().type, server});
    }
    // What the resolver says; of several servers that were named the first that answers.
    [[nodiscard]] const DnsAnswer& main_answer() const {
        const auto& answer = ask("");
        if (answer.is_known() || answer.bogus) return answer;
        for (const auto& server : case_.facts.servers)
            if (const auto& other = ask(server); other.is_known()) return other;
        return answer;
    }
    [[nodiscard]] DnsVerdict judge(const DnsAnswer& answer) const {
        if (answer.bogus) return {DnsState::bogus, answer.trouble};
        if (!answer.is_known()) return {DnsState::unknown, answer.trouble.empty() ? "nobody answered" : answer.trouble};
        return row_.judge(case_, answer);
    }

    // Servers that say something else: if any of them says what is wanted, it is on its way.
    void look_elsewhere(const DnsAnswer& answer, DnsRow& row) const {
        std::vector<std::string> differing;
        bool one_is_good = row.state == DnsState::ok;
        for (const auto& [name, address] : vantages()) {
            const auto& other = ask(address);
            if (!other.is_known() || other.values == answer.values) continue;
            differing.push_back(name);
            one_is_good = one_is_good || judge(other).state == DnsState::ok;
            for (const auto& value : other.values)
                if (std::ranges::find(row.found, value) == row.found.end()) row.found.push_back(value);
        }
        if (differing.empty() || !one_is_good) return;
        row.state = DnsState::propagating;
        row.hint =
            fmt::format("{} {} otherwise than {}", join(differing, ", "), differing.size() > 1 ? "answer" : "answers",
                        case_.facts.servers.empty() ? "the resolver" : "the first server");
        if (const auto left = lasting(answer.ttl); !left.empty())
            row.hint += fmt::format("; others may keep it for {}", left);
    }
    [[nodiscard]] std::vector<NameServer> vantages() const {
        std::vector<NameServer> all;
        for (const auto& server : case_.facts.servers)
            all.push_back({server, server});
        if (row_.asked == Asked::all_name_servers) all.insert(all.end(), servers_.begin(), servers_.end());
        return all;
    }

    void complete_hint(DnsRow& row) const {
        if (row.state == DnsState::missing)
            row.hint = with_lines(row.hint.empty() ? std::string(row_.missing) : row.hint, case_, "add");
        else if (row.state == DnsState::wrong)
            row.hint = with_lines(std::move(row.hint), case_, "it should be");
    }
    [[nodiscard]] DnsRow row_of_note(DnsNote note) const {
        return {note.name.empty() ? case_.first().name : note.name,
                note.type.empty() ? case_.first().type : note.type,
                std::move(note.aspect),
                note.state,
                false,
                std::move(note.expected),
                std::move(note.found),
                std::move(note.hint)};
    }
    void add_signature_note(const DnsAnswer& answer, std::vector<DnsRow>& rows) const {
        constexpr std::chrono::days soon{3};
        if (!answer.is_known() || !answer.signed_until || !case_.wanted.front().required ||
            *answer.signed_until - case_.facts.now > soon)
            return;
        rows.push_back(row_of_note(
            {"signature", fmt::format("its signature ends at {} UTC", format_minute(*answer.signed_until, {}))}));
    }

    const DnsCase& case_;
    const DnsRuleRow& row_;
    std::span<const NameServer> servers_;
};

// Records of one name, type and rule are judged together.
std::vector<DnsRow> inspect(const Site& site, const DnsSubject* subject, std::span<const WantedRecord> wanted,
                            const DnsFacts& facts, DnsBook& book, std::span<const NameServer> servers) {
    std::vector<DnsRow> rows;
    while (!wanted.empty()) {
        std::size_t same = 1;
        while (same < wanted.size() && wanted[same].rule == wanted[0].rule &&
               wanted[same].record.name == wanted[0].record.name && wanted[same].record.type == wanted[0].record.type)
            ++same;
        const DnsCase item{site, subject, wanted.subspan(0, same), facts, book};
        auto more = Inspection(item, servers).rows();
        std::ranges::move(more, std::back_inserter(rows));
        wanted = wanted.subspan(same);
    }
    return rows;
}

// What is answered for a name that nobody made swallows names that were forgotten, too.
void add_wildcard_rows(const DnsSubject& subject, DnsBook& book, std::vector<DnsRow>& rows) {
    const auto probe = "mailctl-no-such-name." + subject.name.text();
    for (const char* type : {"MX", "TXT"}) {
        const auto& answer = book.ask(probe, type);
        if (!answer.is_known() || answer.values.empty()) continue;
        rows.push_back({"*." + subject.name.text(), type, "wildcard", DnsState::advice, false, "", answer.values,
                        "every name has this record, _dmarc, _domainkey and mta-sts among them"});
    }
}

// A CNAME stands alone: at the top of a domain it hides MX and SPF (RFC 1034 3.6.2).
void add_apex_row(const DnsSubject& subject, DnsBook& book, std::vector<DnsRow>& rows) {
    const auto& answer = book.ask(subject.name.text(), "CNAME");
    if (!answer.is_known() || answer.values.empty()) return;
    rows.push_back({subject.name.text(), "CNAME", "apex", DnsState::wrong, false, "", answer.values,
                    "the domain itself is an alias: its mail follows the other name's records"});
}

void add_security_row(const DnsSubject& subject, const DnsFacts& facts, DnsBook& book, std::vector<DnsRow>& rows) {
    const auto& answer = book.ask(subject.name.text(), "MX");
    if (!facts.validates || !answer.is_known()) return;
    rows.push_back({subject.name.text(),
                    "DS",
                    "dnssec",
                    answer.secure ? DnsState::ok : DnsState::unsigned_zone,
                    false,
                    "",
                    {},
                    answer.secure ? "" : "the zone is not signed (DNSSEC): answers can be forged on the way"});
}

// Name servers that are named and do not serve the zone, or serve another version of it.
void add_server_rows(const ZoneServers& zone, DnsBook& book, std::vector<DnsRow>& rows) {
    std::vector<std::string> silent, serials;
    for (const auto& server : zone.servers) {
        const auto& answer = book.ask(DnsQuestion{zone.zone, "SOA", server.address});
        if (!answer.is_known() || answer.values.empty()) {
            silent.push_back(server.name);
            continue;
        }
        const auto words = split(std::string_view(answer.values.front()), ' ');
        const std::string serial(words.size() > 2 ? words[2] : "");
        if (std::ranges::find(serials, serial) == serials.end()) serials.push_back(serial);
    }
    if (!silent.empty() && silent.size() < zone.servers.size())
        rows.push_back({zone.zone, "NS", "lame", DnsState::advice, false, "", silent,
                        fmt::format("{}: named, and no answer for the zone", join(silent, ", "))});
    if (serials.size() > 1)
        rows.push_back({zone.zone, "SOA", "serial", DnsState::advice, false, "", serials,
                        "the name servers have different versions of the zone"});
}

// Whoever finds the private key of one that nobody here holds any more may sign with it.
void add_gone_keys(const DnsSubject& subject, DnsBook& book, std::vector<DnsRow>& rows) {
    for (const auto& selector : subject.gone) {
        const auto name = fmt::format("{}._domainkey.{}", selector, subject.name.text());
        const auto& answer = book.ask(name, "TXT");
        if (!answer.is_known()) continue;
        const bool is_there =
            std::ranges::any_of(answer.values, [](const auto& text) { return parse_tags(text).find("p") != nullptr; });
        if (is_there)
            rows.push_back({name, "TXT", "leftover", DnsState::extra, false, "", answer.values,
                            fmt::format("selector '{}' is gone: take its record out of the zone", selector)});
    }
}

// What stands in the DNS without our doing and is acted on by others.
void add_leftovers(const DnsSubject& subject, DnsBook& book, std::vector<DnsRow>& rows) {
    if (!subject.policy_id.empty()) return;
    const auto name = "_mta-sts." + subject.name.text();
    const auto& answer = book.ask(name, "TXT");
    if (!answer.is_known()) return;
    const bool is_there =
        std::ranges::any_of(answer.values, [](const auto& text) { return text.starts_with("v=STSv1"); });
    if (is_there)
        rows.push_back({name, "TXT", "leftover", DnsState::extra, false, "", answer.values,
                        "no MTA-STS policy is set up here (dns.mta_sts.mode)"});
}

void add_blocklist_rows(const Site& site, std::span<const std::string> addresses, DnsBook& book,
                        std::vector<DnsRow>& rows) {
    for (const auto& list : site.dns.blocklists)
        for (const auto& address : addresses) {
            const auto name = fmt::format("{}.{}", reversed_labels(address), list.text());
            const auto& answer = book.ask(name, "A");
            // 127.255.255.x says that the list does not answer this resolver.
            const bool refused =
                std::ranges::any_of(answer.values, [](const auto& v) { return v.starts_with("127.255.255."); });
            const bool listed = std::ranges::any_of(answer.values, [](const auto& v) { return v.starts_with("127."); });
            const auto state = !answer.is_known() || refused ? DnsState::unknown
                               : listed                      ? DnsState::wrong
                                                             : DnsState::ok;
            rows.push_back({name, "A", "blocklist", state, false, "", answer.values,
                            state == DnsState::wrong     ? fmt::format("{} is listed by {}", address, list.text())
                            : state == DnsState::unknown ? fmt::format("{} did not answer the question", list.text())
                                                         : ""});
        }
}

// DANE: usages 2 and 3 count for mail, and only where the zone is signed (RFC 7672 2.2, 3.1.3).
void add_tlsa_rows(const std::string& host, const DnsFacts& facts, DnsBook& book, std::vector<DnsRow>& rows) {
    const auto name = "_25._tcp." + host;
    const auto& answer = book.ask(name, "TLSA");
    if (!answer.is_known() || answer.values.empty()) return;
    if (facts.validates && !answer.secure)
        rows.push_back({name, "TLSA", "unsigned-tlsa", DnsState::advice, false, "", answer.values,
                        "the zone is not signed: nobody looks at the record"});
    if (std::ranges::any_of(answer.values, [](const auto& v) { return v.starts_with("0 ") || v.starts_with("1 "); }))
        rows.push_back({name, "TLSA", "usage", DnsState::advice, false, "", answer.values,
                        "usages 0 and 1 mean nothing for mail (RFC 7672 3.1.3)"});
}

void add_dane_rows(const Site& site, const DnsFacts& facts, DnsBook& book, std::vector<DnsRow>& rows) {
    const auto name = "_25._tcp." + site.hostname.text();
    const auto& answer = book.ask(name, "TLSA");
    if (!answer.is_known()) return;
    for (auto& one : compare_tlsa(answer.values, facts.keys)) {
        if (!one.expected.empty())
            one.hint +=
                "; add: " + zone_line({name, "TLSA", one.expected}, static_cast<unsigned>(site.dns.ttl.count()));
        rows.push_back({name, "TLSA", one.aspect, one.is_wrong ? DnsState::wrong : DnsState::advice, one.is_wrong,
                        one.expected, answer.values, one.hint});
    }
}

} // namespace

std::string_view dns_state_word(DnsState state) { return state_words[static_cast<std::size_t>(state)]; }

std::optional<DnsState> parse_dns_state(std::string_view word) {
    const auto found = std::ranges::find(state_words, word);
    if (found == state_words.end()) return std::nullopt;
    return static_cast<DnsState>(found - state_words.begin());
}

bool is_bad(DnsState state) {
    return state == DnsState::missing || state == DnsState::wrong || state == DnsState::several ||
           state == DnsState::bogus;
}

std::vector<DnsRow> check_domain_records(const Site& site, const DnsSubject& subject, const DnsFacts& facts,
                                         DnsBook& book) {
    const auto wanted = wanted_records(site, subject);
    const auto zone = facts.asks_name_servers ? servers_of_zone(book, subject.name.text()) : ZoneServers{};
    auto rows = inspect(site, &subject, wanted, facts, book, zone.servers);
    add_apex_row(subject, book, rows);
    add_wildcard_rows(subject, book, rows);
    add_gone_keys(subject, book, rows);
    add_leftovers(subject, book, rows);
    add_security_row(subject, facts, book, rows);
    add_server_rows(zone, book, rows);
    return rows;
}

std::vector<DnsRow> check_host_records(const Site& site, const DnsFacts& facts, DnsBook& book) {
    const auto wanted = wanted_host_records(site);
    auto rows = inspect(site, nullptr, wanted, facts, book, {});
    std::vector<std::string> addresses;
    for (const auto* list : {&site.dns.addresses, &site.source_ips})
        for (const auto& address : *list)
            addresses.push_back(canonical_address(address));
    add_blocklist_rows(site, addresses, book, rows);
    for (const auto& exchange : mail_exchanges(site))
        add_tlsa_rows(exchange.host.text(), facts, book, rows);
    if (!facts.keys.in_use.empty()) add_dane_rows(site, facts, book, rows);
    return rows;
}

} // namespace mailctl
