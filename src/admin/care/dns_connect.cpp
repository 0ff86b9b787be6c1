// SPDX-License-Identifier: Apache-2.0
#include "dns_connect.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/certificates.hpp"
#include "mailctl/os/cores.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::chrono::seconds patience_of_caller{20};
constexpr unsigned short smtp_port = 25, https_port = 443;
constexpr std::string_view of_key = "3 1 1 ";

std::string tlsa_name(const std::string& host) { return "_25._tcp." + host; }

DnsRow row_about(const ExchangeSeen& seen, std::string aspect, DnsState state, std::string hint = {}) {
    DnsRow row;
    row.name = seen.host;
    row.type = "SMTP";
    row.aspect = std::move(aspect);
    row.state = state;
    row.found = {seen.address};
    row.hint = std::move(hint);
    return row;
}

DnsRow row_of_greeting(const ExchangeSeen& seen) {
    const auto& banner = seen.greeting.banner;
    if (!banner.starts_with("220")) {
        auto row = row_about(seen, "greeting", DnsState::wrong, fmt::format("it takes no mail: '{}'", banner));
        row.required = true;
        return row;
    }
    auto row = row_about(seen, "greeting", DnsState::ok);
    row.required = true;
    row.found.push_back(banner);
    const auto words = split(std::string_view(banner).substr(std::min<std::size_t>(4, banner.size())), ' ');
    if (words.empty() || words.front().find('.') == std::string_view::npos) {
        row.state = DnsState::advice;
        row.hint = "it greets under a name that nobody can look up: myhostname in main.cf";
    }
    return row;
}

DnsRow row_of_starttls(const ExchangeSeen& seen, bool demands_tls) {
    const bool offers = seen.greeting.offers.contains("STARTTLS");
    auto row = row_about(seen, "starttls", offers ? DnsState::ok : DnsState::missing,
                         offers ? "" : "it does not offer STARTTLS: mail comes here in the clear");
    row.required = demands_tls;
    if (!offers && !demands_tls) row.state = DnsState::advice;
    if (offers && !seen.certificate) {
        row.state = DnsState::wrong;
        row.hint = seen.tls_trouble;
    }
    return row;
}

// Who sends by DANE looks at the key alone; who follows a policy, at names and authorities; all others at nothing.
DnsRow row_of_certificate(const ExchangeSeen& seen, bool demands_tls) {
    const auto& trouble = seen.certificate->trouble;
    auto row = row_about(seen, "certificate", DnsState::ok);
    row.required = demands_tls;
    if (trouble.empty()) return row;
    row.state = demands_tls ? DnsState::wrong : DnsState::advice;
    row.hint = fmt::format("the certificate does not vouch for '{}': {}", seen.host, printable(trouble));
    return row;
}

DnsRow row_of_tlsa(const ExchangeSeen& seen) {
    auto row = row_about(seen, "tlsa", DnsState::ok);
    row.type = "TLSA";
    row.name = tlsa_name(seen.host);
    row.found = seen.tlsa;
    row.expected = std::string(of_key) + seen.key_digest;
    row.required = true;
    const auto fits = [&](const std::string& value) { return equal_folded(value, row.expected); };
    const auto is_of_key = [](const std::string& value) { return value.starts_with(of_key); };
    if (std::ranges::any_of(seen.tlsa, fits)) return row;
    if (std::ranges::all_of(seen.tlsa, is_of_key)) {
        row.state = DnsState::wrong;
        row.hint =
            fmt::format("none fits the key that '{}' shows: mail from whoever looks at DANE does not come", seen.host);
    } else {
        row.state = DnsState::unknown;
        row.required = false;
        row.hint = "a record of another form than '3 1 1' is not compared";
    }
    return row;
}

// Lines in any order, blanks as they like, line ends of both kinds (RFC 8461 section 3.2).
std::vector<std::string> lines_of_policy(std::string_view text) {
    std::vector<std::string> lines;
    for (const auto line : split(text, '\n')) {
        const auto colon = line.find(':');
        if (colon == line.npos) continue;
        lines.push_back(fmt::format("{}: {}", fold(trim(line.substr(0, colon))), fold(trim(line.substr(colon + 1)))));
    }
    std::ranges::sort(lines);
    return lines;
}

void visit(ExchangeSeen& seen, const std::string& own_name) {
    const ServerPlace place{seen.address, smtp_port};
    auto greeting = greet_smtp_server(place, own_name, patience_of_caller);
    if (!greeting) {
        seen.trouble = greeting.error().what;
        return;
    }
    seen.greeting = std::move(*greeting);
    if (!seen.greeting.offers.contains("STARTTLS")) return;
    auto certificate = look_at_certificate(place, seen.host, TlsBegin::after_starttls, patience_of_caller);
    if (!certificate) {
        seen.tls_trouble = certificate.error().what;
        return;
    }
    seen.key_digest = public_key_digest_in(certificate->pem);
    seen.certificate = std::move(*certificate);
}

