// SPDX-License-Identifier: Apache-2.0
// The site as it will be after a change: the changed domains as parsed, every other one as `before` answers (the
// compiled directory). So the check of one domain costs what that domain costs, whatever the size of the site.
#pragma once

#include "mailctl/routing/mentions.hpp"

#include <map>
#include <set>
#include <string>

namespace mailctl {

using ChangedDomains = std::map<DomainName, std::optional<Domain>>; // nullopt: no such domain

class ChangedSite final : public Lookup {
  public:
    ChangedSite(const Site& site, const Lookup& before, const ChangedDomains& changed); // all must outlive it
    // Of this changed domain only a part of the accounts is known; `before` is the same part as it was. Other names are
    // answered as before.
    void set_part(const Domain& part_before);
    Result<std::optional<DomainEntry>> find_domain(const DomainName& name) const override;
    Result<std::optional<NameEntry>> find_name(const DomainName& domain, std::string_view local_key) const override;
    Result<std::optional<BanAnswer>> find_banished(const DomainName& domain, std::string_view local_key) const override;
    Result<std::optional<ResponderEntry>> find_responder(const DomainName& domain,
                                                         std::string_view local_key) const override;

    // The real names of all domains that claim `name` for themselves, as own name, alias or alternate name.
    [[nodiscard]] Result<std::set<DomainName>> claimants(const DomainName& name) const;

  private:
    [[nodiscard]] bool is_touched(const DomainName& real) const;
    [[nodiscard]] bool answers_for(const DomainName& real, std::string_view local_key) const;

    const Lookup& before_;
    const ChangedDomains& domains_;
    ModelLookup changed_;
    std::map<DomainName, std::set<DomainName>> claims_;
    std::map<DomainName, std::set<std::string, std::less<>>> parts_; // the names that differ
};

// The same, asked backwards too. All changed domains are known whole.
class ChangedLinks final : public LinkedLookup {
  public:
    ChangedLinks(const Site& site, const LinkedLookup& before, const ChangedDomains& changed); // all must outlive it
    Result<std::optional<DomainEntry>> find_domain(const DomainName& name) const override;
    Result<std::optional<NameEntry>> find_name(const DomainName& domain, std::string_view local_key) const override;
    Result<std::optional<BanAnswer>> find_banished(const DomainName& domain, std::string_view local_key) const override;
    Result<std::optional<ResponderEntry>> find_responder(const DomainName& domain,
                                                         std::string_view local_key) const override;
    Result<std::vector<DomainName>> claimed_names(const DomainName& real) const override;
    Result<Mentions> find_mentions(const DomainName& asked) const override;

  private:
    const LinkedLookup& before_;
    const ChangedDomains& domains_;
    std::optional<DomainName> alternate_suffix_;
    ChangedSite site_;
};

} // namespace mailctl
