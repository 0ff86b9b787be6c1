// SPDX-License-Identifier: Apache-2.0
// The statements over tables `dns_records` and `dns_domains`.
#include "mailctl/store/dns_state.hpp"

#include "mailctl/base/text.hpp"
#include "row_values.hpp"

namespace mailctl {
namespace {

constexpr std::size_t longest_dns_text = 8192, most_dns_values = 200;

std::optional<Instant> optional_instant(const SqlStatement& row, int column) {
    return row.is_null(column) ? std::nullopt : stored_instant(row.integer(column));
}

std::vector<std::string> stored_lines(const std::string& text) {
    std::vector<std::string> lines;
    if (text.empty()) return lines;
    for (const auto line : split(std::string_view(text), '\n'))
        if (lines.size() < most_dns_values) lines.push_back(bounded_text(line, longest_dns_text));
    return lines;
}

// Values of foreign records may hold line feeds; here they part the values.
std::string lines_to_store(const std::vector<std::string>& values) {
    std::vector<std::string> lines;
    for (const auto& value : values)
        lines.push_back(printable(value));
    return join(lines, "\n");
}

std::optional<StoredDnsDomain> domain_of_row(const SqlStatement& row, int first) {
    const auto bad = stored_count(row.integer(first + 2));
    if (!bad || *bad > 1'000'000) return std::nullopt;
    return StoredDnsDomain{row.integer(first) != 0, optional_instant(row, first + 1), static_cast<unsigned>(*bad),
                           optional_instant(row, first + 3)};
}

Status save_dns_domain(Database& database, const StoredDnsRound& round) {
    TRY_ASSIGN(auto row, database.prepare("INSERT OR REPLACE INTO dns_domains VALUES (?, ?, ?, ?, ?)"));
    row.bind(round.domain)
        .bind(std::int64_t{round.state.active})
        .bind(round.state.since)
        .bind(std::int64_t{round.state.bad_rounds})
        .bind(round.state.counted);
    return row.run();
}

Status save_dns_record(Database& database, const std::string& domain, const StoredDnsRecord& record) {
    TRY_ASSIGN(auto row,
               database.prepare("INSERT OR REPLACE INTO dns_records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    row.bind(domain).bind(record.name).bind(record.type).bind(record.aspect).bind(record.state);
    row.bind(std::int64_t{record.required}).bind(record.expected).bind(lines_to_store(record.found)).bind(record.hint);
    row.bind(record.since).bind(record.last_good);
    return row.run();
}

} // namespace

Result<std::vector<StoredDnsRecord>> dns_records_of(State& state, const std::string& domain) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto rows,
               turn->prepare("SELECT name, type, aspect, state, required, expected, found, hint, since, last_good "
                             "FROM dns_records WHERE domain = ? ORDER BY rowid"));
    rows.bind(domain);
    std::vector<StoredDnsRecord> records;
    for (;;) {
        TRY_ASSIGN(const bool more, turn.next(rows));
        if (!more) return records;
        const auto since = stored_instant(rows.integer(8));
        if (!since) {
            turn.skip("dns_records", rows.text(0));
            continue;
        }
        const auto text = [&](int column) { return bounded_text(rows.text(column), longest_dns_text); };
        records.push_back({text(0), text(1), text(2), text(3), rows.integer(4) != 0, text(5),
                           stored_lines(rows.text(6)), text(7), *since, optional_instant(rows, 9)});
    }
}

Result<StoredDnsDomain> dns_domain_of(State& state, const std::string& domain) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto row, turn->prepare("SELECT active, since, bad_rounds, counted FROM dns_domains WHERE domain = ?"));
    TRY_ASSIGN(const bool found, row.bind(domain).next());
    return found ? domain_of_row(row, 0).value_or(StoredDnsDomain{}) : StoredDnsDomain{};
}

Result<std::map<std::string, StoredDnsDomain>> all_dns_domains(State& state) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto rows, turn->prepare("SELECT domain, active, since, bad_rounds, counted FROM dns_domains"));
    std::map<std::string, StoredDnsDomain> domains;
    for (;;) {
        TRY_ASSIGN(const bool more, turn.next(rows));
        if (!more) return domains;
        if (auto one = domain_of_row(rows, 1))
            domains.emplace(bounded_text(rows.text(0), longest_dns_text), *one);
        else
            turn.skip("dns_domains", rows.text(0));
    }
}

Status save_dns_rounds(State& state, std::span<const StoredDnsRound> rounds) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto transaction, SqlTransaction::begin(turn.database()));
    for (const auto& round : rounds) {
        TRY(save_dns_domain(turn.database(), round));
        TRY_ASSIGN(auto forget, turn->prepare("DELETE FROM dns_records WHERE domain = ?"));
        TRY(forget.bind(round.domain).run());
        for (const auto& record : round.records) {
            TRY(save_dns_record(turn.database(), round.domain, record));
        }
    }
    return transaction.commit();
}

} // namespace mailctl
