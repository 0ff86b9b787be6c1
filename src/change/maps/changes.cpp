// SPDX-License-Identifier: Apache-2.0
// From changed domains to changed names, from these to the names that depend on them, and to rows.
#include "mailctl/change/maps/changes.hpp"

#include "mailctl/change/domain_part.hpp"
#include "mailctl/change/maps/ledger.hpp"
#include "mailctl/change/maps/postmap.hpp"
#include "mailctl/exchange/maps/name_plans.hpp"
#include "mailctl/exchange/maps/postfix_fragments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

namespace mailctl {

namespace {

// Beyond these a whole build costs less than one search and one transaction of the index for each row.
constexpr std::size_t max_names = 2000, max_rows = 500, max_removed = 200;

using Names = std::set<std::string>;

bool same_for_agent(const Outcome& before, const Outcome& after) {
    const auto* old_reject = std::get_if<Reject>(&before);
    const auto* new_reject = std::get_if<Reject>(&after);
    return old_reject && new_reject ? *old_reject == *new_reject : !old_reject && !new_reject;
}

// Names whose rows may differ, by domain. A name "" stands for what the domain does with names nobody claims.
class Spread {
  public:
    explicit Spread(const MapChangeSource& source)
        : source_(source), settings_(settings_for_maps(source.context, source.site)) {}

    void add(const DomainName& domain, const Names& names, bool all_names) {
        auto& known = reached_[domain];
        Names fresh;
        for (const auto& name : names)
            if (known.insert(name).second) fresh.insert(name);
        count_ += fresh.size();
        if (!fresh.empty() || all_names) waiting_.push_back({domain, std::move(fresh), all_names});
    }
    // False: too far, or to what no list of names can say.
    Result<bool> run() {
        while (!waiting_.empty()) {
            const Step step = std::move(waiting_.front());
            waiting_.pop_front();
            TRY_ASSIGN(const bool within, follow(step));
            if (!within || count_ > max_names) return false;
        }
        return postmaster_stays();
    }
    [[nodiscard]] const std::map<DomainName, Names>& reached() const { return reached_; }

  private:
    struct Step {
        DomainName domain;
        Names names;
        bool all_names; // any name of the domain may lead elsewhere now
    };

    Result<bool> follow(const Step& step) {
        const bool any = step.all_names || step.names.contains("") || step.names.contains(std::string(catchrest_name));
        Names leading;
        for (const auto& name : step.names) {
            TRY_ASSIGN(const bool same, leads_alike(step.domain, name));
            if (!same) leading.insert(name);
        }
        std::set<DomainName> asked;
        for (const auto* side : {&source_.before, &source_.after}) {
            TRY_ASSIGN(const auto names, side->claimed_names(step.domain));
            asked.insert(names.begin(), names.end());
        }
        for (const auto& name : asked) {
            for (const auto* side : {&source_.before, &source_.after}) {
                TRY_ASSIGN(const auto mentions, side->find_mentions(name));
                if (!reach(mentions, step, leading, any)) return false;
            }
        }
        return true;
    }
    // False: a domain passes its unknown names on to this one, and any of them may have changed.
    bool reach(const LinkedLookup::Mentions& mentions, const Step& step, const Names& leading, bool any) {
        for (const auto& [domain, list] : mentions) {
            Names reached;
            for (const auto& mention : list) {
                if (mention.local.empty() && any) return false;
                if (mention.local.empty())
                    reached.insert(step.names.begin(), step.names.end());
                else if (any || leading.contains(mention.local) || leading.contains(base_of(mention.local)))
                    reached.insert(mention.holder);
            }
            add(domain, reached, false);
        }
        return true;
    }
    [[nodiscard]] std::string base_of(const std::string& local) const {
        return local.substr(0,
                            settings_.delimiters.empty() ? local.npos : local.find_first_of(settings_.delimiters, 1));
    }
    // Whether those who mention the name see no difference. In Postfix mode their rows hold the expansion.
    Result<bool> leads_alike(const DomainName& domain, const std::string& name) const {
        if (source_.site.maps.mode == MapMode::postfix || name.empty()) return false;
        const Address address{LocalPart::from_trusted(name), domain};
        TRY_ASSIGN(const auto before, resolve(source_.before, settings_, address));
        TRY_ASSIGN(const auto after, resolve(source_.after, settings_, address));
        return same_for_agent(before.outcome, after.outcome);
    }
    // Every domain without a postmaster of its own has a row that depends on the site's.
    Result<bool> postmaster_stays() const {
        const auto& postmaster = source_.site.postmaster;
        if (!postmaster) return true;
        TRY_ASSIGN(const auto domain, source_.after.find_domain(postmaster->domain));
        TRY_ASSIGN(const auto earlier, source_.before.find_domain(postmaster->domain));
        if (domain.has_value() != earlier.has_value()) return false;
        if (!domain) return true;
        if (domain->name != earlier->name) return false;
        if (!reached_.contains(domain->name)) return true;
        if (source_.site.maps.mode == MapMode::postfix) return false;
        return leads_alike(domain->name, postmaster->local.key());
    }

