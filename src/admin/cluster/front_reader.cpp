// SPDX-License-Identifier: Apache-2.0
// Domains first, then their names as one stream in the same order. A name that two machines have is on its way from one
// to the other.
#include "front_reader.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/routing/lookup.hpp"

#include <algorithm>

namespace mailctl {

namespace {

// Names hold neither commas nor braces nor quotes.
std::vector<std::string> front_array(std::string_view text) {
    std::vector<std::string> names;
    if (text.size() < 2) return names;
    for (const auto name : split(text.substr(1, text.size() - 2), ','))
        if (!name.empty()) names.emplace_back(name);
    return names;
}

std::vector<SqlValue> front_values(const std::set<std::string>* among) {
    if (!among) return {};
    return {SqlValue("{" + join(std::vector<std::string>(among->begin(), among->end()), ",") + "}")};
}

// One row of entry, of a domain that is being read.
struct FrontRow {
    std::string node, local;
    RowKind kind;
    bool is_rejected;
};

class DomainGathering {
  public:
    explicit DomainGathering(FrontDomain domain) : domain_(std::move(domain)) {}

    void add(const FrontRow& row) {
        const bool is_pattern = row.local.find_first_of("*?") != std::string::npos;
        // The machine that has it has a row of its own.
        if (row.kind == RowKind::domain || row.kind == RowKind::elsewhere ||
            (row.kind == RowKind::banished && is_pattern))
            return;
        if (row.local == catchrest_name) domain_.takes_any_name = true;
        claim(row.local, row);
        if (row.kind == RowKind::list) owners_.emplace(list_owner_name(row.local), row);
    }
    FrontDomain finish() && {
        for (const auto& [name, row] : owners_)
            if (!claimed_.contains(name)) claim(name, row);
        for (auto& [unused, name] : claimed_)
            domain_.claimed.push_back(std::move(name));
        return std::move(domain_);
    }

  private:
    void claim(const std::string& key, const FrontRow& row) {
        const bool is_refused = row.kind == RowKind::banished && row.is_rejected;
        const auto [known, is_new] =
            claimed_.try_emplace(key, FrontName{key, is_refused, row.kind == RowKind::mailbox, {row.node, false}});
        if (is_new || row.kind == RowKind::banished) return; // each machine that has any of the domain has those
        auto& place = known->second.place;
        place.is_moving = place.node != row.node;
        if (row.node == domain_.place.node) place.node = row.node;
    }

    FrontDomain domain_;
    std::map<std::string, FrontName> claimed_;
    std::map<std::string, FrontRow> owners_;
};

FrontDomain front_domain_of_row(const PostgresRow& row, const Site& site) {
    FrontDomain domain{DomainName::from_trusted(std::string(row.text(0))),
                       {},
                       {std::string(row.text(1)), row.flag(4)},
                       row.text(3) != "reject",
                       {}};
    domain.names.push_back(domain.name);
    for (auto& alias : front_array(row.text(2)))
        domain.names.push_back(DomainName::from_trusted(std::move(alias)));
    if (site.alternate_suffix) domain.names.push_back(alternate_name(domain.name, *site.alternate_suffix));
    std::ranges::sort(domain.names);
    return domain;
}

} // namespace

Result<FrontNodes> read_front_nodes(DirectoryReader& reader) {
    FrontNodes nodes;
    TRY(reader.connection().each(
        "select name, lmtp, host(imap), state = 0 from mailctl.node where not deleted", {},
        [&](const PostgresRow& row) -> Status {
            nodes.emplace(row.text(0), FrontNode{std::string(row.text(1)), std::string(row.text(2)), row.flag(3)});
            return {};
        }));
    return nodes;
}

Result<std::set<std::string>> read_changed_domains(DirectoryReader& reader, const DirectoryNews& news) {
    std::set<std::string> names;
    const std::vector<SqlValue> values{news.since};
    TRY(reader.connection().each("select name from mailctl.domain where generation > $1::bigint union select d.name "
                                 "from mailctl.entry e join mailctl.domain d on d.id = e.domain where e.generation > "
                                 "$1::bigint",
                                 values, [&](const PostgresRow& row) -> Status {
                                     names.emplace(row.text(0));
                                     return {};
                                 }));
    return names;
}

Status read_front_domains(DirectoryReader& reader, const Site& site, const std::set<std::string>* among,
                          const FrontTaker& take) {
    const std::string of_these = among ? " and d.name = any($1::text[])" : "";
    std::vector<FrontDomain> domains;
    TRY(reader.connection().each(
        "select d.name, n.name, d.aliases, d.unknown, exists (select from mailctl.move m where m.domain = d.name and "
        "m.local = '') from mailctl.domain d left join mailctl.node n on n.id = d.node where not d.deleted" +
            of_these + " order by d.name collate \"C\"",
        front_values(among), [&](const PostgresRow& row) -> Status {
            domains.push_back(front_domain_of_row(row, site));
            return {};
        }));
    auto next = domains.begin();
    std::optional<DomainGathering> gathering;
    std::string current;
    // All domains before `name` are complete, with names or without.
    const auto finish_before = [&](const std::string& name) -> Status {
        if (gathering) {
            TRY(take(std::move(*gathering).finish()));
        }
        gathering.reset();
        for (; next != domains.end() && (name.empty() || next->name.text() < name); ++next) {
            TRY(take(DomainGathering(std::move(*next)).finish()));
        }
        return {};
    };
    TRY(reader.connection().each(
        "select d.name, n.name, e.local, e.kind, e.kind = 'b' and e.payload = 'reject' from mailctl.entry e join "
        "mailctl.domain d on d.id = e.domain join mailctl.node n on n.id = e.node where not e.deleted and not "
        "d.deleted" +
            of_these + " order by d.name collate \"C\"",
        front_values(among), [&](const PostgresRow& row) -> Status {
            if (row.text(0) != current) {
                current = row.text(0);
                TRY(finish_before(current));
                if (next == domains.end() || next->name.text() != current) return {};
                gathering.emplace(std::move(*next++));
            }
            const auto kind = row.text(3);
            if (gathering)
                gathering->add({std::string(row.text(1)), std::string(row.text(2)),
                                static_cast<RowKind>(kind.empty() ? '?' : kind.front()), row.flag(4)});
            return {};
        }));
    return finish_before("");
}

} // namespace mailctl
