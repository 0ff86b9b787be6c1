// SPDX-License-Identifier: Apache-2.0
// Searching for who refers to an address.
#include "mailctl/change/references.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/change/look_ups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace mailctl {

namespace {

// What is to go away: single addresses, or whole domains.
class Leaving {
  public:
    void add_domain_names(const SiteView& view, const Domain& domain) {
        names_.emplace(domain.name, domain.name);
        for (const auto& alias : domain.aliases)
            names_.emplace(alias, domain.name);
        if (const auto& suffix = view.site().alternate_suffix)
            names_.emplace(alternate_name(domain.name, *suffix), domain.name);
    }
    void add(const Address& address) { addresses_.insert(address.key()); }
    void add(const DomainName& domain) { domains_.insert(domain); }

    [[nodiscard]] bool has(const DomainName& name) const {
        const auto real = names_.find(name);
        return real != names_.end() && domains_.contains(real->second);
    }
    [[nodiscard]] bool has(const Address& address) const {
        const auto real = names_.find(address.domain);
        return real != names_.end() &&
               (domains_.contains(real->second) || addresses_.contains(Address{address.local, real->second}.key()));
    }
    // All names of the domains concerned.
    [[nodiscard]] std::vector<DomainName> names() const {
        std::vector<DomainName> names;
        for (const auto& [name, unused] : names_)
            names.push_back(name);
        return names;
    }
    [[nodiscard]] std::set<DomainName> homes() const {
        std::set<DomainName> homes;
        for (const auto& [unused, real] : names_)
            homes.insert(real);
        return homes;
    }

  private:
    std::map<DomainName, DomainName> names_; // all names of the domains concerned -> the real one
    std::set<std::string> addresses_;
    std::set<DomainName> domains_;
};

// Who names what leaves, and the command that ends it.
struct Reference {
    std::string who, way_out;
};

std::vector<std::string> those_of(const std::vector<Reference>& references, std::string Reference::*part) {
    std::vector<std::string> parts;
    for (const auto& reference : references)
        parts.push_back(reference.*part);
    return parts;
}

class Collector {
  public:
    explicit Collector(const Leaving& leaving) : leaving_(leaving) {}

    void visit(const Domain& domain) {
        if (leaving_.has(domain.name)) return;
        for (const auto& [local, mailbox] : domain.mailboxes) {
            visit(domain, "mailbox", local, mailbox.forward, " (forward)", "mailbox set {} forward-={}");
            visit(domain, "mailbox", local, mailbox.copy_to, " (copy_to)", "mailbox set {} copy_to-={}");
        }
        for (const auto& [local, forward] : domain.forwards)
            visit(domain, "forward", local, forward.to, "", "forward set {} to-={}");
        for (const auto& [local, robot] : domain.robots)
            visit(domain, "robot", local, robot.copy_to, " (copy_to)", "robot set {} copy_to-={}");
        for (const auto& [local, list] : domain.lists) {
            visit(domain, "list", local, list.members, "", "list remove {} {}");
            if (list.owner) visit(domain, "list", local, std::span(&*list.owner, 1), " (owner)", "list set {} owner=");
        }
        const bool redirected =
            std::ranges::any_of(domain.unknown.to, [&](const auto& to) { return leaving_.has(to); });
        if (redirected || (domain.unknown.domain && leaving_.has(*domain.unknown.domain)))
            found_.push_back({fmt::format("domain '{}' (unknown)", domain.name.display()),
                              fmt::format("mailctl catchall set {} reject", domain.name.text())});
    }
    [[nodiscard]] std::vector<Reference> found() && { return std::move(found_); }

  private:
    void visit(const Domain& domain, std::string_view kind, const std::string& local, std::span<const Address> targets,
               std::string_view key, std::string_view command) {
        const Address holder = address_in(domain, local);
        if (leaving_.has(holder)) return;
        std::vector<std::string> ways;
        for (const auto& target : targets)
            if (leaving_.has(target))
                ways.push_back("mailctl " + fmt::format(fmt::runtime(command), holder.text(), target.text()));
        if (!ways.empty()) found_.push_back({fmt::format("{} '{}'{}", kind, holder.display(), key), join(ways, ", ")});
    }

