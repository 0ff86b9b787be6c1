// Key by key through the model; what changes is written into the text.
#include "mailctl/admin/rewrite.hpp"

#include "mailctl/admin/edits.hpp"
#include "mailctl/admin/references.hpp"
#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

class Rewriter {
  public:
    Rewriter(const SiteView& view, const Domain& home, const std::string& except, std::span<const NewName> names,
             ChangePlan& plan)
        : delimiters_(view.site().addresses.delimiters), home_(home), except_(except), names_(names), plan_(plan) {
        domain_names_.push_back(home.name);
        domain_names_.insert(domain_names_.end(), home.aliases.begin(), home.aliases.end());
        if (const auto& suffix = view.site().alternate_suffix)
            domain_names_.push_back(alternate_name(home.name, *suffix));
    }

    // Where mail for `address` goes from now on, if that changes.
    [[nodiscard]] std::optional<Address> find_new(const Address& address) const {
        if (std::ranges::find(domain_names_, address.domain) == domain_names_.end()) return std::nullopt;
        const std::string key = address.local.key();
        if (const auto found = find_exact(key)) return found;
        const auto cut = key.find_first_of(delimiters_, 1);
        if (delimiters_.empty() || cut == std::string::npos) return std::nullopt;
        auto base = find_exact(key.substr(0, cut));
        if (!base) return std::nullopt;
        base->local = LocalPart::from_trusted(base->local.text() + key.substr(cut));
        return base;
    }

    void rewrite(const Domain& domain) {
        const bool at_home = &domain == &home_;
        for (const auto& [local, mailbox] : domain.mailboxes) {
            if (at_home && local == except_) continue;
            rewrite_array(domain, {"mailbox", local, "forward"}, mailbox.forward);
            rewrite_array(domain, {"mailbox", local, "copy_to"}, mailbox.copy_to);
            if (mailbox.recovery) rewrite_one(domain, {"mailbox", local, "recovery"}, *mailbox.recovery);
        }
        for (const auto& [local, forward] : domain.forwards)
            rewrite_array(domain, {"forward", local, "to"}, forward.to);
        for (const auto& [local, robot] : domain.robots)
            rewrite_array(domain, {"robot", local, "copy_to"}, robot.copy_to);
        for (const auto& [local, list] : domain.lists) {
            rewrite_array(domain, {"list", local, "members"}, list.members);
            rewrite_posters(domain, {"list", local, "post"}, list.post);
            if (list.owner) rewrite_one(domain, {"list", local, "owner"}, *list.owner);
        }
        rewrite_unknown(domain);
        rewrite_owner(domain);
    }

  private:
    [[nodiscard]] std::optional<Address> find_exact(const std::string& key) const {
        const auto found =
            std::ranges::find_if(names_, [&](const NewName& name) { return name.from.local.key() == key; });
        return found == names_.end() ? std::nullopt : std::optional(found->to);
    }
    void rewrite_array(const Domain& domain, const KeyPath& path, std::span<const Address> targets) {
        for (const auto& target : targets) {
            const auto now = find_new(target);
            if (!now) continue;
            for (auto& edit : remove_target(path, target, domain.name))
                plan_.edit(domain.name, std::move(edit));
            plan_.edit(domain.name, AddElement{path, target_text(*now, domain.name)});
        }
    }
    void rewrite_one(const Domain& domain, const KeyPath& path, const Address& target) {
        if (const auto now = find_new(target)) plan_.edit(domain.name, SetValue{path, target_text(*now, domain.name)});
    }
    void rewrite_posters(const Domain& domain, const KeyPath& path, std::span<const std::string> posters) {
        for (const auto& poster : posters) {
            const auto address = Address::parse(poster);
            const auto now = address ? find_new(*address) : std::nullopt;
            if (!now) continue;
            plan_.edit(domain.name, RemoveElement{path, poster});
            plan_.edit(domain.name, AddElement{path, now->text()});
        }
    }
    void rewrite_unknown(const Domain& domain) {
        UnknownAction action = domain.unknown;
        for (auto& target : action.to)
            if (auto now = find_new(target)) target = std::move(*now);
        if (action != domain.unknown)
            plan_.edit(domain.name, SetValue{{"domain", "unknown"}, unknown_value(action, domain.name)});
    }
    void rewrite_owner(const Domain& domain) {
        const auto owner = Address::parse(domain.owner);
        const auto now = owner ? find_new(*owner) : std::nullopt;
        if (now) plan_.edit(domain.name, SetValue{{"domain", "owner"}, now->text()});
    }

    std::string delimiters_;
    const Domain& home_;
    const std::string& except_;
    std::vector<DomainName> domain_names_;
    std::span<const NewName> names_;
    ChangePlan& plan_;
};

std::size_t count_edits(const ChangePlan& plan, const Domain& domain) {
    const auto found = plan.files.find(SourceFile{domain.name});
    return found == plan.files.end() ? 0 : std::get<std::vector<Edit>>(found->second).size();
}

// Names nothing that the role may not see.
Error may_not_rewrite(const SiteView& view) {
    return {ErrorKind::denied,
            fmt::format("'{}' may not rewrite what others outside refer to", printable(view.role().text())),
            "ask the site's administrator", 0};
}

} // namespace

Status rewrite_references(const SiteView& view, const Domain& home, const std::string& except,
                          std::span<const NewName> names, ChangePlan& plan) {
    Rewriter rewriter(view, home, except, names, plan);
    TRY_ASSIGN(const auto domains, domains_that_may_name(view, home));
    for (const auto* domain : domains) {
        const std::size_t before = count_edits(plan, *domain);
        rewriter.rewrite(*domain);
        if (count_edits(plan, *domain) > before && !view.role().administers(*domain))
            return fail(may_not_rewrite(view));
    }
    const auto& postmaster = view.site().postmaster;
    if (const auto now = postmaster ? rewriter.find_new(*postmaster) : std::nullopt) {
        if (view.role().kind != Role::Kind::site) return fail(may_not_rewrite(view));
        auto& action = plan.files.try_emplace(site_source).first->second;
        std::get<std::vector<Edit>>(action).push_back(SetValue{{"postmaster"}, now->text()});
    }
    return {};
}

} // namespace mailctl