void visit(PolicySeen& seen) {
    auto answer = get_web_page({seen.address, https_port}, "mta-sts." + seen.domain, "/.well-known/mta-sts.txt",
                               patience_of_caller);
    if (answer)
        seen.answer = std::move(*answer);
    else
        seen.trouble = answer.error().what;
}

std::vector<std::string> addresses_in(const DnsBook& book, const std::string& name) {
    std::vector<std::string> addresses;
    for (const auto* type : {"A", "AAAA"})
        if (const auto found = book.answers().find({name, type}); found != book.answers().end())
            for (const auto& value : found->second.values)
                if (const auto address = canonical_address(value); !address.empty()) addresses.push_back(address);
    return addresses;
}

} // namespace

std::vector<DnsRow> rows_of_exchange(const ExchangeSeen& seen, bool demands_tls) {
    if (!seen.trouble.empty()) return {row_about(seen, "greeting", DnsState::unknown, seen.trouble)};
    std::vector<DnsRow> rows{row_of_greeting(seen)};
    if (!seen.greeting.banner.starts_with("220")) return rows;
    rows.push_back(row_of_starttls(seen, demands_tls));
    if (!seen.certificate) return rows;
    rows.push_back(row_of_certificate(seen, demands_tls));
    if (!seen.tlsa.empty()) rows.push_back(row_of_tlsa(seen));
    return rows;
}

DnsRow row_of_policy(const PolicySeen& seen, std::string_view wanted) {
    DnsRow row;
    row.name = "mta-sts." + seen.domain;
    row.type = "HTTPS";
    row.aspect = "policy";
    row.required = true;
    row.state = DnsState::wrong;
    row.expected = std::string(wanted);
    row.found = {seen.address};
    const auto remedy = fmt::format("put what 'mailctl dns policy {}' writes there", seen.domain);
    if (!seen.trouble.empty())
        row.hint = fmt::format("the policy cannot be fetched: {}", seen.trouble);
    else if (seen.answer.status != 200)
        row.hint = fmt::format("the web server answers {} for the policy: {}", seen.answer.status, remedy);
    else if (lines_of_policy(seen.answer.body) != lines_of_policy(wanted))
        row.hint = fmt::format("the policy that is given out is another one: {}", remedy);
    else
        row.state = DnsState::ok;
    return row;
}

void Connections::ask_for(const std::vector<DnsSubject>& subjects, DnsBook& book) const {
    for (const auto& exchange : mail_exchanges(site_)) {
        const auto& host = exchange.host.text();
        book.ask(host, "A");
        book.ask(host, "AAAA");
        book.ask(tlsa_name(host), "TLSA");
    }
    for (const auto& subject : subjects) {
        if (subject.policy_id.empty()) continue;
        book.ask("mta-sts." + subject.name.text(), "A");
        book.ask("mta-sts." + subject.name.text(), "AAAA");
    }
}

void Connections::add(const std::string& shown, const std::vector<DnsSubject>& subjects, const DnsBook& book) {
    for (const auto& exchange : mail_exchanges(site_)) {
        const auto& host = exchange.host.text();
        const auto tlsa = book.answers().find({tlsa_name(host), "TLSA"});
        for (const auto& address : addresses_in(book, host)) {
            auto& seen = exchanges_[{host, address}];
            seen.host = host, seen.address = address;
            if (tlsa != book.answers().end()) seen.tlsa = tlsa->second.values;
        }
    }
    for (const auto& subject : subjects) {
        if (subject.policy_id.empty()) continue;
        const auto& domain = subject.name.text();
        for (const auto& address : addresses_in(book, "mta-sts." + domain))
            policies_[{domain, address}] = {shown, {domain, address, {}, {}}};
    }
}

std::vector<std::pair<std::string, DnsRow>> Connections::look() const {
    std::vector<ExchangeSeen> exchanges;
    for (const auto& [unused, seen] : exchanges_)
        exchanges.push_back(seen);
    std::vector<std::pair<std::string, PolicySeen>> policies;
    for (const auto& [unused, shown] : policies_)
        policies.push_back(shown);
    on_every_core("connecting", exchanges.size() + policies.size(), [&](std::size_t i) {
        if (i < exchanges.size())
            visit(exchanges[i], site_.hostname.text());
        else
            visit(policies[i - exchanges.size()].second);
    });
    std::vector<std::pair<std::string, DnsRow>> rows;
    const bool demands_tls = site_.dns.mta_sts.mode == MtaStsMode::enforce;
    for (const auto& seen : exchanges)
        for (auto& row : rows_of_exchange(seen, demands_tls))
            rows.emplace_back(site_.hostname.display(), std::move(row));
    for (const auto& [shown, seen] : policies)
        rows.emplace_back(shown, row_of_policy(seen, mta_sts_policy(site_)));
    return rows;
}

} // namespace mailctl
