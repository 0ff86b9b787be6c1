// SPDX-License-Identifier: Apache-2.0
// The errors here are seen by nobody: after any of them the change is planned again from the whole.
#include "mailctl/site/part_of_domain.hpp"

#include "mailctl/config/domain_file.hpp"
#include "mailctl/os/digest.hpp"
#include "mailctl/os/files.hpp"

namespace mailctl {

namespace {

detail::Unexpected beyond(const std::string& what) {
    return fail(ErrorKind::conflict, "a part does not tell: " + what);
}

// The account that a name belongs to: of an alias its mailbox, of a list's bounces the list.
Status add_holder(const DirectorySnapshot& directory, const DomainName& domain, const std::string& name,
                  std::set<std::string>& accounts) {
    accounts.insert(name);
    TRY_ASSIGN(const auto entry, directory.find_name(domain, name));
    if (!entry) return {};
    if (const auto* mailbox = std::get_if<MailboxEntry>(&*entry)) accounts.insert(mailbox->mailbox);
    const auto ending = list_owner_name("");
    if (name.ends_with(ending)) accounts.insert(name.substr(0, name.size() - ending.size()));
    return {};
}

// Accounts of the domain that mention one of the names.
Result<std::set<std::string>> find_mentioning(const DirectorySnapshot& directory, const Site& site,
                                              const PartOrder& order) {
    std::set<std::string> holders;
    TRY_ASSIGN(const auto all_names, directory.claimed_names(order.domain));
    for (const auto& asked : all_names) {
        TRY_ASSIGN(const auto mentions, directory.find_mentions(asked));
        const auto own = mentions.find(order.domain);
        if (own == mentions.end()) continue;
        for (const auto& mention : own->second) {
            const auto& delimiters = site.addresses.delimiters;
            const auto base = mention.local.substr(0, delimiters.empty() ? mention.local.npos
                                                                         : mention.local.find_first_of(delimiters, 1));
            if (order.names.contains(mention.local) || order.names.contains(base)) holders.insert(mention.holder);
        }
    }
    holders.erase(""); // the domain itself
    return holders;
}

// Names that a part and the directory must agree on.
Result<bool> agrees(const DirectorySnapshot& directory, const Domain& part, const std::set<std::string>& names) {
    const auto claimed = name_entries(part);
    for (const auto& name : names) {
        TRY_ASSIGN(const auto entry, directory.find_name(part.name, name));
        if (entry.has_value() != claimed.contains(name)) return false;
    }
    return true;
}

bool is_account_edit(const PartOfDomain& part, const Edit& edit) {
    static const std::set<std::string, std::less<>> kinds{"mailbox", "forward", "robot", "list", "elsewhere"};
    if (std::holds_alternative<RenameTable>(edit)) return false;
    const auto& path = std::visit([](const auto& each) -> const KeyPath& { return each.path; }, edit);
    return path.size() >= 2 && kinds.contains(path[0]) && part.names.contains(path[1]);
}

} // namespace

Result<std::shared_ptr<const PartOfDomain>> read_part(const DirectorySnapshot& directory, const Site& site,
                                                      const PartOrder& order) {
    TRY_ASSIGN(const auto stamp, find_stamp(order.file));
    TRY_ASSIGN(const auto source, directory.find_source(order.domain));
    if (!stamp || !source) return nullptr;
    PartOfDomain part{*stamp, {}, source->digest, {}, Domain(order.domain), order.names};
    TRY_ASSIGN(part.text, find_file(order.file));
    if (!part.text || digest(*part.text) != source->digest) return nullptr;

    std::set<std::string> accounts;
    TRY_ASSIGN(auto concerned, find_mentioning(directory, site, order));
    concerned.insert(order.names.begin(), order.names.end());
    for (const auto& name : concerned) {
        TRY(add_holder(directory, order.domain, name, accounts));
    }
    part.excerpt = Excerpt::take(*part.text, accounts);
    if (!part.excerpt) return nullptr;
    auto parsed = parse_domain(part.excerpt->reading_text(), order.file, order.domain, site.addresses);
    if (!parsed || parsed->domain.limits != DomainLimits{}) return nullptr;
    part.domain = std::move(parsed->domain);
    TRY_ASSIGN(const bool good, agrees(directory, part.domain, accounts));
    if (!good) return nullptr;
    for (const auto& [name, unused] : name_entries(part.domain))
        part.names.insert(name);
    return std::make_shared<const PartOfDomain>(std::move(part));
}

Result<EditedPart> edit_part(const PartOfDomain& part, std::span<const Edit> edits, const std::string& file) {
    for (const auto& edit : edits)
        if (!is_account_edit(part, edit)) return beyond(file);
    TRY_ASSIGN(const auto edited, part.excerpt->edited(edits, file));
    return EditedPart{edited.whole_text(), edited.reading_text()};
}

Status check_new_names(const PartOfDomain& part, const Domain& after, const Lookup& compiled) {
    const auto earlier = name_entries(part.domain);
    for (const auto& [name, unused] : name_entries(after)) {
        if (earlier.contains(name)) continue;
        TRY_ASSIGN(const auto holder, compiled.find_name(after.name, name));
        if (holder) return beyond(name);
    }
    return {};
}

} // namespace mailctl
