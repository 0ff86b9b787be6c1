// Offers for the shell's completion.
#include "mailctl/admin/names.hpp"

#include "mailctl/admin/site_view.hpp"
#include "mailctl/config/site_file.hpp"
#include "mailctl/system/candidates.hpp"
#include "mailctl/system/files.hpp"

#include <algorithm>

namespace mailctl {

namespace {

// Reading more files than this for one press of a key would be felt.
constexpr std::size_t max_domains = 20;

std::vector<std::string> local_parts(const Domain& domain, NameKind kind) {
    std::vector<std::string> names;
    if (kind == NameKind::mailbox)
        for (const auto& [name, unused] : domain.mailboxes)
            names.push_back(name);
    if (kind == NameKind::alias)
        for (const auto& [unused, mailbox] : domain.mailboxes)
            names.insert(names.end(), mailbox.aliases.begin(), mailbox.aliases.end());
    if (kind == NameKind::forward)
        for (const auto& [name, unused] : domain.forwards)
            names.push_back(name);
    if (kind == NameKind::robot)
        for (const auto& [name, unused] : domain.robots)
            names.push_back(name);
    if (kind == NameKind::list)
        for (const auto& [name, unused] : domain.lists)
            names.push_back(name);
    if (kind == NameKind::banished)
        for (const auto& ban : domain.banished)
            names.push_back(ban.name);
    return names;
}

std::vector<std::string> candidate_names(const SiteView& view, const Domain& domain) {
    State state = State::of_agent(view.paths());
    std::vector<std::string> names;
    if (const auto known = candidates_of(state, domain.name))
        for (const auto& candidate : *known)
            names.push_back(candidate.name.local.text());
    return names;
}

Result<std::vector<std::string>> addresses(const SiteView& view, NameKind kind, std::string_view prefix) {
    TRY_ASSIGN(auto domains, view.domain_names());
    const auto at = prefix.find('@');
    if (at != std::string_view::npos)
        std::erase_if(domains, [&](const auto& name) { return !name.text().starts_with(prefix.substr(at + 1)); });
    std::vector<std::string> found;
    if (domains.size() > max_domains) return found;
    for (const auto& name : domains) {
        const auto domain = view.find_domain(name);
        if (!domain || !*domain) continue;
        for (const auto& local :
             kind == NameKind::candidate ? candidate_names(view, **domain) : local_parts(**domain, kind))
            found.push_back(local + "@" + name.text());
    }
    return found;
}

Result<std::vector<std::string>> names_of(const World& world, NameKind kind, std::string_view prefix) {
    if (kind == NameKind::map) {
        TRY_ASSIGN(auto names, list_directory(world.paths.maps));
        std::erase_if(names, [](const std::string& name) {
            return name.ends_with(".lmdb") || name.ends_with(".cdb") || name.ends_with(".db");
        });
        return names;
    }
    TRY_ASSIGN(const auto view, SiteView::open(world));
    if (kind != NameKind::domain && kind != NameKind::setting) return addresses(view, kind, prefix);
    std::vector<std::string> names;
    if (kind == NameKind::setting) {
        for (const auto& key : site_keys(view.site()))
            names.push_back(key.key);
    } else {
        TRY_ASSIGN(const auto domains, view.domain_names());
        for (const auto& domain : domains)
            names.push_back(domain.text());
    }
    return names;
}

} // namespace

std::vector<std::string> complete_names(const World& world, NameKind kind, std::string_view prefix) {
    auto names = names_of(world, kind, prefix);
    if (!names) return {};
    std::erase_if(*names, [&](const std::string& name) { return !name.starts_with(prefix); });
    std::ranges::sort(*names);
    return std::move(*names);
}

} // namespace mailctl