    const Leaving& leaving_;
    std::vector<Reference> found_;
};

// A postmaster that nobody is yet cannot be taken away.
Result<bool> takes_postmaster_away(const SiteView& view, const Leaving& leaving) {
    const auto& postmaster = view.site().postmaster;
    if (!postmaster || !leaving.has(*postmaster)) return false;
    TRY_ASSIGN(const auto* domain, view.get_domain(postmaster->domain));
    return holder_of(*domain, postmaster->local.key()).has_value();
}

Result<std::vector<Reference>> collect(const SiteView& view, const Leaving& leaving) {
    Collector collector(leaving);
    TRY_ASSIGN(auto domains, view.domains_mentioning(leaving.names()));
    domains.merge(leaving.homes());
    for (const auto& name : domains) {
        TRY_ASSIGN(const bool exists, view.has_file(name));
        if (!exists) continue; // removed by hand
        std::vector<std::string> notes;
        TRY_ASSIGN(const auto* domain, view.usable_domain(name, notes));
        collector.visit(*domain);
    }
    auto found = std::move(collector).found();
    TRY_ASSIGN(const bool postmaster, takes_postmaster_away(view, leaving));
    if (postmaster)
        found.push_back(
            {fmt::format("postmaster in '{}'", view.paths().site_file), "mailctl config set postmaster=ADDRESS"});
    return found;
}

// "take it out first: mailctl list remove band@example.org george@example.org"; of many ways the first few.
std::string take_out(const std::vector<Reference>& references) {
    constexpr std::size_t most = 3;
    const auto few = std::span(references).first(std::min(references.size(), most));
    const auto ways = join(those_of({few.begin(), few.end()}, &Reference::way_out), ", ");
    return fmt::format("take it out first: {}{}", ways, references.size() > most ? ", and so on" : "");
}

Status refuse(const std::vector<Reference>& references, std::string_view what, std::string_view before,
              std::string_view behind) {
    if (references.empty()) return {};
    return fail(ErrorKind::conflict,
                fmt::format("{} cannot be deleted, others refer to it: {}", what,
                            join(those_of(references, &Reference::who), ", ")),
                fmt::format("{}{}{}", before, take_out(references), behind));
}

Result<std::vector<Reference>> references_to(const SiteView& view, std::span<const Address> addresses) {
    Leaving leaving;
    for (const auto& address : addresses) {
        TRY_ASSIGN(const auto target, get_mailbox_target(view, address));
        leaving.add_domain_names(view, *target.domain);
        leaving.add(target.address);
        for (const auto& alias : target.mailbox->aliases)
            leaving.add(address_in(*target.domain, alias));
    }
    return collect(view, leaving);
}

Result<std::vector<Reference>> references_to(const SiteView& view, std::span<const DomainName> domains) {
    Leaving leaving;
    for (const auto& name : domains) {
        TRY_ASSIGN(const auto* domain, view.get_domain(name));
        leaving.add_domain_names(view, *domain);
        leaving.add(domain->name);
    }
    return collect(view, leaving);
}

} // namespace

Result<std::vector<std::string>> find_references(const SiteView& view, std::span<const Address> addresses) {
    TRY_ASSIGN(const auto references, references_to(view, addresses));
    return those_of(references, &Reference::who);
}

Result<std::vector<std::string>> find_references(const SiteView& view, std::span<const DomainName> domains) {
    TRY_ASSIGN(const auto references, references_to(view, domains));
    return those_of(references, &Reference::who);
}

Status refuse_to_leave_dangling(const SiteView& view, std::span<const Address> names, const ChangeOptions& options) {
    if (options.accept_losses) return {};
    Leaving leaving;
    for (const auto& name : names) {
        TRY_ASSIGN(const auto* domain, view.get_domain(name.domain));
        leaving.add_domain_names(view, *domain);
        leaving.add(Address{LocalPart::from_trusted(name.local.key()), domain->name});
    }
    TRY_ASSIGN(const auto references, collect(view, leaving));
    return refuse(references,
                  names.size() == 1 ? fmt::format("'{}'", names.front().display())
                                    : fmt::format("these {} names", names.size()),
                  "", "; or give --yes, and their mail waits");
}

Result<std::vector<const Domain*>> domains_that_may_name(const SiteView& view, const Domain& home) {
    Leaving names;
    names.add_domain_names(view, home);
    std::vector<const Domain*> domains{&home};
    TRY_ASSIGN(const auto mentioning, view.domains_mentioning(names.names()));
    for (const auto& name : mentioning) {
        if (name == home.name) continue;
        TRY_ASSIGN(const auto* domain, view.find_domain(name));
        if (domain) domains.push_back(domain);
    }
    return domains;
}

Status refuse_if_referred_to(const SiteView& view, std::span<const Address> addresses) {
    TRY_ASSIGN(const auto references, references_to(view, addresses));
    return refuse(references,
                  addresses.size() == 1 ? fmt::format("mailbox '{}'", addresses.front().display())
                                        : fmt::format("these {} mailboxes", addresses.size()),
                  "name who takes over with --redirect-to ADDRESS, or ", "");
}

Status refuse_if_referred_to(const SiteView& view, std::span<const DomainName> domains) {
    TRY_ASSIGN(const auto references, references_to(view, domains));
    return refuse(references,
                  domains.size() == 1 ? fmt::format("domain '{}'", domains.front().display())
                                      : fmt::format("these {} domains", domains.size()),
                  "", "");
}

} // namespace mailctl