    const MapChangeSource& source_;
    ResolveSettings settings_;
    std::map<DomainName, Names> reached_;
    std::deque<Step> waiting_;
    std::size_t count_ = 0;
};

// Where a certificate cannot be read the rows are left out, here as in whole maps.
bool has_certificate(const std::optional<Domain>& domain) { return domain && domain->tls.has_value(); }

// Whether rows can say all that changes with the domain as a whole.
bool is_in_rows(const std::optional<Domain>& before, const std::optional<Domain>& after) {
    for (const auto* side : {&before, &after}) {
        if (!*side) continue;
        const auto& domain = **side;
        if (!domain.source_ip.empty() || !domain.relay_to.empty() || has_certificate(*side)) return false;
        if (domain.unknown.kind == UnknownAction::Kind::domain) return false;
        if (std::ranges::any_of(domain.banished, &Ban::is_pattern)) return false;
    }
    return true;
}

Result<bool> same_srs_domain(const MapChangeSource& source) {
    const auto domain = srs_domain(source.site);
    if (!domain) return true;
    TRY_ASSIGN(const auto before, source.before.find_domain(*domain));
    TRY_ASSIGN(const auto after, source.after.find_domain(*domain));
    return before.has_value() == after.has_value();
}

// A domain about whose own file nothing is to be said, as far as maps need it.
Result<std::optional<Domain>> head_of(const LinkedLookup& directory, const DomainName& name) {
    TRY_ASSIGN(const auto entry, directory.find_domain(name));
    if (!entry || entry->relation != DomainRelation::itself) return std::nullopt;
    Domain domain(name);
    domain.state = entry->suspended ? DomainState::suspended : DomainState::active;
    domain.unknown = entry->unknown;
    domain.relay_to = entry->relay_to;
    domain.banished = entry->patterns;
    TRY_ASSIGN(const auto names, directory.claimed_names(name));
    for (const auto& other : names)
        if (other != name) domain.aliases.push_back(other);
    return domain;
}

// Who holds catchrest decides what becomes of all other names where they are held as candidates, or passed on.
bool decides_for_all(const Names& names, const std::optional<Domain>& domain) {
    if (!domain || !names.contains(std::string(catchrest_name))) return false;
    return domain->unknown.kind == UnknownAction::Kind::candidate ||
           domain->unknown.kind == UnknownAction::Kind::domain;
}

class Rows {
  public:
    explicit Rows(const MapChangeSource& source) : source_(source) {
        for (const auto& map : empty_maps(source.site, true))
            if (map.is_rows) changeable_.insert(map.name);
    }
    // False: the change is in a map that is not made of rows.
    Result<bool> compare(const std::optional<Domain>& before, const std::optional<Domain>& after, const Names* among) {
        TRY_ASSIGN(const auto old_pieces, pieces(source_.before, before, among));
        TRY_ASSIGN(auto new_pieces, pieces(source_.after, after, among));
        for (const auto& [map, unused] : old_pieces)
            new_pieces.try_emplace(map);
        for (const auto& [map, text] : new_pieces) {
            const auto old_text = old_pieces.find(map);
            auto changes = compare_lines(old_text == old_pieces.end() ? "" : old_text->second, text);
            if (changes.empty()) continue;
            if (!changeable_.contains(map)) return false;
            changes.section = section_heading((before ? before : after)->name);
            rows_ += changes.size();
            removed_ += changes.removed.size();
            if (rows_ > max_rows || removed_ > max_removed) return false;
            changes_[map].push_back(std::move(changes));
        }
        return true;
    }
    [[nodiscard]] RowChanges take() { return std::move(changes_); }

