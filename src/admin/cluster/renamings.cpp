// SPDX-License-Identifier: Apache-2.0
#include "renamings.hpp"

#include "sql_array.hpp"

#include <set>

namespace mailctl {

namespace {

struct RenamedNames {
    Address from, to;
};

// Orders that cannot be read were refused when they were made.
std::optional<RenamedNames> names_of_order(const MailOrder& order) {
    auto from = Address::parse(order.mailbox), to = Address::parse(order.argument);
    if (!from || !to) return std::nullopt;
    return RenamedNames{std::move(*from), std::move(*to)};
}

void add_renamings(const HistoryRecord& record, std::vector<Renaming>& renamings) {
    std::set<std::pair<DomainName, DomainName>> domains;
    for (const auto& order : record.mail)
        if (const auto names = order.verb == "rename-domain" ? names_of_order(order) : std::nullopt) {
            domains.emplace(names->from.domain, names->to.domain);
            renamings.push_back({names->from.domain.text(), "", names->to.domain.text(), ""});
        }
    for (const auto& order : record.mail) {
        const auto names = order.verb == "rename" ? names_of_order(order) : std::nullopt;
        if (!names) continue;
        const auto& [from, to] = *names;
        const bool is_with_domain = from.local.key() == to.local.key() && domains.contains({from.domain, to.domain});
        if (!is_with_domain)
            renamings.push_back({from.domain.text(), from.local.key(), to.domain.text(), to.local.key()});
    }
}

std::string column_of_renamings(std::span<const Renaming> renamings, std::string Renaming::*member) {
    std::vector<std::string> texts;
    for (const auto& renaming : renamings)
        texts.push_back(renaming.*member);
    return sql_array(texts);
}

} // namespace

std::vector<Renaming> renamings_of(std::span<const HistoryRecord> records) {
    std::vector<Renaming> renamings;
    for (const auto& record : records)
        add_renamings(record, renamings);
    return renamings;
}

Address name_after(std::span<const Renaming> renamings, const Address& mailbox) {
    std::string domain = mailbox.domain.text(), local = mailbox.local.key();
    for (const auto& [from_domain, from_local, to_domain, to_local] : renamings) {
        if (domain != from_domain || (!from_local.empty() && local != from_local)) continue;
        domain = to_domain;
        if (!from_local.empty()) local = to_local;
    }
    return {LocalPart::from_trusted(std::move(local)), DomainName::from_trusted(std::move(domain))};
}

Status put_renamings(Postgres& connection, std::span<const Renaming> renamings, std::int64_t generation) {
    TRY(connection.run("delete from mailctl.renaming where generation <= (select max(id) from mailctl.generation where "
                       "at < now() - interval '30 days')"));
    if (renamings.empty()) return {};
    const std::vector<SqlValue> values{column_of_renamings(renamings, &Renaming::from_domain),
                                       column_of_renamings(renamings, &Renaming::from_local),
                                       column_of_renamings(renamings, &Renaming::to_domain),
                                       column_of_renamings(renamings, &Renaming::to_local), generation};
    return connection.run("insert into mailctl.renaming (generation, place, from_domain, from_local, to_domain, "
                          "to_local) select $5::bigint, place, from_domain, from_local, to_domain, to_local from "
                          "unnest($1::text[], $2::text[], $3::text[], $4::text[]) with ordinality as "
                          "n(from_domain, from_local, to_domain, to_local, place)",
                          values);
}

Result<std::vector<Renaming>> read_renamings(Postgres& connection, std::int64_t since) {
    std::vector<Renaming> renamings;
    const std::vector<SqlValue> values{since};
    TRY(connection.each("select from_domain, from_local, to_domain, to_local from mailctl.renaming where generation > "
                        "$1::bigint order by generation, place",
                        values, [&](const PostgresRow& row) -> Status {
                            renamings.push_back({std::string(row.text(0)), std::string(row.text(1)),
                                                 std::string(row.text(2)), std::string(row.text(3))});
                            return {};
                        }));
    return renamings;
}

} // namespace mailctl
