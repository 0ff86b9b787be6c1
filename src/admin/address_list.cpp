// SPDX-License-Identifier: Apache-2.0
#include "mailctl/admin/address_list.hpp"

#include "mailctl/change/look_ups.hpp"
#include "mailctl/change/model_plan.hpp"
#include "mailctl/routing/lookup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace mailctl {

namespace {

struct ListedAddress {
    std::string kind;
    std::vector<Address> to;
    std::string state;
};

// The addresses of one domain by kind and name.
class AddressesOfDomain {
  public:
    AddressesOfDomain(const Domain& domain, const Site& site, Date today)
        : domain_(domain), rest_(domain.state == DomainState::suspended ? "suspended" : "active") {
        for (const auto& [local, mailbox] : domain.mailboxes)
            add_mailbox(local, mailbox, today);
        for (const auto& [local, forward] : domain.forwards)
            add(local, "forward", forward.to);
        for (const auto& [local, robot] : domain.robots)
            add(local, "robot", robot.copy_to, robot.enabled ? rest_ : "disabled");
        for (const auto& [local, list] : domain.lists)
            add_list(local, list);
        for (const auto& [local, unused] : domain.elsewhere)
            add(local, "elsewhere", {address_in(domain, local)});
        for (const auto& ban : domain.banished)
            add(ban.name, "banished", {}, ban.answer == BanAnswer::discard ? "discards" : "rejects");
        add_postmaster(site);
        add_unknown();
    }
    void show(const AddressFilter& filter, Report& report) const {
        for (const auto& kind : address_kinds()) {
            const auto listed = by_kind_.find(kind);
            if (listed == by_kind_.end() || !asks_for(filter, kind)) continue;
            for (const auto& [local, address] : listed->second)
                if (passes(filter, address)) report.rows.push_back(row(local, address));
        }
    }

  private:
    static bool asks_for(const AddressFilter& filter, const std::string& kind) {
        return filter.kinds.empty() || std::ranges::find(filter.kinds, kind) != filter.kinds.end();
    }
    [[nodiscard]] bool passes(const AddressFilter& filter, const ListedAddress& address) const {
        if (filter.state && *filter.state != address.state) return false;
        if (!filter.to) return true;
        return std::ranges::any_of(address.to, [&](const Address& target) { return target.key() == filter.to->key(); });
    }
    [[nodiscard]] Cells row(const std::string& local, const ListedAddress& address) const {
        return {{"address", fmt::format("{}@{}", local, domain_.name.display())},
                {"kind", address.kind},
                {"to", shown(address.to)},
                {"state", address.state}};
    }
    void add(const std::string& local, const std::string& kind, std::vector<Address> to) {
        add(local, kind, std::move(to), rest_);
    }
    void add(const std::string& local, const std::string& kind, std::vector<Address> to, std::string state) {
        by_kind_[kind].emplace(local, ListedAddress{kind, std::move(to), std::move(state)});
    }
    void add_mailbox(const std::string& local, const Mailbox& mailbox, Date today) {
        const auto address = address_in(domain_, local);
        const std::string state = mailbox.suspend && in_force(*mailbox.suspend, today) ? "suspended" : rest_;
        std::vector<Address> to;
        if (mailbox.store) to.push_back(address);
        to.insert(to.end(), mailbox.forward.begin(), mailbox.forward.end());
        to.insert(to.end(), mailbox.copy_to.begin(), mailbox.copy_to.end());
        add(local, "mailbox", std::move(to), state);
        for (const auto& alias : mailbox.aliases)
            add(alias, "alias", {address}, state);
    }
    void add_list(const std::string& local, const List& list) {
        add(local, "list", list.members);
        const auto owner = list_owner_name(local);
        if (!holder_of(domain_, owner))
            add(owner, "list-owner", {list.owner.value_or(address_in(domain_, "postmaster"))});
    }
    void add_postmaster(const Site& site) {
        for (const auto* name : {"abuse", "postmaster"})
            if (site.postmaster && !holder_of(domain_, name)) add(name, "postmaster", {*site.postmaster});
    }
    void add_unknown() {
        const auto& unknown = domain_.unknown;
        static const std::map<UnknownAction::Kind, std::string> states{{UnknownAction::Kind::reject, "rejects"},
                                                                       {UnknownAction::Kind::discard, "discards"},
                                                                       {UnknownAction::Kind::candidate, "holds"}};
        const auto state = states.find(unknown.kind);
        std::vector<Address> to = unknown.to;
        if (unknown.domain) to.push_back({LocalPart::from_trusted("*"), *unknown.domain});
        add("*", "unknown", std::move(to), state == states.end() ? rest_ : state->second);
    }

    const Domain& domain_;
    std::string rest_; // state of what has none of its own
    std::map<std::string, std::map<std::string, ListedAddress>> by_kind_;
};

} // namespace

const std::vector<std::string>& address_kinds() {
    static const std::vector<std::string> kinds{"mailbox",    "alias",     "forward",  "robot",      "list",
                                                "list-owner", "elsewhere", "banished", "postmaster", "unknown"};
    return kinds;
}

const std::vector<std::string>& address_states() {
    static const std::vector<std::string> states{"active", "suspended", "disabled", "rejects", "discards", "holds"};
    return states;
}

Result<Report> list_addresses(const World& world, std::span<const DomainName> domains, const AddressFilter& filter) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("address");
        TRY_ASSIGN(const auto found, view.usable_domains(domains, report.notes));
        const Date today = day_in_zone(world.clock(), view.site().time_zone);
        AddressFilter wanted = filter;
        if (wanted.to) wanted.to->domain = real_names(view)(wanted.to->domain);
        for (const auto* domain : found)
            AddressesOfDomain(*domain, view.site(), today).show(wanted, report);
        return report;
    });
}

} // namespace mailctl