  private:
    Result<MapPieces> pieces(const LinkedLookup& directory, const std::optional<Domain>& domain,
                             const Names* among) const {
        if (!domain) return MapPieces{};
        const auto find_no_other = [](const DomainName&) -> Result<std::optional<Domain>> { return std::nullopt; };
        return make_pieces({source_.context, source_.site, directory, find_no_other}, *domain, among);
    }

    const MapChangeSource& source_;
    Names changeable_;
    RowChanges changes_;
    std::size_t rows_ = 0, removed_ = 0;
};

bool has_quoted_key(const RowChanges& changes) {
    const auto quoted = [](const std::string& line) { return line.starts_with('"'); };
    for (const auto& [unused, sections] : changes)
        for (const auto& lines : sections)
            if (std::ranges::any_of(lines.removed, quoted) || std::ranges::any_of(lines.added, quoted)) return true;
    return false;
}

bool is_dovecot_map(const std::string& map) { // read as it is
    return map == "dovecot-users" || map == "front-routes" || map == "front-exceptions";
}

std::string key_of(const std::string& row) { return row.substr(0, row.find(' ')); }

} // namespace

Result<std::optional<RowChanges>> find_row_changes(const MapChangeSource& source) {
    Spread spread(source);
    std::map<DomainName, DomainPart> parts;
    for (const auto& [name, before] : source.domains_before) {
        const auto& after = source.domains_after.at(name);
        auto part = changed_part(before, after);
        if (part.is_whole && !is_in_rows(before, after)) return std::nullopt;
        if (part.names.empty() && !part.is_whole) continue;
        spread.add(name, part.names, part.is_whole);
        parts.emplace(name, std::move(part));
    }
    TRY_ASSIGN(const bool within, spread.run());
    TRY_ASSIGN(const bool same_srs, same_srs_domain(source));
    if (!within || !same_srs) return std::nullopt;
    Rows rows(source);
    for (const auto& [name, names] : spread.reached()) {
        if (std::ranges::any_of(names, begins_like_a_comment)) return std::nullopt;
        DomainPart part;
        if (const auto known = parts.find(name); known != parts.end()) {
            part = std::move(known->second);
        } else {
            TRY_ASSIGN(part.before, head_of(source.before, name));
            TRY_ASSIGN(part.after, head_of(source.after, name));
        }
        if (decides_for_all(names, part.before) || decides_for_all(names, part.after)) return std::nullopt;
        TRY_ASSIGN(const bool said, rows.compare(part.before, part.after, part.is_whole ? nullptr : &names));
        if (!said) return std::nullopt;
    }
    auto changes = rows.take();
    if (has_quoted_key(changes)) return std::nullopt;
    return changes;
}

Result<std::optional<RowChanges>> find_row_changes(const MapChangeSource& source, const InstalledMaps& installed) {
    if (!has_changeable_index(source.context.database_type)) return std::nullopt;
    TRY_ASSIGN(const auto ledger, read_ledger(installed.paths, installed.ledger, installed.made_from));
    if (!ledger || ledger->bytes() < installed.whole_below) return std::nullopt;
    return find_row_changes(source);
}

Status apply_row_changes(const Paths& paths, const Site& site, const std::string& database_type,
                         const RowChanges& changes) {
    for (const auto& [map, sections] : changes) {
        const std::string path = paths.maps + "/" + map;
        TRY(change_lines(path, sections));
        if (is_dovecot_map(map)) continue;
        std::set<std::string> keys;
        std::vector<std::string> added;
        for (const auto& lines : sections) {
            for (const auto& row : lines.removed)
                keys.insert(key_of(row));
            added.insert(added.end(), lines.added.begin(), lines.added.end());
        }
        for (const auto& row : added)
            keys.erase(key_of(row));
        const std::vector<std::string> removed(keys.begin(), keys.end());
        TRY(change_index(path, database_type, site.maps, removed, added));
    }
    return {};
}

} // namespace mailctl
