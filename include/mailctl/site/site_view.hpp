// SPDX-License-Identifier: Apache-2.0
// SiteView: the site as it stands at one moment, for readers and for the planners of changes. Reads only what is asked
// for, takes no lock, and looks through an unfinished change as if it were done, so that a reader sees old or new,
// never between. Source texts are as they lie on disk; "applied" ones are what the compiled directory and the maps were
// made from.
#pragma once

#include "mailctl/report/report.hpp"
#include "mailctl/routing/lookup.hpp"
#include "mailctl/site/part_of_domain.hpp"
#include "mailctl/site/world.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>

namespace mailctl {

class SiteView {
  public:
    // missing: there is no site here.
    static Result<SiteView> open(const World& world);
    // For who carries `pending` through: it may be as large as the site, and need not be read again.
    static Result<SiteView> open(const World& world, std::shared_ptr<const HistoryRecord> pending);

    [[nodiscard]] const Paths& paths() const { return paths_; }                   // mail and archive as the site says
    [[nodiscard]] const Site& site() const { return site_; }                      // as applied
    [[nodiscard]] const HistoryRecord* pending() const { return pending_.get(); } // nullptr: none
    [[nodiscard]] const Role& role() const { return role_; }

    // For who looks at these addresses only: of their domains with files of this size (bytes) or more, find_domain is a
    // part from now on where that can be. False: of none.
    [[nodiscard]] Result<bool> read_in_part(std::span<const Address> about, std::uint64_t size) const;
    [[nodiscard]] std::shared_ptr<const PartOfDomain> find_part(const DomainName& name) const; // nullptr: it is whole

    [[nodiscard]] Result<SourceText> find_text(const SourceFile& file) const;
    [[nodiscard]] Result<SourceText> find_applied_text(const SourceFile& file) const;

    // All domains that have a file. Files whose names are no domain names are left out, and `strays` names them.
    [[nodiscard]] Result<std::vector<DomainName>> domain_names(std::vector<std::string>* strays = nullptr) const;
    [[nodiscard]] Result<bool> has_file(const DomainName& name) const; // the domain, under its real name; not read
    // What the domain's file says now. The pointer lives as long as this view. invalid: it does not parse.
    [[nodiscard]] Result<const Domain*> find_domain(const DomainName& name) const; // nullptr: no such file
    // Through domain aliases and the alternate domain. missing: with the nearest name as hint.
    [[nodiscard]] Result<DomainName> real_name(const DomainName& name) const;
    // What the file of its real name says.
    [[nodiscard]] Result<const Domain*> get_domain(const DomainName& name) const;
    // As get_domain, but where the file does not validate the state last applied, and a note that says so.
    [[nodiscard]] Result<const Domain*> usable_domain(const DomainName& name, std::vector<std::string>& notes) const;
    // The domains a listing is about: those named, else all; of either what the role may see.
    [[nodiscard]] Result<std::vector<const Domain*>> usable_domains(std::span<const DomainName> names,
                                                                    std::vector<std::string>& notes) const;
    // What the domain's applied text says; for a domain never applied, nothing.
    [[nodiscard]] Result<std::optional<Domain>> find_applied_domain(const DomainName& name) const;
    // Real names of all domains that have been applied.
    [[nodiscard]] Result<std::vector<DomainName>> applied_domain_names() const;

    // Real names of the domains whose applied text mentions an address or a domain by one of `names`; those that an
    // unfinished change touches are always among them. An edit by hand counts once it is applied. Without a compiled
    // directory: all domains.
    [[nodiscard]] Result<std::set<DomainName>> domains_mentioning(std::span<const DomainName> names) const;

    // The address with its domain's real name, its own domain being one of ours.
    [[nodiscard]] Result<Address> real_address(const Address& address) const;
    // The compiled directory, an unfinished change included; made from the applied texts where it is lost.
    [[nodiscard]] Result<const Lookup*> applied() const;
    // The same without an unfinished change, for a quick look; nullptr: nothing is compiled.
    [[nodiscard]] Result<const DirectorySnapshot*> compiled() const;

  private:
    struct Cache;
    SiteView(Paths paths, std::shared_ptr<const HistoryRecord> pending);
    [[nodiscard]] Result<SourceText> through(const SourceFile& file, SourceText text) const;
    [[nodiscard]] Result<Domain> parse(const DomainName& name, std::string_view text) const;
    [[nodiscard]] Result<std::vector<DomainName>> names_in(const std::string& directory,
                                                           std::vector<std::string>* strays) const;
    [[nodiscard]] Result<std::unique_ptr<Lookup>> open_directory() const;
    [[nodiscard]] Result<std::unique_ptr<Lookup>> model_of_all() const;

    Paths paths_;
    Site site_;
    std::shared_ptr<const HistoryRecord> pending_; // shared by copies of the view
    Role role_;
    std::shared_ptr<Cache> cache_;
};

// What is said of the strays of SiteView::domain_names.
struct MisnamedFile {
    std::string_view what, remedy;
};
inline constexpr MisnamedFile misnamed_file{"the file's name is not a domain name in lower case and A-labels",
                                            "rename it to NAME.toml, or move it elsewhere"};
// Files whose text is not the one that was applied: edited, new or removed by hand. Reads every source file.
[[nodiscard]] Result<std::vector<SourceFile>> unapplied_files(const SiteView& view);
[[nodiscard]] Paths paths_of(const Paths& paths, const Site& site); // mail.path of the site taken into account

using SiteReader = std::function<Result<Report>(const SiteView&)>;
// Runs `read` on a view, and again if a change was published meanwhile, so that no answer mixes two states.
[[nodiscard]] Result<Report> read_site(const World& world, const SiteReader& read);
// The same for a reader that looks at these addresses only: then a large domain need not be read whole. `read` runs
// once more, on the whole, where it fails on a part.
[[nodiscard]] Result<Report> read_site_about(const World& world, std::span<const Address> addresses,
                                             const SiteReader& read);

} // namespace mailctl
