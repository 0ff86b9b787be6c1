// SPDX-License-Identifier: Apache-2.0
// Applied texts to rows.
#include "mailctl/site/compiled.hpp"

#include "mailctl/config/domain_file.hpp"
#include "mailctl/maildir/mail_owner.hpp"
#include "mailctl/os/digest.hpp"
#include "mailctl/os/progress.hpp"

namespace mailctl {

namespace {

Result<DomainChange> row_change(const SiteView& view, const DomainName& name, KnownDomains& known) {
    DomainChange change{name, std::nullopt, {}};
    const auto model = known.after.find(name);
    const auto known_digest = known.digests.find(name);
    SourceText text;
    if (model == known.after.end() || known_digest == known.digests.end()) {
        TRY_ASSIGN(text, view.find_applied_text({name}));
    }
    if (model != known.after.end()) {
        change.domain = std::move(model->second);
    } else {
        TRY_ASSIGN(change.domain, model_of(view, name, text));
    }
    if (!change.domain) return change;
    if (known.parts.contains(name)) change.part_before = &*known.before.at(name);
    TRY_ASSIGN(const auto stamp, find_stamp(view.paths().domain_file(name)));
    change.source = {stamp.value_or(FileStamp{}),
                     known_digest == known.digests.end() ? digest(text.value()) : known_digest->second};
    return change;
}

} // namespace

Result<std::optional<Domain>> model_of(const SiteView& view, const DomainName& name, const SourceText& text) {
    if (!text) return std::nullopt;
    TRY_ASSIGN(auto parsed, parse_domain(*text, view.paths().domain_file(name), name, view.site().addresses));
    return std::optional<Domain>(std::move(parsed.domain));
}

Result<Directory> open_compiled(const SiteView& view) {
    TRY_ASSIGN(const auto owner, find_mail_owner(view.paths(), view.site().mail));
    return Directory::open_for_update(view.paths().directory, owner ? std::optional(owner->group) : std::nullopt);
}

Result<std::uint64_t> generation_of(const Directory& directory, const Site& site) {
    const auto snapshot = directory.snapshot();
    if (snapshot) return (*snapshot)->generation();
    TRY_ASSIGN(const bool empty, directory.needs_full_compile(site));
    if (empty) return 0; // nothing compiled yet, or by another version
    return fail(snapshot.error());
}

Status compile(const SiteView& view, Directory& directory, std::set<DomainName> names, std::uint64_t generation) {
    KnownDomains unknown;
    return compile(view, directory, std::move(names), generation, unknown);
}

Status compile(const SiteView& view, Directory& directory, std::set<DomainName> names, std::uint64_t generation,
               KnownDomains& known) {
    TRY_ASSIGN(const bool everything, directory.needs_full_compile(view.site()));
    if (everything) {
        TRY_ASSIGN(const auto applied, view.applied_domain_names());
        names.insert(applied.begin(), applied.end());
        TRY_ASSIGN(const auto compiled, directory.domains());
        names.insert(compiled.begin(), compiled.end());
        for (const auto& name : known.parts)
            known.after.erase(name);
        known.parts.clear();
    }
    std::vector<DomainChange> changes;
    Progress progress("reading domains", names.size());
    for (const auto& name : names) {
        progress.step();
        TRY_ASSIGN(auto change, row_change(view, name, known));
        changes.push_back(std::move(change));
    }
    auto updated = directory.update(view.site(), changes, generation);
    for (auto& change : changes) // they are lent: a site may be all of them
        if (const auto lent = known.after.find(change.name); lent != known.after.end())
            lent->second = std::move(change.domain);
    return updated;
}

Result<std::set<DomainName>> stale_domains(const SiteView& view, const Directory& directory) {
    std::set<DomainName> stale;
    TRY_ASSIGN(const auto sources, directory.sources());
    std::map<DomainName, std::string> digests;
    Progress progress("comparing domains", sources.size());
    for (const auto& [name, source] : sources) {
        progress.step();
        digests.emplace(name, source.digest);
        TRY_ASSIGN(const auto text, view.find_applied_text({name}));
        if (!text || digest(*text) != source.digest) stale.insert(name);
    }
    TRY_ASSIGN(const auto names, view.applied_domain_names());
    for (const auto& name : names)
        if (!digests.contains(name)) stale.insert(name);
    return stale;
}

} // namespace mailctl
