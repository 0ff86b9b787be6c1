// SPDX-License-Identifier: Apache-2.0
// Offers for the shell's completion: as compiled where that is enough, so that no file is read for the press of a key.
#include "mailctl/admin/completion_names.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/config/site_file.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/site/name_guard.hpp"
#include "mailctl/site/site_state.hpp"
#include "mailctl/site/site_view.hpp"
#include "mailctl/store/candidates.hpp"
#include "mailctl/store/directory.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace mailctl {

namespace {

// Whose names are offered. Those of more domains would be too many to choose from.
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
    State state = state_to_read(view);
    std::vector<std::string> names;
    if (const auto known = candidates_of(state, domain.name))
        for (const auto& candidate : *known)
            names.push_back(candidate.name.local.text());
    return names;
}

bool is_kind(const DirectorySnapshot::NamedEntry& named, NameKind kind) {
    const auto& [name, entry] = named;
    const auto* mailbox = std::get_if<MailboxEntry>(&entry);
    if (kind == NameKind::mailbox) return mailbox != nullptr && mailbox->mailbox == name;
    if (kind == NameKind::alias) return mailbox != nullptr && mailbox->mailbox != name;
    if (kind == NameKind::forward) return std::holds_alternative<ForwardEntry>(entry);
    if (kind == NameKind::robot) return std::holds_alternative<RobotEntry>(entry);
    return kind == NameKind::list && std::holds_alternative<ListEntry>(entry);
}

// "sales-owner", where bounces of the list "sales" come to, is nobody's forward.
Result<bool> is_made_by_list(const DirectorySnapshot& directory, const DomainName& domain, std::string_view name) {
    const auto ending = list_owner_name("");
    if (!name.ends_with(ending)) return false;
    TRY_ASSIGN(const auto list, directory.find_name(domain, name.substr(0, name.size() - ending.size())));
    return list && std::holds_alternative<ListEntry>(*list);
}

Status add_compiled(const DirectorySnapshot& directory, const DomainName& domain, NameKind kind,
                    std::string_view beginning, std::vector<std::string>& found) {
    TRY_ASSIGN(const auto names, directory.names_beginning(domain, beginning));
    for (const auto& named : names) {
        if (!is_kind(named, kind)) continue;
        TRY_ASSIGN(const bool made, is_made_by_list(directory, domain, named.first));
        if (!made) found.push_back(named.first);
    }
    return {};
}

bool is_compiled(NameKind kind) { return kind != NameKind::candidate && kind != NameKind::banished; }

// Who types letters that are no ASCII is offered names as people write them.
bool is_in_unicode(std::string_view text) {
    return std::ranges::any_of(text, [](char c) { return (static_cast<unsigned char>(c) & 0x80U) != 0; });
}

std::string spelled(const DomainName& name, std::string_view typed) {
    return is_in_unicode(typed) ? name.display() : name.text();
}

Result<std::vector<DomainName>> domains_beginning(const SiteView& view, std::string_view text, std::size_t most) {
    TRY_ASSIGN(const auto* directory, view.compiled());
    if (directory && !is_in_unicode(text)) return directory->domains_beginning(text, most);
    TRY_ASSIGN(auto names, view.domain_names());
    std::erase_if(names, [&](const auto& name) { return !spelled(name, text).starts_with(text); });
    return names;
}

Result<std::vector<std::string>> names_of_deleted(const SiteView& view) {
    NameGuard guard(view);
    TRY_ASSIGN(const auto tombstones, guard.standing());
    std::vector<std::string> names;
    for (const auto& tombstone : tombstones)
        names.push_back(tombstone.address.text());
    return names;
}

Status add_local_parts(const SiteView& view, const DomainName& name, NameKind kind, std::string_view beginning,
                       std::vector<std::string>& found) {
    if (kind == NameKind::fresh) {
        if (!beginning.empty()) found.emplace_back(beginning);
        return {};
    }
    TRY_ASSIGN(const auto* directory, view.compiled());
    if (directory && is_compiled(kind)) return add_compiled(*directory, name, kind, beginning, found);
    const auto domain = view.find_domain(name);
    if (!domain || !*domain) return {};
    auto names = kind == NameKind::candidate ? candidate_names(view, **domain) : local_parts(**domain, kind);
    std::ranges::move(names, std::back_inserter(found));
    return {};
}

Result<std::vector<std::string>> addresses(const SiteView& view, NameKind kind, std::string_view prefix) {
    const auto at = std::min(prefix.find('@'), prefix.size());
    const auto beginning = prefix.substr(0, at), domain_beginning = prefix.substr(std::min(at + 1, prefix.size()));
    TRY_ASSIGN(const auto domains, domains_beginning(view, domain_beginning, max_domains + 1));
    std::vector<std::string> found;
    if (domains.size() > max_domains) return found;
    for (const auto& name : domains) {
        std::vector<std::string> names;
        TRY(add_local_parts(view, name, kind, beginning, names));
        for (const auto& local : names)
            found.push_back(local + "@" + spelled(name, domain_beginning));
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
    if (kind == NameKind::attachment) return list_directory(world.paths.attachments);
    TRY_ASSIGN(const auto view, SiteView::open(world));
    if (kind == NameKind::deleted) return names_of_deleted(view);
    const bool is_plain = kind == NameKind::domain || kind == NameKind::setting || kind == NameKind::node;
    if (!is_plain) return addresses(view, kind, prefix);
    std::vector<std::string> names;
    if (kind == NameKind::setting) {
        for (const auto& key : site_keys(view.site()))
            names.push_back(key.key);
    } else if (kind == NameKind::node) {
        for (const auto& [name, unused] : view.site().nodes)
            names.push_back(name);
    } else {
        TRY_ASSIGN(const auto domains, domains_beginning(view, prefix, std::string::npos));
        for (const auto& domain : domains)
            names.push_back(spelled(domain, prefix));
    }
    return names;
}

} // namespace

// Whoever refuses a value names those there are, so that they stand in one place.
std::vector<std::string> values_of_setting(const World& world, std::string_view key) {
    constexpr std::string_view list = "use one of: ";
    const auto view = SiteView::open(world);
    if (!view) return {};
    for (const auto& known : site_keys(view->site()))
        if (known.key == key && (known.value == "true" || known.value == "false")) return {"true", "false"};
    const auto refused = parse_site(fmt::format("{} = \"?\"", key), "");
    if (refused || !refused.error().hint.starts_with(list)) return {};
    std::vector<std::string> values;
    for (const auto value : split(std::string_view(refused.error().hint).substr(list.size()), ','))
        values.emplace_back(trim(value));
    return values;
}

std::vector<std::string> complete_names(const World& world, NameKind kind, std::string_view prefix) {
    auto names = names_of(world, kind, prefix);
    if (!names) return {};
    std::erase_if(*names, [&](const std::string& name) { return !name.starts_with(prefix); });
    std::ranges::sort(*names);
    return std::move(*names);
}

} // namespace mailctl
